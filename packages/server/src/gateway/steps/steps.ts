/** The steps of every call, in their order. A new one is a file in this folder and a line here. */
import type { GatewayParts } from '../gateway-parts.ts';
import { askForUsage } from './ask-for-usage.ts';
import { chooseRecording } from './choose-recording.ts';
import { makeHeaders } from './make-headers.ts';
import { readBodyOfCall } from './read-body-of-call.ts';
import type { Step } from './step.ts';
import { takePlace } from './take-place.ts';

/** The steps between being admitted and going up. */
export function gatewaySteps(parts: GatewayParts): readonly Step[] {
  return [
    takePlace(parts.rooms),
    chooseRecording(parts),
    readBodyOfCall(parts),
    // From here on the request is read, so its model and possible cost are known.
    askForUsage(parts.settings),
    // From here on the body is final.
    makeHeaders,
  ];
}
