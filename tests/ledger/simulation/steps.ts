/** What may happen to a recording process and its database, as data: a seed makes a list of these. */
import fc from 'fast-check';

/** One event as a caller sends it; few ids and few contents, so that they meet. */
export interface SentAs {
  /** Which of the run's ids. */
  readonly id: number;
  readonly source: 'reported' | 'partial' | 'estimated';
  /** Tells contents of one id apart. */
  readonly input: number;
  readonly day: number;
  readonly agent: string | null;
  readonly model: string;
  readonly tenant: 'known' | 'unknown';
}

export type Step =
  /** Calls at the same time, each with its events; no id is in two of them. */
  | { readonly do: 'record'; readonly calls: readonly (readonly SentAs[])[] }
  /** Events as the gateway keeps them: durable first, recorded a moment later. */
  | { readonly do: 'keep'; readonly events: readonly SentAs[] }
  /** The process dies while these are under way, so many milliseconds after they came; another one is started. */
  | { readonly do: 'crash'; readonly events: readonly SentAs[]; readonly afterMs: number }
  | { readonly do: 'go away' }
  | { readonly do: 'come back' }
  /** The next COMMITs succeed and their answers are lost. */
  | { readonly do: 'lose answers'; readonly count: number }
  /** From now on each transaction takes so much longer. */
  | { readonly do: 'slow down'; readonly ms: number }
  /** A clean stop and a start. */
  | { readonly do: 'restart' }
  /** Waits until all that was acknowledged is in the ledger, then everything is compared. */
  | { readonly do: 'settle' };

/** Ids of one run. */
export const IDS = 10;

const sentAs: fc.Arbitrary<SentAs> = fc.record({
  id: fc.nat({ max: IDS - 1 }),
  source: fc.constantFrom('reported', 'reported', 'partial', 'estimated'),
  input: fc.constantFrom(10, 10, 11),
  day: fc.nat({ max: 2 }),
  agent: fc.constantFrom(null, 'a', 'b'),
  model: fc.constantFrom('gpt-4o', 'gpt-4o', 'nobody-knows-this'),
  tenant: fc.constantFrom('known', 'known', 'known', 'known', 'known', 'known', 'unknown'),
});

const someEvents = (most: number) => fc.array(sentAs, { minLength: 1, maxLength: most });

/** Calls that run at the same time share no id, because their order is not defined. */
const calls = fc
  .array(someEvents(4), { minLength: 1, maxLength: 3 })
  .map((given) =>
    given.map((call, at) => call.map((one) => ({ ...one, id: (one.id * 3 + at) % (3 * IDS) }))),
  );

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: fc.constant('record' as const), calls }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('keep' as const), events: someEvents(3) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      events: someEvents(4),
      afterMs: fc.nat({ max: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'go away' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'come back' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('lose answers' as const), count: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('slow down' as const), ms: fc.constantFrom(0, 3, 10) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'settle' as const }) },
);

/** Lists of up to so many steps, most of them that long. */
export const steps = (most: number): fc.Arbitrary<readonly Step[]> =>
  fc.array(step, { minLength: 1, maxLength: most, size: 'max' });
