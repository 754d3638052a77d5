/** What the URL of a call says, whoever answers there. */
import { withoutTrailing } from '../without-trailing.ts';

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
