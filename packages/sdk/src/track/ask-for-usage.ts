/** OpenAI's chat streams carry usage only where the request asks for it. */

/**
 * The request body with `stream_options.include_usage` added, or nothing where it is no chat stream, already
 * asks, has stream options of its own, or cannot be read. The rest of the text stays as it is.
 */
export function askForUsage(body: unknown): string | undefined {
  // The look at the text spares parsing for most calls; the parse makes sure that it is the top level's.
  if (typeof body !== 'string' || !body.startsWith('{') || !/"stream"\s*:\s*true/.test(body))
    return undefined;
  const parsed: { readonly stream?: unknown; readonly stream_options?: unknown } = JSON.parse(body);
  if (parsed.stream !== true || parsed.stream_options !== undefined) return undefined;
  return `{"stream_options":{"include_usage":true},${body.slice(1)}`;
}

/** Where asking is safe: OpenAI itself, and servers on this machine, which ignore what they don't know. */
export function understandsAsking(host: string): boolean {
  return /(^|\.)openai\.com$/.test(host) || /^(localhost|127\.0\.0\.1|\[::1\])$/.test(host);
}
