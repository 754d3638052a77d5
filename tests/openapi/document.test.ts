/** The document: valid, current, complete. */
import { readFile } from 'node:fs/promises';
import { ERROR_CODES } from '@farthing/contract';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { ALL_ROUTES } from '../../packages/server/src/api/all-routes.ts';
import { type OpenApiOperation, openApiDocument } from '../../packages/server/src/api/openapi/document.ts';
import { ERROR_TEXTS } from '../../packages/server/src/api/openapi/error-texts.ts';
import { schemaCheck } from './schema-check.ts';

const document = openApiDocument(ALL_ROUTES);
const check = schemaCheck();
const OPERATIONS = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(
    ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation, path, method] as const,
  ),
);

describe('the document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(JSON.parse(JSON.stringify(document)));
    expect([result.valid, result.errors]).toEqual([true, undefined]);
  });

  it('stands in docs/openapi.json as it is: run "npm run openapi" where this fails', async () => {
    const file = await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8');
    expect(JSON.parse(file)).toEqual(JSON.parse(JSON.stringify(document)));
  });

  it('has every endpoint, each once', () => {
    const running = Object.keys(ALL_ROUTES).map((key) => key.replace(/:(\w+)/g, '{$1}'));
    expect(OPERATIONS.map(([key]) => key).sort()).toEqual(running.sort());
    const ids = OPERATIONS.map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('names the permission of every operation that is not public, and a way to sign in', () => {
    for (const [key, operation] of OPERATIONS) {
      const access = ALL_ROUTES[key.replace(/\{(\w+)\}/g, ':$1') as keyof typeof ALL_ROUTES]?.access;
      expect([key, operation['x-permission'] ?? 'public']).toEqual([key, access]);
      expect([key, operation.security.length > 0]).toEqual([key, access !== 'public']);
    }
  });

  it('says what every error code means', () => {
    expect(Object.keys(ERROR_TEXTS).sort()).toEqual(Object.keys(ERROR_CODES).sort());
  });
});

describe.each(OPERATIONS)('%s', (key, operation, path, method) => {
  it('has an example, and its examples fit what it takes', () => {
    const route = ALL_ROUTES[key.replace(/\{(\w+)\}/g, ':$1') as keyof typeof ALL_ROUTES];
    expect(route?.examples.length).toBeGreaterThan(0);
    expect(problemsOf(operation, path, method)).toEqual([]);
  });
});

function problemsOf(operation: OpenApiOperation, path: string, method: string): string[] {
  const at = ['paths', path, method];
  const ofParameters = (operation.parameters ?? []).flatMap((parameter, index) =>
    Object.values(parameter.examples ?? {}).flatMap(({ value }) =>
      check
        .problems([...at, 'parameters', String(index), 'schema'], value)
        .map((problem) => `${parameter.name}${problem}`),
    ),
  );
  const ofBodies = Object.entries(operation.requestBody?.content ?? {}).flatMap(([type, { examples }]) =>
    Object.values(examples ?? {}).flatMap(({ value }) =>
      check.problems([...at, 'requestBody', 'content', type, 'schema'], value),
    ),
  );
  return [...ofParameters, ...ofBodies];
}
