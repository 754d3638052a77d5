/**
 * Who is next at a few connections that many ask for. Tenants take turns, and inside a tenant its keys: whoever has least
 * under way is first. Waiting is bounded for each tenant, so that one who asks for too much is refused alone.
 */
import { AppError } from '@farthing/contract';
import type { ReadKind } from './asker.ts';

/** Whose turn it is to be. */
export interface Party {
  /** CallerTurns are shared out between these; null is one too. */
  readonly tenant: string | null;
  readonly key: string;
  readonly kind: ReadKind;
}

export interface TurnsOptions {
  /** How many may be under way at once. */
  readonly places: number;
  /** How many of them may be exports. Default: half of the places, one at least. */
  readonly exports?: number;
  /** Most that wait for one key. Default 32. */
  readonly waitingPerKey?: number;
  /** Most that wait for one tenant. Default 64. */
  readonly waitingPerTenant?: number;
  /** Milliseconds after which who waits behind their own tenant's work is refused. Default 10 000. */
  readonly ownPatienceMs?: number;
  /** Milliseconds after which who waits behind others is refused. Default 40 000. */
  readonly patienceMs?: number;
  /** The same for exports, whoever they wait behind: half a file is worth nothing. Default 300 000. */
  readonly exportPatienceMs?: number;
}

export interface TurnsStatus {
  readonly running: number;
  readonly waiting: number;
  /** Refused since the start: `busy` for what their own tenant had under way or waiting, `late` for what others had. */
  readonly refused: { readonly busy: number; readonly late: number };
}

export interface CallerTurns {
  /**
   * Waits for a turn and answers the function that ends it. The last free place goes only to a tenant that has nothing
   * under way, so no tenant ever holds them all (where there are two or more). `gone` ends the waiting.
   *
   * @throws AppError `rate_limited` where the tenant or key has too much waiting, or waited in vain behind its own work;
   *   `overloaded` where it waited in vain behind others'
   * @example const end = await turns.take({ tenant: 'acme', key: 'k1', kind: 'report' }); try { … } finally { end(); }
   */
  take(party: Party, gone?: AbortSignal): Promise<() => void>;
  status(): TurnsStatus;
}

/** What is under way and waits of one tenant, or of one of its keys. */
interface Line {
  running: number;
  waiting: number;
  /** Grows with every turn given: who was served longest ago is first among equals. */
  served: number;
}

interface Tenant extends Line {
  readonly keys: Map<string, Line>;
}

interface Waiter {
  readonly party: Party;
  readonly tenant: Tenant;
  readonly key: Line;
  readonly go: () => void;
}

/** Makes the turns of this process. */
export function createTurns(options: TurnsOptions): CallerTurns {
  const { places, waitingPerKey = 32, waitingPerTenant = 64 } = options;
  const { ownPatienceMs = 10_000, patienceMs = 40_000, exportPatienceMs = 300_000 } = options;
  const exportPlaces = options.exports ?? Math.max(1, Math.floor(places / 2));
  const tenants = new Map<string | null, Tenant>();
  const waiters = new Set<Waiter>();
  const refused = { busy: 0, late: 0 };
  let running = 0;
  let exporting = 0;
  let served = 0;

  function lineOf({ tenant: name, key: keyName }: Party): Pick<Waiter, 'tenant' | 'key'> {
    const tenant = tenants.get(name) ?? { ...emptyLine(), keys: new Map<string, Line>() };
    tenants.set(name, tenant);
    const key = tenant.keys.get(keyName) ?? emptyLine();
    tenant.keys.set(keyName, key);
    return { tenant, key };
  }

  /** Who has nothing under way and nothing waiting is forgotten. */
  function tidy({ tenant: name, key: keyName }: Party): void {
    const tenant = tenants.get(name);
    const key = tenant?.keys.get(keyName);
    if (key !== undefined && key.running + key.waiting === 0) tenant?.keys.delete(keyName);
    if (tenant !== undefined && tenant.running + tenant.waiting === 0) tenants.delete(name);
  }

  function mayGo({ party, tenant }: Waiter): boolean {
    if (running >= places) return false;
    if (party.kind === 'export' && exporting >= exportPlaces) return false;
    return tenant.running === 0 || running < places - 1;
  }

  function next(): Waiter | null {
    let best: Waiter | null = null;
    for (const one of waiters) if (mayGo(one) && (best === null || isBefore(one, best))) best = one;
    return best;
  }

  function begin(waiter: Waiter): void {
    waiters.delete(waiter);
    served += 1;
    running += 1;
    if (waiter.party.kind === 'export') exporting += 1;
    for (const line of [waiter.tenant, waiter.key]) {
      line.waiting -= 1;
      line.running += 1;
      line.served = served;
    }
    waiter.go();
  }

  function serve(): void {
    for (let one = next(); one !== null; one = next()) begin(one);
  }

  function leave(waiter: Waiter): void {
    waiters.delete(waiter);
    for (const line of [waiter.tenant, waiter.key]) line.waiting -= 1;
    tidy(waiter.party);
  }

  function ender({ party, tenant, key }: Waiter): () => void {
    let over = false;
    return () => {
      if (over) return;
      over = true;
      running -= 1;
      if (party.kind === 'export') exporting -= 1;
      for (const line of [tenant, key]) line.running -= 1;
      tidy(party);
      serve();
    };
  }

  /** Ends when the turn has come; rejects when it did not come in time, or is not wanted any more. */
  async function wait(waiter: Waiter, turn: PromiseWithResolvers<void>, gone?: AbortSignal): Promise<void> {
    const giveUp = (error: unknown) => {
      if (!waiters.has(waiter)) return;
      leave(waiter);
      turn.reject(error);
    };
    const onGone = () => giveUp(gone?.reason);
    gone?.addEventListener('abort', onGone, { once: true });
    const isExport = waiter.party.kind === 'export';
    // Who has work of their own under way is told sooner: it is theirs to wait for.
    const own = setTimeout(() => {
      if (isExport || waiter.tenant.running === 0 || !waiters.has(waiter)) return;
      refused.busy += 1;
      giveUp(tooBusy());
    }, ownPatienceMs);
    const last = setTimeout(
      () => {
        if (!waiters.has(waiter)) return;
        refused.late += 1;
        giveUp(tooLate());
      },
      isExport ? exportPatienceMs : patienceMs,
    );
    try {
      await turn.promise;
    } finally {
      clearTimeout(own);
      clearTimeout(last);
      gone?.removeEventListener('abort', onGone);
    }
  }

  return {
    async take(party, gone) {
      gone?.throwIfAborted();
      const { tenant, key } = lineOf(party);
      if (tenant.waiting >= waitingPerTenant || key.waiting >= waitingPerKey) {
        refused.busy += 1;
        throw tooBusy();
      }
      const turn = Promise.withResolvers<void>();
      const waiter: Waiter = { party, tenant, key, go: turn.resolve };
      for (const line of [tenant, key]) line.waiting += 1;
      waiters.add(waiter);
      serve();
      if (waiters.has(waiter)) await wait(waiter, turn, gone);
      return ender(waiter);
    },
    status: () => ({ running, waiting: waiters.size, refused: { ...refused } }),
  };
}

const emptyLine = (): Line => ({ running: 0, waiting: 0, served: 0 });

/** Fewest under way first, tenant before key; then reports before exports; then who was served longest ago. */
function isBefore(one: Waiter, other: Waiter): boolean {
  const order =
    one.tenant.running - other.tenant.running ||
    one.tenant.served - other.tenant.served ||
    one.key.running - other.key.running ||
    rank(one.party.kind) - rank(other.party.kind) ||
    one.key.served - other.key.served;
  return order < 0;
}

const rank = (kind: ReadKind): number => (kind === 'report' ? 0 : 1);

const tooBusy = () =>
  new AppError(
    'rate_limited',
    'Too many reads of your tenant are under way or waiting: ask for fewer at once, or for less.',
    { retryAfter: 5 },
  );

const tooLate = () =>
  new AppError('overloaded', 'Other reads took too long to end: try again shortly.', { retryAfter: 5 });
