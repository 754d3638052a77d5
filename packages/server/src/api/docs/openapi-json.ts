/** `GET /openapi.json`: the document of everything that runs here. */
import { text } from '../answer-kinds.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { openApiDocument } from '../openapi/document.ts';

/** Makes the endpoint for these routes, itself among them: asked for when the first caller comes. */
export function openApiJson(routes: () => { readonly [key: string]: Endpoint }): Endpoint {
  let document: string | null = null;
  return endpoint({
    access: 'public',
    summary: 'This reference as an OpenAPI 3.1 document.',
    description: 'People read it at `/docs`.',
    tags: ['operations'],
    etag: true,
    answer: text('application/json; charset=utf-8'),
    examples: [{ name: 'ask' }],
    handle() {
      document ??= JSON.stringify(openApiDocument(routes()));
      return document;
    },
  });
}
