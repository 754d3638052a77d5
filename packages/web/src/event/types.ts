/** What the pages know of a request: a row of the list, and one opened. */
import type { ApiOutputs } from '../api.ts';

export type ListedEvent = ApiOutputs['events']['list']['events'][number];
export type OpenedEvent = ApiOutputs['events']['get'];
