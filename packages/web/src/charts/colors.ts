/**
 * One colour per entity, the same in every chart and on every page: given out in the order in which entities are
 * first seen and remembered in this browser.
 */
import { OTHER_COLOR, SERIES_COLORS } from '../theme.ts';

const STORE_KEY = 'farthing.colors';
const MAX_REMEMBERED = 500;

let assigned: Map<string, number> | undefined;

/** @param kind what the key is (`model`, `agent`, …) @param key the entity; "" (no value) is grey like "other" */
export function colorOf(kind: string, key: string): string {
  if (key === '') return OTHER_COLOR;
  const colors = remembered();
  const name = `${kind}:${key}`;
  let index = colors.get(name);
  if (index === undefined) {
    index = leastUsed(colors, kind);
    colors.set(name, index);
    remember(colors);
  }
  return SERIES_COLORS[index] ?? OTHER_COLOR;
}

/** The colour that fewest entities of this kind have, the earliest of them first. */
function leastUsed(colors: ReadonlyMap<string, number>, kind: string): number {
  const used = SERIES_COLORS.map(() => 0);
  for (const [name, index] of colors) {
    if (name.startsWith(`${kind}:`)) used[index] = (used[index] ?? 0) + 1;
  }
  return used.indexOf(Math.min(...used));
}

function remembered(): Map<string, number> {
  if (assigned !== undefined) return assigned;
  assigned = new Map();
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORE_KEY) ?? '[]');
    if (Array.isArray(stored)) {
      for (const entry of stored.slice(-MAX_REMEMBERED)) {
        if (Array.isArray(entry) && typeof entry[0] === 'string' && Number.isInteger(entry[1]))
          assigned.set(entry[0], entry[1]);
      }
    }
  } catch {
    // A browser without storage still gets colours, only not the same ones next time.
  }
  return assigned;
}

function remember(colors: ReadonlyMap<string, number>): void {
  try {
    localStorage.setItem(STORE_KEY, JSON.stringify([...colors].slice(-MAX_REMEMBERED)));
  } catch {
    // as above
  }
}
