/** A bounded list of what a fold collects from the events of one stream. */

import { isObject } from '../../json/members.ts';
import type { Json } from '../../usage/usage.ts';

/** More items than any stream has: turns of a session, tools that ran. */
const MOST = 10_000;
/** Values that are kept of one of them, and characters of a text. */
const VALUES = 100;
/** One more than the longest name, so that a longer name stays invalid. */
const TEXT = 257;

export class EventList {
  readonly items: Json[] = [];
  #full = false;

  /** True once an item was left out: counts from the list are then too low. */
  get full(): boolean {
    return this.#full;
  }

  push(value: Json): void {
    if (this.items.length < MOST) this.items.push(reduced(value, { values: VALUES }));
    else this.#full = true;
  }
}

/** The value with its first members and the beginnings of its texts: names, counts and queries, not contents. */
function reduced(value: Json, left: { values: number }): Json {
  left.values -= 1;
  if (typeof value === 'string') return value.length > TEXT ? value.slice(0, TEXT) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (left.values <= 0) return null;
  if (Array.isArray(value)) {
    const list: Json[] = [];
    for (const one of value as readonly Json[]) {
      if (left.values <= 0) break;
      list.push(reduced(one, left));
    }
    return list;
  }
  const object: { [key: string]: Json } = Object.create(null);
  for (const [key, member] of Object.entries(value)) {
    if (left.values <= 0) break;
    if (member !== undefined) object[key] = reduced(member, left);
  }
  return isObject(object) ? object : null;
}
