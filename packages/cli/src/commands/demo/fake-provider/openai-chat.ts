/** `POST /v1/chat/completions`. */
import { jsonPieces, type OfferedTool, sampleOf, textAnswer, toolToCall } from './answer.ts';
import { dataFrame, type Reply } from './reply.ts';
import {
  countIn,
  draw,
  type FakeRequest,
  idFrom,
  list,
  object,
  stringIn,
  textLength,
  tokensOf,
} from './request.ts';

interface ChatAnswer {
  readonly pieces: readonly string[];
  readonly tool: { readonly id: string; readonly name: string } | undefined;
  readonly finish: 'stop' | 'length' | 'tool_calls';
  readonly usage: unknown;
}

/** Answers with text, structured output or a tool call; SSE where `stream` is set. */
export function chatCompletion(request: FakeRequest): Reply {
  const answer = answerOf(request);
  return request.stream ? streamReply(request, answer) : jsonReply(request, answer);
}

function answerOf(request: FakeRequest): ChatAnswer {
  const { body, digest } = request;
  const messages = list(body['messages']);
  const last = object(messages.at(-1));
  const offered = list(body['tools']).flatMap((tool): OfferedTool[] => {
    const spec = object(object(tool)['function']);
    const name = stringIn(spec['name']);
    return name === undefined ? [] : [{ name, schema: spec['parameters'] }];
  });
  const tool = toolToCall(offered, body['tool_choice'], last['role'] === 'tool');
  if (tool !== undefined) {
    const pieces = jsonPieces(sampleOf(tool.schema));
    const call = { id: idFrom('call_', digest, 4), name: tool.name };
    return { pieces, tool: call, finish: 'tool_calls', usage: usageOf(request, pieces.length + 8) };
  }
  const schema = object(object(body['response_format'])['json_schema'])['schema'];
  if (schema !== undefined) {
    const pieces = jsonPieces(sampleOf(schema));
    return { pieces, tool: undefined, finish: 'stop', usage: usageOf(request, pieces.length) };
  }
  const { pieces, cut } = textAnswer(
    digest,
    countIn(body['max_completion_tokens']) ?? countIn(body['max_tokens']),
  );
  return { pieces, tool: undefined, finish: cut ? 'length' : 'stop', usage: usageOf(request, pieces.length) };
}

/** Counts derived from the request; long prompts are half cached, reasoning models reason. */
export function openAiCounts(request: FakeRequest, visible: number) {
  const { body, digest, model } = request;
  const prompt =
    7 +
    tokensOf(
      textLength(body['messages'] ?? body['input']) +
        textLength(body['instructions']) +
        textLength(body['tools']),
    );
  const cached = prompt >= 1024 ? Math.floor(prompt / 256) * 128 : 0;
  const reasoning = /^(o\d|gpt-5)/.test(model) ? 64 * (1 + draw(digest, 3, 4)) : 0;
  return { prompt, cached, reasoning, completion: visible + reasoning };
}

function usageOf(request: FakeRequest, visible: number): unknown {
  const { prompt, cached, reasoning, completion } = openAiCounts(request, visible);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** The tier the provider says it served. */
export function servedTier(request: FakeRequest): string {
  const asked = stringIn(request.body['service_tier']);
  return asked === 'flex' || asked === 'priority' ? asked : 'default';
}

function jsonReply(request: FakeRequest, answer: ChatAnswer): Reply {
  const whole = answer.pieces.join('');
  const message = {
    role: 'assistant',
    content: answer.tool === undefined ? whole : null,
    ...(answer.tool === undefined
      ? {}
      : {
          tool_calls: [
            { id: answer.tool.id, type: 'function', function: { name: answer.tool.name, arguments: whole } },
          ],
        }),
    refusal: null,
    annotations: [],
  };
  return {
    kind: 'json',
    status: 200,
    body: {
      id: idFrom('chatcmpl-', request.digest),
      object: 'chat.completion',
      created: request.created,
      model: request.model,
      choices: [{ index: 0, message, logprobs: null, finish_reason: answer.finish }],
      ...(request.usage === 'none' ? {} : { usage: answer.usage }),
      service_tier: servedTier(request),
      system_fingerprint: 'fp_farthingfake',
    },
  };
}

function streamReply(request: FakeRequest, answer: ChatAnswer): Reply {
  const asked = object(request.body['stream_options'])['include_usage'] === true;
  const withUsage = asked && request.usage !== 'none';
  const chunk = (choices: readonly unknown[], usage: unknown = null) =>
    dataFrame({
      id: idFrom('chatcmpl-', request.digest),
      object: 'chat.completion.chunk',
      created: request.created,
      model: request.model,
      service_tier: servedTier(request),
      system_fingerprint: 'fp_farthingfake',
      choices,
      ...(withUsage ? { usage } : {}),
    });
  const delta = (value: unknown, finish: string | null = null) =>
    chunk([{ index: 0, delta: value, logprobs: null, finish_reason: finish }]);
  const piece = (value: string) =>
    answer.tool === undefined
      ? delta({ content: value })
      : delta({ tool_calls: [{ index: 0, function: { arguments: value } }] });
  const usageChunk = withUsage ? [chunk([], answer.usage)] : [];
  return {
    kind: 'sse',
    frames: [
      delta(openingDelta(answer)),
      ...answer.pieces.map(piece),
      delta({}, answer.finish),
      ...usageChunk,
      ...(request.usage === 'twice' ? usageChunk : []),
      'data: [DONE]\n\n',
    ],
    filler: piece(answer.tool === undefined ? ' and' : ' '),
    error: dataFrame({
      error: {
        message: 'The server had an error while processing your request. Sorry about that!',
        type: 'server_error',
        param: null,
        code: null,
      },
    }),
  };
}

function openingDelta(answer: ChatAnswer): unknown {
  if (answer.tool === undefined) return { role: 'assistant', content: '', refusal: null };
  const call = {
    index: 0,
    id: answer.tool.id,
    type: 'function',
    function: { name: answer.tool.name, arguments: '' },
  };
  return { role: 'assistant', content: null, tool_calls: [call], refusal: null };
}
