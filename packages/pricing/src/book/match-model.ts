/**
 * Model matching: a name as a provider, SDK or gateway writes it → the model entry that prices it.
 * Rules come with the data; the only tolerance added is for prefixes that name no other model.
 */

/** A rule over the lower-cased model name. */
export type MatchRule =
  | { readonly equals: string }
  | { readonly starts_with: string }
  | { readonly ends_with: string }
  | { readonly contains: string }
  | { readonly regex: string }
  | { readonly or: readonly MatchRule[] }
  | { readonly and: readonly MatchRule[] };

/** Decides whether a lower-cased name is meant. */
export type Predicate = (name: string) => boolean;

/** Compiles a rule once, so that matching allocates nothing. */
export function compileRule(rule: MatchRule): Predicate {
  if ('equals' in rule) {
    const text = rule.equals.toLowerCase();
    return (name) => name === text;
  }
  if ('starts_with' in rule) {
    const text = rule.starts_with.toLowerCase();
    return (name) => name.startsWith(text);
  }
  if ('ends_with' in rule) {
    const text = rule.ends_with.toLowerCase();
    return (name) => name.endsWith(text);
  }
  if ('contains' in rule) {
    const text = rule.contains.toLowerCase();
    return (name) => name.includes(text);
  }
  if ('regex' in rule) {
    const expression = new RegExp(rule.regex, 'i');
    return (name) => expression.test(name);
  }
  if ('or' in rule) {
    const rules = rule.or.map(compileRule);
    return (name) => rules.some((one) => one(name));
  }
  const rules = rule.and.map(compileRule);
  return (name) => rules.every((one) => one(name));
}

/** Longer names than any model has are not looked up: that would only cost time. */
const MAX_NAME = 300;

/**
 * The spellings under which a name is looked up, the given one first. Path prefixes (`models/…`, a Vertex
 * resource path, a Bedrock ARN), the provider's own prefix (`openai/gpt-5`), `@date` and compact dates are
 * unwrapped; region prefixes (`us.anthropic…`) stay, since they change the price.
 *
 * @example spellings('models/gemini-2.5-pro', 'google') // ['models/gemini-2.5-pro', 'gemini-2.5-pro']
 */
export function spellings(model: string, provider: string): readonly string[] {
  const name = model.trim().toLowerCase();
  if (name === '' || name.length > MAX_NAME) return [];
  const found = new Set([name]);
  const add = (spelling: string | undefined) => {
    if (spelling !== undefined && spelling !== '') found.add(spelling);
  };
  add(/^(?:models|tunedmodels|foundation-model|inference-profile)\/(.+)$/.exec(name)?.[1]);
  add(/(?:^|\/)publishers\/[a-z0-9-]+\/models\/(.+)$/.exec(name)?.[1]);
  add(/^arn:aws[a-z-]*:bedrock:.*:(?:foundation-model|inference-profile)\/(.+)$/.exec(name)?.[1]);
  const slash = name.indexOf('/');
  if (slash > 0 && ownPrefix(name.slice(0, slash), provider)) add(name.slice(slash + 1));
  for (const spelling of [...found]) {
    add(spelling.replace(/@(?=(?:20\d{6}|default|latest|\d{3})$)/, '-').replace(/-default$/, ''));
    add(withDashedDate(spelling));
  }
  return [...found];
}

/** `-20250514` → `-2025-05-14`, where that is a date. */
function withDashedDate(name: string): string {
  return name.replace(/-(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g, '-$1-$2-$3');
}

/** Vendors whose models a provider serves under its own prices, so that `vendor/model` means the model. */
const OWN_PREFIXES: { readonly [provider: string]: readonly string[] } = {
  google: ['google', 'gemini', 'anthropic'],
  vertex: ['vertex_ai', 'vertex', 'google', 'gemini', 'anthropic'],
  azure: ['azure', 'azure_ai', 'openai', 'anthropic', 'deepseek', 'xai', 'x-ai', 'moonshotai'],
  bedrock: ['bedrock', 'converse', 'amazon-bedrock'],
  xai: ['xai', 'x-ai'],
  mistral: ['mistral', 'mistralai'],
};

function ownPrefix(prefix: string, provider: string): boolean {
  if (prefix === provider) return true;
  return Object.hasOwn(OWN_PREFIXES, provider) && (OWN_PREFIXES[provider] ?? []).includes(prefix);
}

/** A map that forgets its oldest entry once full: names come from outside and must not fill the memory. */
export class BoundedMemo<Value> {
  readonly #limit: number;
  readonly #entries = new Map<string, Value>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: Value): void {
    if (this.#entries.size >= this.#limit) {
      const oldest = this.#entries.keys().next();
      if (oldest.done !== true) this.#entries.delete(oldest.value);
    }
    this.#entries.set(key, value);
  }

  get size(): number {
    return this.#entries.size;
  }
}
