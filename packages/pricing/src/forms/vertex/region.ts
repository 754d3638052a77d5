/** Where a model of Vertex runs. */

/** Vertex bills its global endpoint apart from regional ones: `global`, `regional`, or null elsewhere. */
export function vertexRegion(url: string | undefined): string | null {
  const location = url === undefined ? undefined : /\/projects\/[^/]+\/locations\/([^/]+)\//.exec(url)?.[1];
  if (location === undefined) return null;
  return location === 'global' ? 'global' : 'regional';
}
