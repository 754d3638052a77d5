/** Runs calls against a provider that misbehaves, and says what is wrong with what their client saw. */
import type { UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';
import { FARTHING_KEY, type GatewayUnderTest } from '../gateway/gateway-under-test.ts';
import { connect, post, type RawAnswer, type ReadAnswer, rawCall, readAnswer } from '../gateway/raw-http.ts';
import type { Kind } from './kind.ts';
import type { MisbehavingUpstream } from './upstream.ts';

export type Way = 'metered' | 'passed';

const PATHS = { metered: '/v1/chat/completions', passed: '/v1/files' };
const BODY = {
  model: 'gpt-5-mini',
  messages: [{ role: 'user', content: 'hello' }],
  stream: true,
  stream_options: { include_usage: true },
};

let calls = 0;

/** One call of a kind; null where all was as it must be, else what was not. */
export async function tryKind(
  gateway: GatewayUnderTest,
  upstream: MisbehavingUpstream,
  kind: Kind,
  way: Way,
): Promise<string | null> {
  calls += 1;
  const id = `call-${calls}`;
  const answer = await through(gateway, kind, way, id);
  const wrong =
    (await wrongAnswer(upstream, kind, way, answer)) ?? (await wrongEvent(gateway, kind, way, id));
  return wrong === null ? null : `${kind.name} (${way}): ${wrong}`;
}

const request = (path: string, kind: Kind, headers: readonly string[] = []) =>
  post(path, BODY, [`x-kind: ${encodeURIComponent(kind.name)}`, ...headers]);

async function through(gateway: GatewayUnderTest, kind: Kind, way: Way, id: string): Promise<RawAnswer> {
  const bytes = request(`/gateway/openai${PATHS[way]}`, kind, [
    `x-farthing-key: ${FARTHING_KEY}`,
    `x-farthing-request-id: ${id}`,
  ]);
  if (kind.seen.as !== 'endless') return rawCall(gateway.url, bytes);
  const client = await connect(gateway.url);
  client.socket.write(bytes);
  const got = await client.until((received) => received.length > 100_000);
  client.socket.destroy();
  return { bytes: got, ended: 'open' };
}

async function wrongAnswer(
  upstream: MisbehavingUpstream,
  kind: Kind,
  way: Way,
  raw: RawAnswer,
): Promise<string | null> {
  const { seen } = kind;
  if (seen.as === 'endless') return raw.bytes.length > 100_000 ? null : `only ${raw.bytes.length} bytes came`;
  const answer = readAnswer(raw);
  if (answer === null) return `no answer, but ${JSON.stringify(raw.bytes.toString('latin1').slice(0, 200))}`;
  const status = Number(answer.statusLine.split(' ')[1]);
  switch (seen.as) {
    case 'refused':
      return status === seen.status &&
        /"message":"Farthing: openai /.test(answer.body.toString()) &&
        answer.whole
        ? null
        : `not refused with ${seen.status}: ${answer.statusLine} ${answer.body.toString().slice(0, 200)}`;
    case 'cut':
    case 'torn': {
      const expected = seen.as === 'cut' ? seen.body : seen.of.subarray(0, answer.body.length);
      if (answer.whole) return 'the cut answer looks whole';
      return answer.body.equals(expected)
        ? null
        : `other bytes before the cut: ${answer.body.toString('latin1').slice(0, 200)}`;
    }
    case 'direct': {
      const plain = readAnswer(await rawCall(upstream.url, request(PATHS[way], kind)));
      if (plain === null) return 'the direct call has no answer';
      return difference(comparable(plain, seen.phrase), comparable(answer));
    }
  }
}

interface Comparable {
  readonly status: string;
  readonly headers: readonly string[];
  readonly body: Buffer;
  readonly whole: boolean;
}

/** Headers of ours are dropped from an answer, and bytes beyond its length are no part of it. */
const OWN = /^(?:x[-_]farthing|set-cookie: farthing_session)/i;

function comparable({ statusLine, headers, body, whole }: ReadAnswer, phrase?: string): Comparable {
  const [, status = '', said = ''] = /^HTTP\/1\.[01] (\d{3})(?: (.*))?$/s.exec(statusLine) ?? [];
  const length = / (?:204|304)\b/.test(statusLine)
    ? 0
    : Number(headers.find((line) => /^content-length:/i.test(line))?.slice(15) ?? Number.POSITIVE_INFINITY);
  return {
    status: `${status} ${phrase ?? said}`,
    headers: headers.filter((line) => !OWN.test(line) && !/^date:/i.test(line)).map((line) => line.trimEnd()),
    body: body.subarray(0, length),
    whole,
  };
}

function difference(direct: Comparable, gateway: Comparable): string | null {
  if (direct.status !== gateway.status)
    return `status ${JSON.stringify(gateway.status)} for ${JSON.stringify(direct.status)}`;
  const [odd] = gateway.headers.filter((line, at) => line !== direct.headers[at]);
  if (odd !== undefined || gateway.headers.length !== direct.headers.length)
    return `headers differ: ${gateway.headers.length} for ${direct.headers.length}, ${odd}`;
  if (!direct.body.equals(gateway.body))
    return `${gateway.body.length} other bytes for ${direct.body.length}`;
  return direct.whole === gateway.whole ? null : `whole: ${gateway.whole} for ${direct.whole}`;
}

async function wrongEvent(
  gateway: GatewayUnderTest,
  kind: Kind,
  way: Way,
  id: string,
): Promise<string | null> {
  const events = () => gateway.events.filter((event) => event.attribution.requestId === id);
  if (way === 'passed') return events().length === 0 ? null : 'an event for a call that is not metered';
  const [event, second] = await untilSome(events);
  if (event === undefined) return 'no event';
  if (second !== undefined) return 'two events';
  return event.status === kind.event ? null : `event ${event.status} for ${kind.event}`;
}

/** An event may come a moment after the answer: with relaxed durability, and where the client has left. */
async function untilSome(events: () => UsageEvent[]): Promise<UsageEvent[]> {
  for (let waited = 0; waited < 5_000 && events().length === 0; waited += 10)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return events();
}

/** Runs tasks, at most so many at once; answers what they answered. */
export async function inParallel<Task, Result>(
  tasks: readonly Task[],
  atOnce: number,
  run: (task: Task) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = tasks.entries();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [at, task] of queue) results[at] = await run(task);
    }),
  );
  return results;
}
