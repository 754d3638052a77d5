/** What the URL of a call says, for any provider. */
import { withoutTrailing } from '../../text/without-trailing.ts';

/** The path of a URL, without query and trailing slash. */
export function pathOf(url: string | undefined): string | null {
  const path = url === undefined ? null : /^[a-z][a-z0-9+.-]*:\/\/[^/?#]+([^?#]*)/i.exec(url);
  return path === null ? null : withoutTrailing(path[1] ?? '', '/');
}

/** The deployment (Azure) or model (Google, Bedrock) a URL names, or null. */
export function modelOfUrl(url: string | undefined): string | null {
  const match = /\/(?:deployments|models?)\/([^/:?]+)/.exec(pathOf(url) ?? '');
  if (match?.[1] === undefined) return null;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return match[1];
  }
}

/** Vertex bills its global endpoint apart from regional ones: `global`, `regional`, or null elsewhere. */
export function vertexRegion(url: string | undefined): string | null {
  const location = url === undefined ? undefined : /\/projects\/[^/]+\/locations\/([^/]+)\//.exec(url)?.[1];
  if (location === undefined) return null;
  return location === 'global' ? 'global' : 'regional';
}
