/** A provider that costs next to nothing: canned bytes on a plain socket. Prints its URL. */
import net, { type AddressInfo } from 'node:net';

const USAGE = '{"prompt_tokens":120,"completion_tokens":20,"total_tokens":140}';
const BODY = `{"id":"chatcmpl-bench","object":"chat.completion","created":1767225600,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"${'A farthing was a quarter of a penny. '.repeat(8)}"},"finish_reason":"stop"}],"usage":${USAGE}}`;
const JSON_ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-request-id: req_bench\r\nopenai-version: 2020-10-01\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
);

const frame = (rest: string) =>
  `data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1767225600,"model":"gpt-4o-mini",${rest}}\n\n`;
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const delta = frame(
  '"choices":[{"index":0,"delta":{"content":"farthing "},"finish_reason":null}],"usage":null',
);
const HEAD =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nx-request-id: req_bench\r\nTransfer-Encoding: chunked\r\n\r\n';
/** Twenty deltas in four pieces, as a network delivers them. */
const PIECES = [
  HEAD + chunk(delta).repeat(5),
  chunk(delta).repeat(5),
  chunk(delta).repeat(5),
  `${chunk(delta).repeat(5)}${chunk(frame(`"choices":[],"usage":${USAGE}`))}${chunk('data: [DONE]\n\n')}0\r\n\r\n`,
].map((piece) => Buffer.from(piece));

const server = net.createServer({ noDelay: true }, (socket) => {
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    const head = text.indexOf('\r\n\r\n');
    if (head === -1) return;
    const length = /^content-length: *(\d+)/im.exec(text.slice(0, head));
    const whole =
      length === null
        ? !/^transfer-encoding: *chunked/im.test(text.slice(0, head)) || text.endsWith('0\r\n\r\n')
        : text.length >= head + 4 + Number(length[1]);
    if (!whole) return;
    const streams = /"stream": ?true/.test(text);
    text = '';
    if (!streams) socket.write(JSON_ANSWER);
    else sendPieces(socket, 0);
  });
});

function sendPieces(socket: net.Socket, at: number): void {
  const piece = PIECES[at];
  if (piece === undefined || socket.destroyed) return;
  socket.write(piece);
  setImmediate(() => sendPieces(socket, at + 1));
}

server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
