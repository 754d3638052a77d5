/** A ledger of plain maps: what must be in the real one, in the fewest words. */
import type { RecordOutcome, UsageEvent } from '../../../packages/server/src/ledger/usage-event.ts';

/** gpt-4o, in picos per token, written down here and not read from the book under test. */
const PICOS_PER_INPUT = 2_500_000n;
const PICOS_PER_OUTPUT = 10_000_000n;

/** What the real ledger has under an id. */
export interface Stored {
  readonly id: string;
  readonly hash: string;
  readonly source: string;
  readonly costPicos: bigint | null;
}

/** How a content was acknowledged: answered from the ledger, or durable and not in it yet. */
type Acknowledged = 'live' | 'kept';

export class Model {
  /** Every content that was ever sent, by id and hash. */
  readonly #sent = new Map<string, Map<string, UsageEvent>>();
  readonly #acknowledged = new Map<string, Map<string, Acknowledged>>();
  /** What is stored under an id if nothing under way can change it; absent = not known. */
  #standing = new Map<string, Stored | null>();
  readonly #tenant: string;

  constructor(tenant: string) {
    this.#tenant = tenant;
  }

  /** An event is on its way; until it is answered, it is not known what is stored under its id. */
  send(event: UsageEvent): void {
    const contents = this.#sent.get(event.id) ?? new Map<string, UsageEvent>();
    if (contents.size === 0) this.#standing.set(event.id, null);
    contents.set(event.contentHash, event);
    this.#sent.set(event.id, contents);
  }

  /** From now on it is not known what is stored under this id, until the ledger is read. */
  doubt(event: UsageEvent): void {
    this.#standing.delete(event.id);
  }

  /** Takes an answer in; a sentence about what is wrong with it, else null. `calm`: nothing has gone wrong lately. */
  answered(event: UsageEvent, outcome: RecordOutcome, calm: boolean): string | null {
    if (outcome.id !== event.id) return `the answer of ${event.id} names ${outcome.id}`;
    if (outcome.status === 'queued') {
      this.#acknowledge(event, 'kept');
      this.doubt(event);
      return calm ? `${event.id} was queued though the database was there` : null;
    }
    if (event.tenant !== this.#tenant)
      return outcome.status === 'rejected' ? null : `${event.id} of an unknown tenant was ${outcome.status}`;
    if (outcome.status === 'rejected') return `${event.id} was rejected: ${outcome.message}`;
    if (outcome.status !== 'conflict') this.#acknowledge(event, 'live');
    const standing = this.#standing.get(event.id);
    if (standing === undefined) return null;
    const expected = verdict(standing, event);
    // After more than one lost answer an event may be answered as a duplicate: of itself.
    const byItself = !calm && outcome.status === 'duplicate' && expected !== 'conflict';
    if (outcome.status !== expected && !byItself)
      return `${event.id} was answered ${outcome.status} where ${expected} is right`;
    const after = expected === 'accepted' || expected === 'superseded' ? storedFrom(event) : standing;
    this.#standing.set(event.id, after);
    if (outcome.status !== 'conflict' && outcome.costPicos !== after?.costPicos)
      return `${event.id} was answered ${outcome.costPicos} where ${after?.costPicos} is right`;
    return null;
  }

  /** An event is durable in the journal. */
  kept(event: UsageEvent): void {
    this.#acknowledge(event, 'kept');
    this.doubt(event);
  }

  #acknowledge({ id, contentHash }: UsageEvent, how: Acknowledged): void {
    const contents = this.#acknowledged.get(id) ?? new Map<string, Acknowledged>();
    if (contents.get(contentHash) !== 'live') contents.set(contentHash, how);
    this.#acknowledged.set(id, contents);
  }

  /**
   * Compares with the ledger; sentences about what is wrong. `quarantined` holds `id hash`. `settled`: nothing is under
   * way any more, so what was acknowledged must be there, and what stands is known from here on.
   */
  compare(stored: readonly Stored[], quarantined: ReadonlySet<string>, settled: boolean): string[] {
    const wrong: string[] = [];
    const byId = new Map(stored.map((one) => [one.id, one]));
    if (byId.size !== stored.length) wrong.push('an id stands twice');
    for (const one of stored) {
      const event = contentOf(this.#sent.get(one.id), one.hash);
      if (event === undefined || event.tenant !== this.#tenant) wrong.push(`${one.id} was invented`);
      else if (one.costPicos !== costOf(event)) wrong.push(`${one.id} costs ${one.costPicos}`);
    }
    for (const [id, contents] of this.#acknowledged) {
      for (const [hash, how] of contents) {
        const event = this.#sent.get(id)?.get(hash);
        if (event === undefined || (how === 'kept' && !settled)) continue;
        if (isAccountedFor(event, byId.get(id)) || (how === 'kept' && quarantined.has(`${id} ${hash}`)))
          continue;
        wrong.push(`${id}, acknowledged (${how}) as ${event.source}, is not accounted for`);
      }
    }
    if (settled) {
      this.#standing = new Map();
      for (const id of this.#sent.keys()) this.#standing.set(id, byId.get(id) ?? null);
    }
    return wrong;
  }
}

/** The rules of `docs/GLOSSARY.md`, once more. */
function verdict(
  standing: Stored | null,
  event: UsageEvent,
): 'accepted' | 'duplicate' | 'superseded' | 'conflict' {
  if (standing === null) return 'accepted';
  if (event.contentHash.startsWith(standing.hash)) return 'duplicate';
  if (standing.source === 'reported') return event.source === 'reported' ? 'conflict' : 'duplicate';
  return event.source === 'reported' ? 'superseded' : 'conflict';
}

/** An acknowledged content is the one that stands, or a less certain one that the call's report has replaced. */
function isAccountedFor(event: UsageEvent, standing: Stored | undefined): boolean {
  if (standing === undefined) return false;
  if (event.contentHash.startsWith(standing.hash)) return true;
  return standing.source === 'reported' && event.source !== 'reported';
}

/** The ledger keeps the beginning of a hash. */
function contentOf(
  contents: ReadonlyMap<string, UsageEvent> | undefined,
  hash: string,
): UsageEvent | undefined {
  return contents?.values().find(({ contentHash }) => contentHash.startsWith(hash));
}

function storedFrom(event: UsageEvent): Stored {
  return { id: event.id, hash: event.contentHash, source: event.source, costPicos: costOf(event) };
}

function costOf(event: UsageEvent): bigint | null {
  if (event.model !== 'gpt-4o') return null;
  let picos = 0n;
  for (const { quantities } of event.segments) {
    picos += BigInt(quantities.input_uncached ?? 0) * PICOS_PER_INPUT;
    picos += BigInt(quantities.output_text ?? 0) * PICOS_PER_OUTPUT;
  }
  return picos;
}
