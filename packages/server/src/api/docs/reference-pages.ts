/** Serves the reference at `/docs`: a page, its viewer and its style, all from here, under a strict policy. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const pack = promisify(gzip);

const asset = (name: string) => fileURLToPath(new URL(`assets/${name}`, import.meta.url));
const font = (name: string) =>
  fileURLToPath(import.meta.resolve(`@fontsource-variable/inter/files/${name}-wght-normal.woff2`));
const viewer = (name: string) => fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`));

const JS = 'text/javascript; charset=utf-8';
const CSS = 'text/css; charset=utf-8';
const FONT = 'font/woff2';

/** Files the page loads: media type and path. */
const FILES: { readonly [name: string]: readonly [type: string, path: string] } = {
  'swagger-ui-bundle.js': [JS, viewer('swagger-ui-bundle.js')],
  'swagger-ui.css': [CSS, viewer('swagger-ui.css')],
  'reference.js': [JS, asset('reference.js')],
  'reference.css': [CSS, asset('reference.css')],
  'inter-latin.woff2': [FONT, font('inter-latin')],
  'inter-latin-ext.woff2': [FONT, font('inter-latin-ext')],
};

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Farthing API</title>
<link rel="icon" href="favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="stylesheet" href="docs/reference.css">
</head>
<body>
<header class="bar">
<a class="brand" href="./">Farthing</a>
<a href="./">Dashboard</a>
<a href="openapi.json">openapi.json</a>
</header>
<div id="reference"><noscript>The reference needs JavaScript; <a href="openapi.json">openapi.json</a> says the same.</noscript></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/reference.js"></script>
</body>
</html>
`;

/** Own files only; no inline script or style, no frame in either direction. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

interface Packed {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  /** Null: a font is packed already. */
  readonly gzip: Buffer | null;
}

/** Adds `GET /docs` and the files it loads; they hold nothing that is not public. */
export function registerReferencePages(app: FastifyInstance): void {
  const access = { access: 'public' } as const;
  app.get('/docs', { config: access }, (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-cache')
      .header('content-security-policy', POLICY)
      .header('referrer-policy', 'no-referrer')
      .header('cross-origin-opener-policy', 'same-origin')
      .header('x-frame-options', 'DENY')
      .send(PAGE),
  );
  for (const [name, [type, path]] of Object.entries(FILES)) {
    let packed: Promise<Packed> | null = null;
    app.get(`/docs/${name}`, { config: access }, async (request, reply) => {
      packed ??= packFile(type, path);
      return send(await packed, request, reply);
    });
  }
}

/** Read and packed once, when first asked for. */
async function packFile(type: string, path: string): Promise<Packed> {
  const plain = await readFile(path);
  const etag = `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 27)}"`;
  return { type, etag, plain, gzip: type === FONT ? null : await pack(plain) };
}

function send(file: Packed, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply
    .type(file.type)
    .header('cache-control', 'public, max-age=3600')
    .header('vary', 'accept-encoding')
    .header('etag', file.etag);
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  const takesGzip = /\bgzip\b(?!;q=0(?![.\d]*[1-9]))/i.test(String(request.headers['accept-encoding'] ?? ''));
  return takesGzip && file.gzip !== null
    ? reply.header('content-encoding', 'gzip').send(file.gzip)
    : reply.send(file.plain);
}
