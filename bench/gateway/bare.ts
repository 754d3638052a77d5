/** The least a gateway in Node can do: node:http in front, undici behind, nothing read, nothing kept. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';

const [, , upstream = ''] = process.argv;
const agent = new Agent({ connections: 1024, pipelining: 1 });
const HOP = ['connection', 'keep-alive', 'transfer-encoding', 'host'];

const plain = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP.includes(name)));

const server = createServer(async (incoming, response) => {
  const answer = await agent.request({
    origin: upstream,
    path: incoming.url ?? '/',
    method: 'POST',
    headers: plain(incoming.headers),
    body: incoming,
  });
  response.writeHead(answer.statusCode, plain(answer.headers));
  answer.body.pipe(response);
});
server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
