/** A fault of the gateway's own code, wherever it happens, ends the call it happened in and nothing else. */
import { afterEach, expect, it } from 'vitest';
import {
  FARTHING_KEY,
  type GatewayTestOptions,
  type GatewayUnderTest,
  startGatewayUnderTest,
} from '../gateway/gateway-under-test.ts';
import { post, type RawUpstream, rawCall, readAnswer, startRawUpstream } from '../gateway/raw-http.ts';

const CHAT = '/gateway/openai/v1/chat/completions';
const ANSWER =
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}';

let upstream: RawUpstream;
let gateway: GatewayUnderTest;
afterEach(async () => {
  await gateway.close();
  await upstream.close();
});

async function call(path = CHAT) {
  const answer = await rawCall(
    gateway.url,
    post(path, { model: 'gpt-5-mini' }, [`x-farthing-key: ${FARTHING_KEY}`]),
  );
  return readAnswer(answer);
}

/** Throws when it is asked the n-th time, once. */
function faultAt(turn: number) {
  let asked = 0;
  return () => {
    asked += 1;
    if (asked === turn) throw new Error('a fault of the test');
    return false;
  };
}

async function start(options: GatewayTestOptions) {
  upstream = await startRawUpstream(({ socket }) => {
    socket.write(ANSWER);
  });
  gateway = await startGatewayUnderTest({ upstream: upstream.url, ...options });
}

/** The call of the fault is over and the next one is as good as ever. */
async function expectGoingOn(events: readonly string[]) {
  expect(gateway.faults).toHaveLength(1);
  expect(gateway.faults[0]).toContain('gateway call failed');
  expect((await call())?.statusLine).toBe('HTTP/1.1 200 OK');
  expect(gateway.events.map((event) => event.status)).toEqual([...events, 'ok']);
  expect(gateway.rooms.calls.openai.read()).toMatchObject({ taken: 0, waiting: 0 });
  await upstream.quiet();
}

it('before the provider is asked: the client is told', async () => {
  await start({ isDraining: faultAt(1) });
  expect((await call())?.statusLine).toContain('500');
  await expectGoingOn([]);
});

it('where the answer begins: the client is told, the event says error', async () => {
  await start({ isDraining: faultAt(2) });
  const answer = await call();
  expect(answer?.statusLine).toContain('500');
  expect(answer?.body.toString()).toContain('"code":"internal"');
  await expectGoingOn(['error']);
});

it('where the answer ends: the client sees the cut, the event stands', async () => {
  await start({ isDraining: faultAt(3) });
  expect((await call())?.whole ?? false).toBe(false);
  await expectGoingOn(['ok']);
});

it('where the event is recorded: the client sees the cut', async () => {
  const fault = faultAt(1);
  const recordFault = faultAt(1);
  await start({
    record: async () => {
      recordFault();
    },
    onRecordFailure: () => {
      fault();
    },
  });
  expect((await call())?.whole ?? false).toBe(false);
  await expectGoingOn([]);
});
