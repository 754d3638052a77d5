/** The words the fake provider answers with: deterministic, in pieces as a stream would bring them. */
import { draw, type FakeBody, isFakeBody, list, object, stringIn } from './request.ts';

const WORDS = (
  ' every call leaves a line in the ledger with its model tokens and price so a month of work can be read' +
  ' like a page of accounts — nothing guessed nothing lost and the sum is always the sum of its parts' +
  ' naïve estimates drift while counted facts stay put ✓'
)
  .split(' ')
  .slice(1);

/** A text answer of one of the chat surfaces. */
export interface AnswerText {
  /** Pieces in stream order; joined they are the whole text. One piece counts as one output token. */
  readonly pieces: readonly string[];
  /** True where the caller's output cap cut it. */
  readonly cut: boolean;
}

/** The answer to a request: 24 to 63 pieces, fewer where the caller's cap says so. */
export function textAnswer(digest: string, cap: number | undefined): AnswerText {
  const wanted = 24 + draw(digest, 1, 40);
  const length = Math.max(1, Math.min(wanted, cap ?? wanted));
  const offset = draw(digest, 2, WORDS.length);
  const pieces = Array.from({ length }, (_, at) => {
    const word = WORDS[(offset + at) % WORDS.length] ?? '';
    return at === 0 ? word.charAt(0).toUpperCase() + word.slice(1) : ` ${word}`;
  });
  return { pieces, cut: length < wanted };
}

/** JSON text in pieces of a few characters, as structured output and tool arguments are streamed. */
export function jsonPieces(value: unknown): readonly string[] {
  return JSON.stringify(value).match(/.{1,8}/gsu) ?? [];
}

/** A value that satisfies the usual parts of a JSON schema. */
export function sampleOf(schema: unknown, depth = 0): unknown {
  const node = object(schema);
  const first = list(node['enum'])[0];
  if (first !== undefined) return first;
  if ('const' in node) return node['const'];
  const branch = list(node['anyOf'])[0] ?? list(node['oneOf'])[0];
  if (branch !== undefined && depth < 8) return sampleOf(branch, depth + 1);
  const type = Array.isArray(node['type']) ? node['type'][0] : node['type'];
  switch (type) {
    case 'string':
      return 'sample';
    case 'integer':
      return 3;
    case 'number':
      return 1.5;
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'array':
      return depth < 8 ? [sampleOf(node['items'], depth + 1)] : [];
    default:
      return sampleObject(node, depth);
  }
}

function sampleObject(node: FakeBody, depth: number): unknown {
  if (depth >= 8) return {};
  const entries = Object.entries(object(node['properties']));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sampleOf(inner, depth + 1)]));
}

/** A function the caller offers. */
export interface OfferedTool {
  readonly name: string;
  readonly schema: unknown;
}

/**
 * The tool to call: the forced one, else the first offered; none where the caller forbids it or has just
 * handed in a result, so that agent loops end.
 */
export function toolToCall(
  tools: readonly OfferedTool[],
  choice: unknown,
  answersResult: boolean,
): OfferedTool | undefined {
  if (choice === 'none' || object(choice)['type'] === 'none' || answersResult) return undefined;
  const forced = isFakeBody(choice)
    ? (stringIn(choice['name']) ?? stringIn(object(choice['function'])['name']))
    : undefined;
  return tools.find((tool) => tool.name === forced) ?? tools[0];
}
