/** Checks values by the schemas of the document. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { ALL_ROUTES } from '../../packages/server/src/api/all-routes.ts';
import { type OpenApiDocument, openApiDocument } from '../../packages/server/src/api/openapi/document.ts';

export interface SchemaCheck {
  /** What is wrong with a value, as `path: what`; empty = nothing. `pointer` leads to a schema of the document. */
  problems(pointer: readonly string[], value: unknown): string[];
}

/** With `closed`, members of answers that are not written down are problems too. */
export function schemaCheck(
  document: OpenApiDocument = openApiDocument(ALL_ROUTES, { closed: true }),
): SchemaCheck {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
  formats.default(ajv);
  ajv.addSchema(document, 'document');
  return {
    problems(pointer, value) {
      const path = pointer.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).map(encodeURI);
      const validate = ajv.getSchema(`document#/${path.join('/')}`);
      if (validate === undefined) throw new Error(`No schema at ${pointer.join(' › ')}`);
      if (validate(value) === true) return [];
      return (validate.errors ?? []).map(
        ({ instancePath, message, params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`,
      );
    },
  };
}
