/**
 * Amazon Bedrock's runtime. A model's id may be an ARN with escaped slashes: it is decoded for its price, and forwarded as
 * it came, since a signature covers the path.
 */
import { NO_PROMPT } from '../description/defaults.ts';
import type { CallTexts, ProviderForm, Refusal, Refused, StreamForm } from '../description/provider-form.ts';

/** The end of a stream is marked in a frame's headers, which are not read here: the connection's end counts. */
const FRAMES: StreamForm = {
  framings: { 'application/vnd.amazon.eventstream': 'aws_event_stream' },
  ends: null,
  errors: null,
  usageOption: null,
};

const CONVERSE_TEXTS: CallTexts = {
  prompt: {
    ...NO_PROMPT,
    instructions: ['system'],
    messages: ['messages'],
    schemas: ['toolConfig'],
    attachments: ['image', 'document', 'video', 'bytes'],
  },
  answer: {
    roots: ['output', 'contentBlockStart', 'contentBlockDelta'],
    words: ['text', 'name'],
    calls: ['input'],
    repeats: [],
  },
};

/** A body in the form of the model's maker, whichever that is. */
const INVOKE_TEXTS: CallTexts = {
  prompt: {
    ...NO_PROMPT,
    instructions: ['system'],
    messages: ['messages'],
    plain: ['prompt'],
    schemas: ['tools'],
  },
  answer: {
    roots: ['outputs', 'completion', 'generations', 'results'],
    words: ['text', 'completion'],
    calls: ['input'],
    repeats: [],
  },
};

export const bedrock: ProviderForm = {
  id: 'bedrock',
  baseUrl: null,
  hosts: [/^bedrock[a-z-]*\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|api\.aws)$/],
  roots: ['model/{model}'],
  surfaces: [
    {
      name: 'converse',
      operation: 'chat',
      paths: [
        { path: 'converse', streams: false },
        { path: 'converse-stream', streams: true },
      ],
      request: {
        model: null,
        stream: null,
        outputCaps: ['inferenceConfig.maxTokens'],
        answers: null,
        settings: ['performanceConfig.latency', 'serviceTier.type'],
      },
      stream: FRAMES,
      texts: CONVERSE_TEXTS,
    },
    {
      name: 'invoke',
      operation: 'chat',
      paths: [
        { path: 'invoke', streams: false },
        { path: 'invoke-with-response-stream', streams: true },
      ],
      request: {
        model: null,
        stream: null,
        outputCaps: [
          'max_tokens',
          'max_tokens_to_sample',
          'max_gen_len',
          'maxTokens',
          'textGenerationConfig.maxTokenCount',
          'inferenceConfig.maxTokens',
        ],
        answers: null,
        settings: [],
      },
      stream: FRAMES,
      texts: INVOKE_TEXTS,
    },
  ],
  free: [],
  // Bodies name the bare model; the requested id says for which provider and region it runs.
  pricedModel: 'requested',
  refuse: refuseAsAws,
};

/** Exceptions of the runtime by status, by which the SDK of AWS tells errors apart. */
const EXCEPTIONS: { readonly [status: number]: string } = {
  400: 'ValidationException',
  401: 'UnrecognizedClientException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  429: 'ThrottlingException',
  503: 'ServiceUnavailableException',
};

function refuseAsAws({ code, status, message, requestId }: Refused): Refusal {
  const exception = EXCEPTIONS[status] ?? (status < 500 ? 'ValidationException' : 'InternalServerException');
  return {
    contentType: 'application/json',
    body: JSON.stringify({ message: `Farthing: ${message} (${code})` }),
    headers: { 'x-amzn-errortype': exception, 'x-amzn-requestid': requestId },
  };
}
