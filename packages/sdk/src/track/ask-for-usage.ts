/** Some streams carry usage only where the request asks for it. */
import type { UsageOption } from '@farthing/pricing/extract';

/**
 * The request body with the option added, or nothing where it asks for no stream, has such options of its own, or
 * cannot be read. The rest of the text stays as it is.
 */
export function bodyAskingForUsage(body: unknown, { member, option }: UsageOption): string | undefined {
  // Searching the text avoids parsing for most calls. Parsing makes sure that the option is at the top level.
  if (typeof body !== 'string' || !body.startsWith('{') || !/"stream"\s*:\s*true/.test(body))
    return undefined;
  const parsed: { readonly [key: string]: unknown } = JSON.parse(body);
  if (parsed['stream'] !== true || parsed[member] !== undefined) return undefined;
  return `{${JSON.stringify(member)}:{${JSON.stringify(option)}:true},${body.slice(1)}`;
}

/** Where asking is safe: OpenAI itself, and servers on this machine, which ignore what they don't know. */
export function understandsAsking(host: string): boolean {
  return /(^|\.)openai\.com$/.test(host) || /^(localhost|127\.0\.0\.1|\[::1\])$/.test(host);
}
