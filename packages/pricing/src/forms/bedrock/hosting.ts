/** What only the URL and the headers of an answer on Bedrock say about its price. */
import { getObject } from '../../json/members.ts';
import type { Hosting } from '../description/shape.ts';
import { metricsAsHeaders, withBedrockHeaders } from './headers.ts';

export const bedrockHosting: Hosting = {
  provider: 'bedrock',
  headers: ['x-amzn-bedrock-'],
  adjust(reading, { url, headers }) {
    const located = { ...reading, region: reading.region ?? bedrockRegion(url) };
    return headers === undefined ? located : withBedrockHeaders(located, headers);
  },
  /** The counts that end a stream of an invoked model. */
  headersOf(event) {
    const metrics = getObject(event, 'amazon-bedrock-invocationMetrics');
    return metrics === null ? null : metricsAsHeaders(metrics);
  },
};

/** The region of AWS whose endpoint answered, or null: some models cost more in some of them. */
function bedrockRegion(url: string | undefined): string | null {
  const host = url === undefined ? undefined : /^https?:\/\/([^/?#:]+)/i.exec(url)?.[1]?.toLowerCase();
  return (
    /^bedrock[a-z-]*\.([a-z]{2}(?:-[a-z]+)+-\d+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/.exec(
      host ?? '',
    )?.[1] ?? null
  );
}
