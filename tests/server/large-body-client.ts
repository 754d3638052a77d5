/**
 * Sends bodies of 17 MB as ordinary clients do and prints what became of each, as JSON. A process of its own: in the
 * server's, both sides would wait for each other and never meet as they do in life.
 *
 * Arguments: the server's URL, a key, then paths.
 */
import { request } from 'node:http';
import { Readable } from 'node:stream';

const [url = '', key = '', ...paths] = process.argv.slice(2);
const LARGE = Buffer.alloc(17 * 1024 * 1024, ' ');
const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
const TIMES = 3;

/** What came: the status, or how the connection ended. */
async function byFetch(path: string, chunked: boolean): Promise<string> {
  const chunks = () => Readable.from(Array.from({ length: 17 }, () => LARGE.subarray(0, 1024 * 1024)));
  const body = chunked ? { body: Readable.toWeb(chunks()), duplex: 'half' } : { body: LARGE };
  try {
    const answer = await fetch(url + path, { method: 'POST', headers, ...body } as RequestInit);
    const { error } = (await answer.json()) as { error: { code: string } };
    return `${answer.status} ${error.code}`;
  } catch (error) {
    return String((error as { cause?: { code?: string } }).cause?.code ?? error);
  }
}

/** `node:http`, which axios and others stand on. */
function byNode(path: string, expectContinue: boolean): Promise<string> {
  return new Promise((resolve) => {
    const length = { 'content-length': LARGE.length };
    const expecting = expectContinue ? { expect: '100-continue' } : {};
    const sent = request(url + path, { method: 'POST', headers: { ...headers, ...length, ...expecting } });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    sent.on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
      });
      answer.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      answer.on('end', () => resolve(`${answer.statusCode} ${JSON.parse(text).error.code}`));
    });
    if (expectContinue) sent.on('continue', () => sent.end(LARGE));
    else sent.end(LARGE);
  });
}

const came: (readonly [what: string, answer: string])[] = [];
for (const path of paths) {
  for (let time = 0; time < TIMES; time++) {
    const answers = {
      fetch: await byFetch(path, false),
      'fetch in chunks': await byFetch(path, true),
      'node:http': await byNode(path, false),
      'node:http that asks first': await byNode(path, true),
    };
    for (const [client, answer] of Object.entries(answers)) came.push([`${path} by ${client}`, answer]);
  }
}
const answersOf = (all: typeof came) => [...new Set(all.map(([, answer]) => answer))].join();
process.stdout.write(
  JSON.stringify(
    Object.fromEntries([...Map.groupBy(came, ([what]) => what)].map(([what, all]) => [what, answersOf(all)])),
  ),
);
