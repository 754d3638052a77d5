/** Where OpenAI keeps the data of a call. */

/** OpenAI's hosts that keep data in one region, each at a price of its own. */
const OPENAI_REGION = /^https?:\/\/(us|eu|au|ca|jp|in|sg|kr|gb|ae)\.api\.openai\.com(?:\/|:|$)/i;

/** Region class named by the host (`eu.api.openai.com`), or null. */
export function regionOfUrl(url: string | undefined): string | null {
  const match = url === undefined ? null : OPENAI_REGION.exec(url);
  return match?.[1]?.toLowerCase() ?? null;
}
