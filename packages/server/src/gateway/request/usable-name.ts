/** Names that came from outside and become names in the ledger. */
import { MAX_NAME_LENGTH } from '@farthing/contract';
import { isStorableText } from '../../ledger/storable.ts';

/** The fault of a name, as the end of a sentence; null if the name can be stored. */
export function unusableName(name: string): string | null {
  if (name.length > MAX_NAME_LENGTH) return `is longer than ${MAX_NAME_LENGTH} characters`;
  if (!isStorableText(name)) return 'holds a NUL or half a surrogate pair';
  return null;
}
