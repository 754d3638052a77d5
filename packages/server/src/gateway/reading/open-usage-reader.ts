/** The meter that fits an answer. */
import { type ExtractHint, openStream } from '@farthing/pricing/extract';
import { DecodedMeter } from './decoded-usage-reader.ts';
import { GuardedMeter } from './guarded-usage-reader.ts';
import { type Meter, PlainMeter } from './usage-reader.ts';

/**
 * Opens a meter for one answer.
 *
 * @param streams the answer is a stream of server-sent events
 * @param encoding the answer's `content-encoding`: the gateway asks for none, but a provider may not listen
 * @param onFault told where reading fails; the answer itself goes on
 */
export function openMeter(
  hint: ExtractHint,
  streams: boolean,
  encoding: string | undefined,
  onFault: (error: unknown) => void,
): Meter {
  const plain = new GuardedMeter(new PlainMeter(openStream(hint), streams), onFault);
  return encoding === undefined || encoding === 'identity' ? plain : new DecodedMeter(plain, encoding);
}
