/** The filters of requests: those of the API's list of events, and tags. */
import type { ApiInputs } from '../api.ts';

type EventFilter = NonNullable<ApiInputs['events']['list']['filter']>;

/** Every filter of the API that compares with one text. */
export type FilterName = Exclude<keyof EventFilter, 'unpriced' | 'tags'>;

/** The word for each, in the order of their chips. The compiler asks for a row when the API gets another filter. */
const WORDS: { readonly [name in FilterName]: string } = {
  provider: 'provider',
  model: 'model',
  operation: 'operation',
  project: 'project',
  environment: 'environment',
  agent: 'agent',
  user: 'user',
  workflow: 'workflow',
  task: 'task',
  session: 'session',
  request_id: 'request id',
  status: 'status',
  door: 'door',
};

export const FILTERS = Object.keys(WORDS) as readonly FilterName[];

/** A filter by a tag's value, named as the API names the dimension: `tag.team`. */
export type TagFilter = `tag.${string}`;

/** Values by filter; "" asks for events without a value. */
export type Filters = { readonly [name in FilterName | TagFilter]?: string };

const TAG = 'tag.';

const isTagFilter = (name: string): name is TagFilter => name.startsWith(TAG) && name.length > TAG.length;

/** The names among these that are filters, in the order of their chips, tags last. */
export function filterNames(names: readonly string[]): readonly (FilterName | TagFilter)[] {
  return [...FILTERS.filter((name) => names.includes(name)), ...names.filter(isTagFilter)];
}

/** The word for a filter: `request id`, `tag team`. */
export function filterWord(name: FilterName | TagFilter): string {
  return isTagFilter(name) ? `tag ${name.slice(TAG.length)}` : WORDS[name];
}

/** As the questions about costs take them: one value per dimension. Undefined without any. */
export function costFilters(filters: Filters): { [dimension: string]: string[] } | undefined {
  const chosen = entriesOf(filters).map(([name, value]): [string, string[]] => [name, [value]]);
  return chosen.length === 0 ? undefined : Object.fromEntries(chosen);
}

/** As the list of events takes them: tags under their keys. Undefined without any. */
export function eventFilter(filters: Filters): EventFilter | undefined {
  const chosen = entriesOf(filters);
  if (chosen.length === 0) return undefined;
  const tags = chosen
    .filter(([name]) => isTagFilter(name))
    .map(([name, value]) => [name.slice(TAG.length), value]);
  const named = Object.fromEntries(chosen.filter(([name]) => !isTagFilter(name)));
  // Status and door are words of a list; another word is refused by the API, which says so.
  return { ...named, ...(tags.length === 0 ? {} : { tags: Object.fromEntries(tags) }) } as EventFilter;
}

function entriesOf(filters: Filters): readonly (readonly [FilterName | TagFilter, string])[] {
  return filterNames(Object.keys(filters)).flatMap((name) => {
    const value = filters[name];
    return value === undefined ? [] : [[name, value] as const];
  });
}
