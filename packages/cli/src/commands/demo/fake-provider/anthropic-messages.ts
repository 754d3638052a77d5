/** `POST /v1/messages` and `/v1/messages/count_tokens`. */
import { jsonPieces, type OfferedTool, sampleOf, textAnswer, toolToCall } from './answer.ts';
import { namedFrame, type Reply } from './reply.ts';
import {
  countIn,
  draw,
  type FakeBody,
  type FakeRequest,
  idFrom,
  isFakeBody,
  list,
  object,
  stringIn,
  textLength,
  tokensOf,
} from './request.ts';

interface MessageAnswer {
  readonly pieces: readonly string[];
  readonly tool: { readonly id: string; readonly name: string; readonly input: unknown } | undefined;
  readonly stop: 'end_turn' | 'max_tokens' | 'tool_use';
}

/** Answers with text or a tool call; cache fields where the caller marks `cache_control`. */
export function messages(request: FakeRequest): Reply {
  const answer = answerOf(request);
  return request.stream ? streamReply(request, answer) : jsonReply(request, answer);
}

/** Counts what {@link messages} would bill as input. */
export function countTokens(request: FakeRequest): Reply {
  return { kind: 'json', status: 200, body: { input_tokens: promptTokens(request.body) } };
}

function answerOf(request: FakeRequest): MessageAnswer {
  const { body, digest } = request;
  const last = object(list(body['messages']).at(-1));
  const answersResult = list(last['content']).some((block) => object(block)['type'] === 'tool_result');
  const offered = list(body['tools']).flatMap((tool): OfferedTool[] => {
    const name = stringIn(object(tool)['name']);
    const schema = object(tool)['input_schema'];
    return name === undefined || schema === undefined ? [] : [{ name, schema }];
  });
  const tool = toolToCall(offered, body['tool_choice'], answersResult);
  if (tool !== undefined) {
    const input = sampleOf(tool.schema);
    return {
      pieces: jsonPieces(input),
      tool: { id: idFrom('toolu_', digest, 4), name: tool.name, input },
      stop: 'tool_use',
    };
  }
  const { pieces, cut } = textAnswer(digest, countIn(body['max_tokens']));
  return { pieces, tool: undefined, stop: cut ? 'max_tokens' : 'end_turn' };
}

function promptTokens(body: FakeBody): number {
  return 8 + tokensOf(textLength(body['system']) + textLength(body['messages']) + textLength(body['tools']));
}

/** Tokens of the blocks marked `cache_control`, with the longest lifetime asked for. */
function cacheMarked(body: FakeBody): { tokens: number; hour: boolean } {
  const blocks = [
    ...list(body['system']),
    ...list(body['tools']),
    ...list(body['messages']).flatMap((message) => list(object(message)['content'])),
  ].filter((block): block is FakeBody => isFakeBody(block) && isFakeBody(block['cache_control']));
  const tokens = blocks.reduce((sum, block) => sum + tokensOf(textLength(block)), 0);
  return { tokens, hour: blocks.some((block) => object(block['cache_control'])['ttl'] === '1h') };
}

function usageOf(request: FakeRequest, output: number) {
  const marked = cacheMarked(request.body);
  const total = promptTokens(request.body);
  const tokens = Math.min(marked.tokens, total);
  const read = draw(request.digest, 4, 2) === 1 ? tokens : 0;
  const written = tokens - read;
  return {
    input_tokens: total - tokens,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    cache_creation: {
      ephemeral_5m_input_tokens: marked.hour ? 0 : written,
      ephemeral_1h_input_tokens: marked.hour ? written : 0,
    },
    output_tokens: output,
    service_tier: 'standard',
    inference_geo: 'not_available',
  };
}

function head(request: FakeRequest) {
  return { id: idFrom('msg_01', request.digest), type: 'message', role: 'assistant', model: request.model };
}

function outputTokens(answer: MessageAnswer): number {
  return answer.pieces.length + (answer.tool === undefined ? 0 : 12);
}

function jsonReply(request: FakeRequest, answer: MessageAnswer): Reply {
  const block =
    answer.tool === undefined
      ? { type: 'text', text: answer.pieces.join('') }
      : { type: 'tool_use', ...answer.tool };
  return {
    kind: 'json',
    status: 200,
    body: {
      ...head(request),
      content: [block],
      stop_reason: answer.stop,
      stop_sequence: null,
      ...(request.usage === 'none' ? {} : { usage: usageOf(request, outputTokens(answer)) }),
    },
  };
}

function streamReply(request: FakeRequest, answer: MessageAnswer): Reply {
  const stated = request.usage !== 'none';
  const start = { ...head(request), content: [], stop_reason: null, stop_sequence: null };
  const {
    cache_creation: _split,
    service_tier: _tier,
    inference_geo: _geo,
    ...final
  } = usageOf(request, outputTokens(answer));
  const block =
    answer.tool === undefined
      ? { type: 'text', text: '' }
      : { type: 'tool_use', id: answer.tool.id, name: answer.tool.name, input: {} };
  const piece = (value: string) =>
    frame('content_block_delta', {
      index: 0,
      delta:
        answer.tool === undefined
          ? { type: 'text_delta', text: value }
          : { type: 'input_json_delta', partial_json: value },
    });
  const delta = frame('message_delta', {
    delta: { stop_reason: answer.stop, stop_sequence: null },
    ...(stated ? { usage: final } : {}),
  });
  return {
    kind: 'sse',
    frames: [
      frame('message_start', { message: stated ? { ...start, usage: usageOf(request, 1) } : start }),
      frame('content_block_start', { index: 0, content_block: block }),
      frame('ping', {}),
      ...answer.pieces.map(piece),
      frame('content_block_stop', { index: 0 }),
      delta,
      ...(request.usage === 'twice' ? [delta] : []),
      frame('message_stop', {}),
    ],
    filler: piece(answer.tool === undefined ? ' and' : ' '),
    error: frame('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
  };
}

function frame(type: string, rest: { readonly [key: string]: unknown }): string {
  return namedFrame({ type, ...rest });
}
