/**
 * What was covered when this was written: `[lines read, of these with quantities, agreeing]` per suite and
 * provider. A change that reads less fails; one that reads more raises the numbers here.
 */
import type { SuiteName } from './suites.ts';

export const COVERED: {
  readonly [S in SuiteName]: { readonly [provider: string]: readonly [number, number, number] };
} = {
  A: {
    anthropic: [111, 111, 109],
    bedrock: [122, 122, 117],
    google: [170, 170, 169],
    vertex: [59, 59, 59],
    openai: [192, 192, 192],
    openrouter: [25, 25, 25],
    cerebras: [6, 6, 6],
    cohere: [6, 6, 6],
    mistral: [24, 24, 24],
    groq: [27, 27, 27],
    huggingface: [7, 7, 7],
    ollama: [3, 3, 0],
    azure: [3, 3, 3],
    deepseek: [2, 2, 2],
    zai: [1, 1, 1],
  },
  B: {
    alibaba: [2, 2, 2],
    bedrock: [6, 6, 2],
    anthropic: [34, 34, 13],
    azure: [17, 17, 8],
    cartesia: [1, 0, 0],
    cohere: [7, 7, 0],
    deepseek: [4, 4, 4],
    vertex: [2, 2, 1],
    google: [24, 24, 11],
    groq: [2, 2, 2],
    mistral: [2, 2, 1],
    moonshot: [2, 2, 0],
    lmstudio: [3, 3, 2],
    xai: [14, 14, 8],
    openai: [37, 36, 10],
    perplexity: [2, 2, 2],
    revai: [1, 0, 0],
    together: [1, 1, 0],
    voyage: [1, 1, 0],
  },
  D: {
    openrouter: [24, 24, 18],
    xai: [14, 14, 12],
  },
  E: {
    openai: [170, 170, 0],
    alephalpha: [1, 1, 0],
    bedrock: [33, 33, 0],
    anthropic: [44, 44, 0],
    cohere: [41, 41, 0],
    google: [2, 2, 0],
    groq: [13, 13, 0],
    huggingface: [1, 1, 0],
    'openai-compatible': [13, 13, 0],
    mistral: [18, 18, 0],
    ollama: [11, 11, 0],
    azure: [33, 33, 0],
    deepseek: [1, 1, 0],
    together: [2, 2, 0],
    voyage: [4, 4, 0],
    watsonx: [4, 4, 0],
    writer: [9, 9, 0],
  },
  none: {
    bedrock: [3, 0, 0],
    elevenlabs: [1, 0, 0],
    fal: [2, 0, 0],
    gladia: [1, 0, 0],
    openai: [33, 0, 0],
    anthropic: [1, 0, 0],
    'openai-compatible': [6, 0, 0],
    cohere: [2, 0, 0],
    ollama: [1, 0, 0],
    azure: [17, 0, 0],
    writer: [2, 0, 0],
  },
};

/** Lines of each suite that have no price: unknown models, machines of one's own, what no source states. */
export const UNPRICED: { readonly [S in SuiteName]?: number } = { A: 18, B: 28, D: 4, E: 42 };
