/**
 * Serves the built dashboard: hashed files are cached without end, the page itself is never cached and has a strict
 * policy.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DASHBOARD_PATHS } from '@farthing/contract/pages';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** The name of such a file changes with what is in it. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const FOR_A_DAY = 'public, max-age=86400';

const NONCE_MARK = '__CSP_NONCE__';

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Farthing</title>
<p>The dashboard has not been built. Stop the server and start it with <code>npm start</code>, which builds it;
or run <code>npm run build -w packages/web</code>. The API works without it.</p>`;

/** The built dashboard. */
export interface Dashboard {
  readonly folder: string;
  /** Null: it has not been built. */
  readonly page: string | null;
}

/** Reads the build in `folder`: `index.html`, with `assets/` beside it. */
export async function openDashboard(folder: string): Promise<Dashboard> {
  return { folder, page: await readFile(join(folder, 'index.html'), 'utf8').catch(() => null) };
}

/** Registers the pages. */
export async function dashboardPages(app: FastifyInstance, { folder, page }: Dashboard): Promise<void> {
  await app.register(fastifyStatic, {
    root: folder,
    serve: false,
    cacheControl: false,
    // Set where there is a file: that something is missing must not be kept.
    setHeaders: (reply, path) => {
      reply.header('cache-control', path.startsWith(join(folder, 'assets')) ? FOR_EVER : FOR_A_DAY);
    },
  });
  for (const path of DASHBOARD_PATHS) {
    // The registry names parameters as the router does.
    app.get(path.replaceAll('$', ':'), { config: { access: 'public' } }, (_request, reply) =>
      sendPage(reply, page),
    );
  }
  app.get<{ Params: { '*': string } }>('/assets/*', { config: { access: 'public' } }, (request, reply) =>
    reply.sendFile(`assets/${request.params['*']}`),
  );
  app.get('/favicon.svg', { config: { access: 'public' } }, (_request, reply) =>
    reply.sendFile('favicon.svg'),
  );
}

/** Addresses for programs: unknown ones below them are answered in JSON, even to a browser. */
const FOR_PROGRAMS = /^\/(?:api|trpc|gateway|v1|assets)(?:\/|$)/;

/** True if a browser opened an unknown address: it gets the dashboard, which says that there is no such page. */
export function wantsPage({ method, url, headers }: FastifyRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const path = url.replace(/[?#].*$/s, '');
  return /\btext\/html\b/i.test(headers.accept ?? '') && !FOR_PROGRAMS.test(path);
}

/** The dashboard for an address that is none of its pages. */
export function sendNotFoundPage(reply: FastifyReply, { page }: Dashboard): FastifyReply {
  return sendPage(reply.code(404), page);
}

function sendPage(reply: FastifyReply, page: string | null): FastifyReply {
  const nonce = randomBytes(16).toString('base64');
  reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('content-security-policy', policy(nonce))
    .header('referrer-policy', 'no-referrer')
    .header('cross-origin-opener-policy', 'same-origin')
    .header('permissions-policy', 'camera=(), geolocation=(), microphone=()')
    .header('x-frame-options', 'DENY');
  if (page === null) return reply.code(503).send(NOT_BUILT);
  return reply.send(page.replaceAll(NONCE_MARK, nonce));
}

/** Own files only; style elements need the nonce; nothing may frame the page or be framed by it. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
