/** The reader of usage that fits an answer. */
import { type ExtractHint, openStream, type StreamForm } from '@farthing/pricing/extract';
import { DecodedUsageReader } from './decoded-usage-reader.ts';
import { GuardedUsageReader } from './guarded-usage-reader.ts';
import { PlainUsageReader, type UsageReader } from './usage-reader.ts';

export interface ReadAnswer {
  readonly hint: ExtractHint;
  /** How the events of the answer look; null where they have no marks that could be looked for. */
  readonly events: StreamForm | null;
  /** The answer's `content-encoding`: the gateway asks for none, but a provider may not listen. */
  readonly encoding: string | undefined;
}

/**
 * Opens the reader of one answer.
 *
 * @param onFault called if reading fails; the answer itself continues
 */
export function openUsageReader(
  { hint, events, encoding }: ReadAnswer,
  onFault: (error: unknown) => void,
): UsageReader {
  const plain = new GuardedUsageReader(new PlainUsageReader(openStream(hint), events), onFault);
  return encoding === undefined || encoding === 'identity' ? plain : new DecodedUsageReader(plain, encoding);
}
