import { describe, expect, it } from 'vitest';
import { anthropic } from './anthropic/form.ts';
import { azure } from './azure/form.ts';
import { bedrock } from './bedrock/form.ts';
import { cohere } from './cohere/form.ts';
import { framingOf, memberAt, rootMembers } from './description/members.ts';
import { matchPath, surfaceOfEnd } from './description/paths.ts';
import type { ProviderForm } from './description/provider-form.ts';
import { gemini } from './gemini/form.ts';
import { mistral } from './mistral/form.ts';
import { openai } from './openai/form.ts';
import { providerOfUrl, resolveProvider } from './provider.ts';
import { FORMS, formOf } from './registry.ts';
import { SHAPES } from './shapes.ts';
import { vertex } from './vertex/form.ts';

const GOOGLE = '/v1/projects/p/locations/europe-west1';

const PATHS: readonly (readonly [ProviderForm, string, string, object])[] = [
  [openai, '/v1/chat/completions', 'chat', { model: null, streams: null }],
  [openai, '/v1/responses/compact', 'responses.compact', {}],
  [openai, '/v1/images/edits', 'images', {}],
  [
    azure,
    '/openai/deployments/our%20gpt/chat/completions',
    'chat',
    { deployment: 'our gpt', model: null, streams: null },
  ],
  [azure, '/openai/v1/responses', 'responses', { deployment: null }],
  [azure, '/openai/responses', 'responses', { deployment: null }],
  [anthropic, '/v1/messages', 'messages', { streams: null }],
  [
    gemini,
    '/v1beta/models/gemini-2.5-flash:streamGenerateContent',
    'streamgeneratecontent',
    { model: 'gemini-2.5-flash', streams: true, names: { version: 'v1beta' } },
  ],
  [gemini, '/v1beta/models/gemini-2.5-flash:generateContent', 'generatecontent', { streams: false }],
  [gemini, '/v1beta/openai/chat/completions', 'chat', { model: null }],
  [
    vertex,
    `${GOOGLE}/publishers/google/models/gemini-2.5-pro:generateContent`,
    'generatecontent',
    { model: 'gemini-2.5-pro', names: { version: 'v1', project: 'p', location: 'europe-west1' } },
  ],
  [
    vertex,
    `${GOOGLE}/publishers/anthropic/models/claude-sonnet-4@20250514:streamRawPredict`,
    'messages',
    { model: 'claude-sonnet-4@20250514', streams: true },
  ],
  [vertex, `${GOOGLE}/endpoints/openapi/chat/completions`, 'chat', { model: null }],
  [
    bedrock,
    '/model/eu.amazon.nova-lite-v1%3A0/converse-stream',
    'converse',
    { model: 'eu.amazon.nova-lite-v1:0', streams: true },
  ],
  [
    bedrock,
    '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.x/invoke',
    'invoke',
    { model: 'arn:aws:bedrock:us-east-1:1:inference-profile/us.x', streams: false },
  ],
  [bedrock, '/model/50%/converse', 'converse', { model: '50%' }],
  [cohere, '/v2/rerank', 'cohere.rerank', {}],
  [mistral, '/v1/fim/completions', 'chat', {}],
];

describe('a path', () => {
  it.each(PATHS)('of $id: %s', (form, path, name, said) => {
    const match = matchPath(form, path);
    expect(match?.surface.name).toBe(name);
    expect(match).toMatchObject(said);
  });

  it.each([
    '/v1/chat%2Fcompletions',
    '/v1//chat/completions',
    '/v1/chat/completions/',
    '/v1/%63hat/completions',
  ])('is the same path where it is spelled %s', (path) =>
    expect(matchPath(openai, path)?.surface.name).toBe('chat'),
  );

  it.each([
    [openai, '/v1/models'],
    [openai, '/v2/chat/completions'],
    [openai, '/v1/responses/resp_1'],
    [openai, '/v1/chat/completions/%E0%A4%A'],
    [anthropic, '/v1/messages/count_tokens'],
    [anthropic, '/v1/messages/batches'],
    [gemini, '/v1beta/models/gemini-2.5-flash:countTokens'],
    [gemini, '/v1beta/models/:generateContent'],
    [vertex, `${GOOGLE}/publishers/anthropic/models/count-tokens:rawPredict`],
    [vertex, `${GOOGLE}/publishers/anthropic/models/count-tokens%3ArawPredict`],
    [bedrock, '/model/m/count-tokens'],
  ] as const)('that costs nothing, or is not known, is none: $id %s', (form, path) => {
    expect(matchPath(form, path)).toBeNull();
  });

  it('is known by its end, wherever a client is pointed', () => {
    expect(surfaceOfEnd(openai, '/proxy/openai/v7/chat/completions')?.name).toBe('chat');
    expect(surfaceOfEnd(openai, '/v1/completions')?.name).toBe('completions');
    expect(surfaceOfEnd(openai, '/v1/chat/completions/x')).toBeNull();
  });
});

describe('what a form names in a request', () => {
  const surface = (form: ProviderForm, name: string) => {
    const found = form.surfaces.find((one) => one.name === name);
    if (found === undefined) throw new Error(name);
    return found;
  };

  it('is found at its place, and only among own members', () => {
    const [cap = ''] = surface(bedrock, 'converse').request.outputCaps;
    expect(memberAt({ inferenceConfig: { maxTokens: 9 } }, cap)).toBe(9);
    expect(memberAt({ inferenceConfig: 3 }, cap)).toBeUndefined();
    expect(memberAt({}, 'constructor.name')).toBeUndefined();
  });

  it('stands below a few members of the root', () => {
    const { request, stream } = surface(openai, 'chat');
    expect([...rootMembers(request, stream?.usageOption)].sort()).toEqual([
      'inference_geo',
      'max_completion_tokens',
      'max_tokens',
      'model',
      'n',
      'service_tier',
      'speed',
      'stream',
      'stream_options',
    ]);
    expect([...rootMembers(surface(gemini, 'generatecontent').request)]).toEqual([
      'generationConfig',
      'serviceTier',
    ]);
  });

  it('is framed as the media type says', () => {
    const { stream } = surface(gemini, 'streamgeneratecontent');
    expect(framingOf(stream, 'text/event-stream; charset=utf-8')).toBe('sse');
    expect(framingOf(stream, 'application/json; charset=UTF-8')).toBe('json_array');
    expect(framingOf(surface(openai, 'chat').stream, 'application/json')).toBeNull();
    expect(framingOf(surface(bedrock, 'converse').stream, 'application/vnd.amazon.eventstream')).toBe(
      'aws_event_stream',
    );
    expect(framingOf(null, 'text/event-stream')).toBeNull();
    expect(framingOf(surface(openai, 'chat').stream, undefined)).toBeNull();
  });
});

describe('every described form', () => {
  it.each(FORMS)('$id is a known provider, whose address says so', ({ id, baseUrl }) => {
    expect(resolveProvider(id)).toBe(id);
    expect(formOf(id)?.id).toBe(id);
    if (baseUrl !== null && id !== 'vllm') expect(providerOfUrl(`${baseUrl}/`)).toBe(id);
  });

  it.each(FORMS)('$id refuses in JSON and says why', ({ refuse }) => {
    const said = { code: 'budget_exceeded', status: 429, message: 'no money is left.', requestId: 'req_1' };
    const { body, contentType } = refuse(said);
    expect(contentType).toMatch(/^application\/json/);
    expect(JSON.stringify(JSON.parse(body))).toContain('Farthing: no money is left.');
  });

  it.each(FORMS)('$id has answers that a reader is found for', ({ roots, surfaces }) => {
    for (const { name, paths } of surfaces) {
      const spelled = paths.map(({ path }) => `/${roots[0]}/${path}`);
      const read = SHAPES.some(
        (shape) => shape.surfaces.includes(name) || spelled.some((path) => shape.path.test(path)),
      );
      expect([name, read]).toEqual([name, true]);
    }
  });

  it('stands in the list once', () => {
    expect(new Set(FORMS.map(({ id }) => id)).size).toBe(FORMS.length);
  });
});
