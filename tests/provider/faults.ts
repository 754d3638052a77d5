/** Scripted faults: chosen by the header `x-fake-fault` or by a model named `fault-…`. */

/** How a healthy answer is damaged on its way out. */
export type Damage =
  | { readonly kind: 'none' }
  /** Connection destroyed after that many body bytes; half of the body where `bytes` is absent. */
  | { readonly kind: 'cut'; readonly bytes?: number }
  /** Half of the body, then silence on an open connection. */
  | { readonly kind: 'stall' }
  /** Nothing for that long, then a healthy answer. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** A stream that repeats one piece until the client goes away. */
  | { readonly kind: 'endless' }
  /** One frame in the middle whose JSON is broken; the stream goes on after it. */
  | { readonly kind: 'malformed-frame' }
  /** The provider's own error event in the middle of a stream, which then ends. */
  | { readonly kind: 'error-frame' }
  /** The body is not JSON although the headers say so. */
  | { readonly kind: 'bad-json' }
  /** The headers promise gzip, the bytes are not. */
  | { readonly kind: 'bad-gzip' }
  /** Connection destroyed before a byte of the answer. */
  | { readonly kind: 'reset' };

/** What a fault asks for. */
export interface Fault {
  /** Answer this HTTP error instead. */
  readonly status?: number;
  /** Only on the first request of its kind; a retry succeeds. */
  readonly once?: boolean;
  readonly usage?: 'none' | 'twice';
  readonly headers?: Readonly<Record<string, string>>;
  readonly damage: Damage;
}

const NO_DAMAGE: Damage = { kind: 'none' };

/** Every fault name without a number in it. Numbers: `429`, `500-once`, `cut-at-120`, `slow-first-byte-50`. */
export const FAULT_NAMES = [
  'no-usage',
  'usage-twice',
  'cut-mid-stream',
  'stall-mid-stream',
  'slow-first-byte',
  'endless',
  'malformed-sse',
  'error-mid-stream',
  'bad-json',
  'bad-gzip',
  'huge-headers',
  'reset',
] as const;

const NAMED: Readonly<Record<(typeof FAULT_NAMES)[number], Fault>> = {
  'no-usage': { usage: 'none', damage: NO_DAMAGE },
  'usage-twice': { usage: 'twice', damage: NO_DAMAGE },
  'cut-mid-stream': { damage: { kind: 'cut' } },
  'stall-mid-stream': { damage: { kind: 'stall' } },
  'slow-first-byte': { damage: { kind: 'slow', ms: 2000 } },
  endless: { damage: { kind: 'endless' } },
  'malformed-sse': { damage: { kind: 'malformed-frame' } },
  'error-mid-stream': { damage: { kind: 'error-frame' } },
  'bad-json': { damage: { kind: 'bad-json' } },
  'bad-gzip': { damage: { kind: 'bad-gzip' } },
  'huge-headers': { headers: { 'x-filler': 'x'.repeat(12_000) }, damage: NO_DAMAGE },
  reset: { damage: { kind: 'reset' } },
};

/** Reads a fault name; nothing for an unknown one. */
export function parseFault(name: string): Fault | undefined {
  const known = Object.entries(NAMED).find(([known]) => known === name);
  if (known !== undefined) return known[1];
  const status = /^(\d{3})(-once)?$/.exec(name);
  if (status?.[1] !== undefined) {
    return { status: Number(status[1]), once: status[2] !== undefined, damage: NO_DAMAGE };
  }
  const cut = /^cut-at-(\d{1,9})$/.exec(name);
  if (cut?.[1] !== undefined) return { damage: { kind: 'cut', bytes: Number(cut[1]) } };
  const slow = /^slow-first-byte-(\d{1,6})$/.exec(name);
  if (slow?.[1] !== undefined) return { damage: { kind: 'slow', ms: Number(slow[1]) } };
  return undefined;
}
