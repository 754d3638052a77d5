/** Step `headers`: the caller's headers but what is for one hop or for us alone. */
import { upstreamHeaders } from '../headers/forwarded-headers.ts';
import type { Step } from './step.ts';

export const makeHeaders: Step = {
  name: 'headers',
  run: (call) => {
    const { incoming, request, outgoing } = call;
    const headers = upstreamHeaders(incoming.rawHeaders, {
      ...(request === null ? {} : { contentLength: request.body.bytes.length }),
      plainAnswer: request !== null,
    });
    return { ...call, outgoing: { ...outgoing, headers } };
  },
};
