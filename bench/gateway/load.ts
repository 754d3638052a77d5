/** The load: keep-alive connections that ask again as soon as they are answered. In a process of its own. */
import net from 'node:net';

export interface LoadOrder {
  readonly url: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: string;
  /** The answer is a stream; else it has a length. */
  readonly streams: boolean;
  readonly connections: number;
  readonly milliseconds: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

process.on('message', async (order: LoadOrder) => process.send?.(await run(order)));

async function run(order: LoadOrder): Promise<LoadResult> {
  const { hostname, port } = new URL(order.url);
  const request = Buffer.from(
    `POST ${order.path} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(order.body)}\r\n${order.headers.map((line) => `${line}\r\n`).join('')}\r\n${order.body}`,
  );
  const begun = performance.now();
  const latencies: number[] = [];
  let failures = 0;
  const connection = () =>
    new Promise<void>((resolve) => {
      const socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
      let asked = 0;
      let text = '';
      const ask = () => {
        if (performance.now() - begun > order.milliseconds) {
          socket.destroy();
          return;
        }
        text = '';
        asked = performance.now();
        socket.write(request);
      };
      socket.on('connect', ask);
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1');
        if (!isWhole(text)) return;
        if (text.startsWith('HTTP/1.1 200')) latencies.push(performance.now() - asked);
        else failures += 1;
        ask();
      });
      socket.on('error', () => {
        failures += 1;
      });
      socket.on('close', () => resolve());
    });
  await Promise.all(Array.from({ length: order.connections }, connection));
  const seconds = (performance.now() - begun) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { requests: latencies.length, failures, seconds, p50: at(0.5), p99: at(0.99) };
}

function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text);
  if (length !== null && length.index < head) return text.length >= head + 4 + Number(length[1]);
  return text.endsWith('0\r\n\r\n');
}
