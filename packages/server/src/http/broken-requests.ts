/** Answers for what never becomes a request of ours: broken HTTP, a sender too slow, an expectation not understood. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { requestId } from './request-id.ts';

/** `Expect` with anything but `100-continue`: Node would answer without a word. */
export function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const message = 'Expect: only 100-continue is understood.';
  const error = { code: 'bad_request', message, request_id: requestId({ headers: {} }) };
  response.writeHead(417, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ success: false, error }));
}

const BROKEN_REQUESTS: { readonly [code: string]: readonly [number, string, string, string] } = {
  HPE_HEADER_OVERFLOW: [
    431,
    'Request Header Fields Too Large',
    'bad_request',
    'The headers are larger than 16 KiB.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'bad_request', 'The request took too long to arrive.'],
};

/** Input that is not a valid request (bad HTTP, too slow) gets the same form of error; then the connection is closed. */
export function refuseBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason, code, message] = BROKEN_REQUESTS[error.code ?? ''] ?? [
    400,
    'Bad Request',
    'bad_request',
    'This is not a valid HTTP request.',
  ];
  const body = JSON.stringify({
    success: false,
    error: { code, message, request_id: requestId({ headers: {} }) },
  });
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
