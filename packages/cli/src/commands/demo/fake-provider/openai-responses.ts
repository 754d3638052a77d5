/** `POST /v1/responses`. */
import { jsonPieces, type OfferedTool, sampleOf, textAnswer, toolToCall } from './answer.ts';
import { openAiCounts, servedTier } from './openai-chat.ts';
import { namedFrame, type Reply } from './reply.ts';
import { countIn, type FakeRequest, idFrom, list, object, stringIn } from './request.ts';

type Item = { readonly id: string; readonly type: string; readonly [key: string]: unknown };

interface ResponseAnswer {
  /** Hosted tool calls first, then the message or the function call. */
  readonly items: readonly Item[];
  /** Pieces of the last item's text or arguments. */
  readonly pieces: readonly string[];
  readonly incomplete: boolean;
}

/** Answers with a message or a function call, hosted tool items before it; `incomplete` at the output cap. */
export function responses(request: FakeRequest): Reply {
  const answer = answerOf(request);
  if (!request.stream) return { kind: 'json', status: 200, body: terminal(request, answer) };
  return {
    kind: 'sse',
    frames: framesOf(request, answer),
    filler: namedFrame({
      type: 'response.output_text.delta',
      ...place(answer),
      sequence_number: 99,
      delta: ' and',
    } as {
      type: string;
    }),
    error: namedFrame({
      type: 'error',
      code: 'server_error',
      message: 'The server had an error while processing your request.',
      param: null,
      sequence_number: 99,
    } as { type: string }),
  };
}

function answerOf(request: FakeRequest): ResponseAnswer {
  const { body, digest } = request;
  const tools = list(body['tools']).map(object);
  const hosted = tools.flatMap((tool, at) => hostedItem(String(tool['type']), idFrom('', digest, 8 + at)));
  const last = object(list(body['input']).at(-1));
  const offered = tools.flatMap((tool): OfferedTool[] => {
    const name = tool['type'] === 'function' ? stringIn(tool['name']) : undefined;
    return name === undefined ? [] : [{ name, schema: tool['parameters'] }];
  });
  const tool = toolToCall(offered, body['tool_choice'], last['type'] === 'function_call_output');
  if (tool !== undefined) {
    const pieces = jsonPieces(sampleOf(tool.schema));
    const call = {
      id: idFrom('fc_', digest, 2),
      type: 'function_call',
      status: 'completed',
      arguments: pieces.join(''),
      call_id: idFrom('call_', digest, 4),
      name: tool.name,
    };
    return { items: [...hosted, call], pieces, incomplete: false };
  }
  const schema = object(object(body['text'])['format'])['schema'];
  const written =
    schema === undefined
      ? textAnswer(digest, countIn(body['max_output_tokens']))
      : { pieces: jsonPieces(sampleOf(schema)), cut: false };
  const message = {
    id: idFrom('msg_', digest, 2),
    type: 'message',
    status: written.cut ? 'incomplete' : 'completed',
    content: [{ type: 'output_text', annotations: [], logprobs: [], text: written.pieces.join('') }],
    role: 'assistant',
  };
  return { items: [...hosted, message], pieces: written.pieces, incomplete: written.cut };
}

function hostedItem(type: string, id: string): Item[] {
  if (type.startsWith('web_search')) {
    return [
      {
        id: `ws_${id}`,
        type: 'web_search_call',
        status: 'completed',
        action: { type: 'search', query: 'farthing' },
      },
    ];
  }
  if (type === 'file_search') {
    return [
      { id: `fs_${id}`, type: 'file_search_call', status: 'completed', queries: ['farthing'], results: null },
    ];
  }
  if (type === 'code_interpreter') {
    return [
      {
        id: `ci_${id}`,
        type: 'code_interpreter_call',
        status: 'completed',
        code: 'print(1)',
        container_id: `cntr_${id}`,
        outputs: null,
      },
    ];
  }
  return [];
}

function place(answer: ResponseAnswer) {
  const item = answer.items.at(-1);
  return { item_id: item?.id ?? '', output_index: answer.items.length - 1, content_index: 0, logprobs: [] };
}

function usageOf(request: FakeRequest, answer: ResponseAnswer): unknown {
  const { prompt, cached, reasoning, completion } = openAiCounts(request, answer.pieces.length);
  return {
    input_tokens: prompt,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: completion,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: prompt + completion,
  };
}

function envelope(request: FakeRequest, changing: { readonly [key: string]: unknown }) {
  const { body } = request;
  return {
    id: idFrom('resp_', request.digest),
    object: 'response',
    created_at: request.created,
    background: false,
    error: null,
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    model: request.model,
    parallel_tool_calls: true,
    previous_response_id: body['previous_response_id'] ?? null,
    reasoning: { effort: null, summary: null },
    service_tier: servedTier(request),
    store: body['store'] ?? true,
    temperature: body['temperature'] ?? 1,
    text: body['text'] ?? { format: { type: 'text' } },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: body['tools'] ?? [],
    top_p: body['top_p'] ?? 1,
    truncation: 'disabled',
    metadata: body['metadata'] ?? {},
    ...changing,
  };
}

function terminal(request: FakeRequest, answer: ResponseAnswer) {
  return envelope(request, {
    status: answer.incomplete ? 'incomplete' : 'completed',
    incomplete_details: answer.incomplete ? { reason: 'max_output_tokens' } : null,
    output: answer.items,
    usage: request.usage === 'none' ? null : usageOf(request, answer),
  });
}

function framesOf(request: FakeRequest, answer: ResponseAnswer): string[] {
  let sequence = 0;
  const event = (type: string, rest: { readonly [key: string]: unknown }) =>
    namedFrame({ type, ...rest, sequence_number: sequence++ } as { type: string });
  const begun = envelope(request, {
    status: 'in_progress',
    incomplete_details: null,
    output: [],
    usage: null,
  });
  const frames = [
    event('response.created', { response: begun }),
    event('response.in_progress', { response: begun }),
  ];
  for (const [at, item] of answer.items.slice(0, -1).entries()) {
    const states =
      item.type === 'web_search_call'
        ? ['in_progress', 'searching', 'completed']
        : ['in_progress', 'completed'];
    frames.push(
      event('response.output_item.added', { output_index: at, item: { ...item, status: 'in_progress' } }),
      ...states.map((state) =>
        event(`response.${item.type}.${state}`, { output_index: at, item_id: item.id }),
      ),
      event('response.output_item.done', { output_index: at, item }),
    );
  }
  const last = answer.items.at(-1);
  if (last !== undefined) frames.push(...lastItemEvents(answer, last, event));
  const body = terminal(request, answer);
  frames.push(event(`response.${answer.incomplete ? 'incomplete' : 'completed'}`, { response: body }));
  return frames;
}

function lastItemEvents(
  answer: ResponseAnswer,
  item: Item,
  event: (type: string, rest: { readonly [key: string]: unknown }) => string,
): string[] {
  const whole = answer.pieces.join('');
  const { item_id, output_index, content_index, logprobs } = place(answer);
  if (item.type === 'function_call') {
    const kind = 'response.function_call_arguments';
    return [
      event('response.output_item.added', {
        output_index,
        item: { ...item, status: 'in_progress', arguments: '' },
      }),
      ...answer.pieces.map((delta) => event(`${kind}.delta`, { item_id, output_index, delta })),
      event(`${kind}.done`, { item_id, output_index, arguments: whole, name: item['name'] }),
      event('response.output_item.done', { output_index, item }),
    ];
  }
  const at = { item_id, output_index, content_index };
  const part = (text: string) => ({ type: 'output_text', annotations: [], logprobs: [], text });
  return [
    event('response.output_item.added', {
      output_index,
      item: { ...item, status: 'in_progress', content: [] },
    }),
    event('response.content_part.added', { ...at, part: part('') }),
    ...answer.pieces.map((delta) => event('response.output_text.delta', { ...at, logprobs, delta })),
    event('response.output_text.done', { ...at, logprobs, text: whole }),
    event('response.content_part.done', { ...at, part: part(whole) }),
    event('response.output_item.done', { output_index, item }),
  ];
}
