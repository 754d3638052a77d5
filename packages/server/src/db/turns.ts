/**
 * Shares a few connections among many callers. Tenants take turns, and within a tenant its keys: the one with the
 * fewest running reads is next. Each tenant's queue is bounded, so that only a tenant that asks for too much is
 * refused.
 */
import { AppError } from '@farthing/contract';
import type { ReadKind } from './asker.ts';

/** The caller a turn is for. */
export interface Party {
  /** Turns are shared out between these; null is one too. */
  readonly tenant: string | null;
  readonly key: string;
  readonly kind: ReadKind;
}

export interface TurnsOptions {
  /** Most concurrent reads. */
  readonly places: number;
  /** How many of them may be exports. Default: half of the places, one at least. */
  readonly exports?: number;
  /** Most that wait for one key. Default 32. */
  readonly waitingPerKey?: number;
  /** Most that wait for one tenant. Default 64. */
  readonly waitingPerTenant?: number;
  /** Milliseconds after which a caller that waits behind its own tenant's work is refused. Default 10 000. */
  readonly ownPatienceMs?: number;
  /** Milliseconds after which a caller that waits behind other tenants is refused. Default 40 000. */
  readonly patienceMs?: number;
  /** The same for exports, behind anyone: half a file is worth nothing. Default 300 000. */
  readonly exportPatienceMs?: number;
}

export interface TurnsStatus {
  readonly running: number;
  readonly waiting: number;
  /**
   * Refused since the start: `busy` because of the tenant's own running or waiting reads, `late` because of other
   * tenants'.
   */
  readonly refused: { readonly busy: number; readonly late: number };
}

export interface CallerTurns {
  /**
   * Waits for a turn and returns the function that ends it. The last free place goes only to a tenant that has nothing
   * under way, so no tenant ever holds them all (where there are two or more). `gone` ends the waiting.
   *
   * @throws AppError `rate_limited` if the tenant or key has too many reads waiting, or waited too long behind its own
   *   work; `overloaded` if it waited too long behind others'
   * @example const end = await turns.take({ tenant: 'acme', key: 'k1', kind: 'report' }); try { … } finally { end(); }
   */
  take(party: Party, gone?: AbortSignal): Promise<() => void>;
  status(): TurnsStatus;
}

/** Running and waiting reads of one tenant, or of one of its keys. */
interface Line {
  running: number;
  waiting: number;
  /** Grows with every turn given: among equals, the one served longest ago is first. */
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
export const createTurns = (options: TurnsOptions): CallerTurns => new FairTurns(options);

class FairTurns implements CallerTurns {
  readonly #bounds: Required<TurnsOptions>;
  readonly #tenants = new Map<string | null, Tenant>();
  readonly #waiters = new Set<Waiter>();
  readonly #refused = { busy: 0, late: 0 };
  #running = 0;
  #exporting = 0;
  #served = 0;

  constructor(options: TurnsOptions) {
    this.#bounds = {
      exports: Math.max(1, Math.floor(options.places / 2)),
      waitingPerKey: 32,
      waitingPerTenant: 64,
      ownPatienceMs: 10_000,
      patienceMs: 40_000,
      exportPatienceMs: 300_000,
      ...options,
    };
  }

  async take(party: Party, gone?: AbortSignal): Promise<() => void> {
    gone?.throwIfAborted();
    const { tenant, key } = this.#lineOf(party);
    const { waitingPerTenant, waitingPerKey } = this.#bounds;
    if (tenant.waiting >= waitingPerTenant || key.waiting >= waitingPerKey) {
      this.#refused.busy += 1;
      throw tooBusy();
    }
    const turn = Promise.withResolvers<void>();
    const waiter: Waiter = { party, tenant, key, go: turn.resolve };
    for (const line of [tenant, key]) line.waiting += 1;
    this.#waiters.add(waiter);
    this.#serve();
    if (this.#waiters.has(waiter)) await this.#wait(waiter, turn, gone);
    return this.#ender(waiter);
  }

  status(): TurnsStatus {
    return { running: this.#running, waiting: this.#waiters.size, refused: { ...this.#refused } };
  }

  #lineOf({ tenant: name, key: keyName }: Party): Pick<Waiter, 'tenant' | 'key'> {
    const tenant = this.#tenants.get(name) ?? { ...emptyLine(), keys: new Map<string, Line>() };
    this.#tenants.set(name, tenant);
    const key = tenant.keys.get(keyName) ?? emptyLine();
    tenant.keys.set(keyName, key);
    return { tenant, key };
  }

  /** Removes an entry with nothing running and nothing waiting. */
  #tidy({ tenant: name, key: keyName }: Party): void {
    const tenant = this.#tenants.get(name);
    const key = tenant?.keys.get(keyName);
    if (key !== undefined && key.running + key.waiting === 0) tenant?.keys.delete(keyName);
    if (tenant !== undefined && tenant.running + tenant.waiting === 0) this.#tenants.delete(name);
  }

  #mayGo({ party, tenant }: Waiter): boolean {
    if (this.#running >= this.#bounds.places) return false;
    if (party.kind === 'export' && this.#exporting >= this.#bounds.exports) return false;
    return tenant.running === 0 || this.#running < this.#bounds.places - 1;
  }

  #next(): Waiter | null {
    let best: Waiter | null = null;
    for (const one of this.#waiters)
      if (this.#mayGo(one) && (best === null || isBefore(one, best))) best = one;
    return best;
  }

  #begin(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    this.#served += 1;
    this.#running += 1;
    if (waiter.party.kind === 'export') this.#exporting += 1;
    for (const line of [waiter.tenant, waiter.key]) {
      line.waiting -= 1;
      line.running += 1;
      line.served = this.#served;
    }
    waiter.go();
  }

  #serve(): void {
    for (let one = this.#next(); one !== null; one = this.#next()) this.#begin(one);
  }

  #leave(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    for (const line of [waiter.tenant, waiter.key]) line.waiting -= 1;
    this.#tidy(waiter.party);
  }

  #ender({ party, tenant, key }: Waiter): () => void {
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.#running -= 1;
      if (party.kind === 'export') this.#exporting -= 1;
      for (const line of [tenant, key]) line.running -= 1;
      this.#tidy(party);
      this.#serve();
    };
  }

  /** Resolves with the turn; rejects if it does not come in time or the caller has left. */
  async #wait(waiter: Waiter, turn: PromiseWithResolvers<void>, gone?: AbortSignal): Promise<void> {
    const giveUp = (error: unknown) => {
      if (!this.#waiters.has(waiter)) return;
      this.#leave(waiter);
      turn.reject(error);
    };
    const onGone = () => giveUp(gone?.reason);
    gone?.addEventListener('abort', onGone, { once: true });
    const isExport = waiter.party.kind === 'export';
    // A caller whose own tenant has work running is refused sooner: it is waiting for itself.
    const own = setTimeout(() => {
      if (isExport || waiter.tenant.running === 0 || !this.#waiters.has(waiter)) return;
      this.#refused.busy += 1;
      giveUp(tooBusy());
    }, this.#bounds.ownPatienceMs);
    const last = setTimeout(
      () => {
        if (!this.#waiters.has(waiter)) return;
        this.#refused.late += 1;
        giveUp(tooLate());
      },
      isExport ? this.#bounds.exportPatienceMs : this.#bounds.patienceMs,
    );
    try {
      await turn.promise;
    } finally {
      clearTimeout(own);
      clearTimeout(last);
      gone?.removeEventListener('abort', onGone);
    }
  }
}

const emptyLine = (): Line => ({ running: 0, waiting: 0, served: 0 });

/** Fewest running reads first, by tenant, then by key; then reports before exports; then the one served longest ago. */
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
