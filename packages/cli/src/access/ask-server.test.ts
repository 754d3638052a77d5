import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reratingAnswer } from '@farthing/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Ask, askOf, RefusedByServerError } from './ask-server.ts';

let server: Server;
let url: string;
let said: { readonly status: number; readonly text: string };
let ask: Ask;
beforeAll(async () => {
  server = createServer((_request, response) => response.writeHead(said.status).end(said.text));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  ask = askOf({ url, key: 'k' });
});
afterAll(() => server.close());

const answer = (data: unknown) => {
  said = { status: 200, text: JSON.stringify({ success: true, data }) };
};
const thing = z.object({ runs: z.array(z.object({ id: z.string(), scanned: z.int() })) });

test('an answer of another version names the member that does not fit', async () => {
  answer({ runs: [{ id: 'a', scanned: 1 }, { id: 'b' }] });
  await expect(ask(thing, 'GET', '/')).rejects.toThrow(
    `${url} answers in another form than this command line knows (data.runs.1.scanned: is missing)`,
  );
  answer({ runs: [{ id: 'a', scanned: '1' }] });
  await expect(ask(thing, 'GET', '/')).rejects.toThrow('(data.runs.0.scanned: must be a number)');
  answer({ status: 'frozen' });
  await expect(ask(reratingAnswer, 'GET', '/')).rejects.toThrow('(data.id: is missing)');
});

test('members that are not known are tolerated and passed on', async () => {
  const data = { runs: [{ id: 'a', scanned: 1, speed: 9 }], more: true };
  answer(data);
  expect(await ask(thing, 'GET', '/')).toEqual(data);
});

test('what is no answer of Farthing is told so', async () => {
  said = { status: 200, text: '<html>' };
  await expect(ask(thing, 'GET', '/')).rejects.toThrow('no JSON: is a Farthing server there?');
  said = { status: 200, text: '{"ok":true}' };
  await expect(ask(thing, 'GET', '/')).rejects.toThrow('(success: ');
});

test('a refusal is told in the server’s words, with its particulars', async () => {
  const error = { code: 'conflict', message: 'Not now.', request_id: 'r', details: { doubtful: 2 } };
  said = { status: 409, text: JSON.stringify({ success: false, error }) };
  const refusal = await ask(thing, 'GET', '/').catch((thrown: unknown) => thrown);
  expect(refusal).toBeInstanceOf(RefusedByServerError);
  expect(refusal).toMatchObject({ details: { doubtful: 2 }, message: expect.stringContaining('Not now.') });
});
