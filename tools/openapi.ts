/** Writes docs/openapi.json from the endpoints as they are: `npm run openapi` after a change of a route. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ALL_ROUTES } from '../packages/server/src/api/all-routes.ts';
import { openApiDocument } from '../packages/server/src/api/openapi/document.ts';

const file = fileURLToPath(new URL('../docs/openapi.json', import.meta.url));
await writeFile(file, `${JSON.stringify(openApiDocument(ALL_ROUTES), null, 1)}\n`);
console.log('docs/openapi.json is current.');
