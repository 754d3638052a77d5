import { AppError } from '@farthing/contract';
import { describe, expect, it } from 'vitest';
import type { Call } from '../call.ts';
import { type Step, takeSteps } from './step.ts';

const call = { response: { destroyed: false }, outgoing: { headers: [] } } as unknown as Call;
const adds = (name: string, wait = false): Step => ({
  name,
  run: (given) => {
    const headers = [...given.outgoing.headers, name];
    const next = { ...given, outgoing: { ...given.outgoing, headers } };
    return wait ? Promise.resolve(next) : next;
  },
});

describe('the steps of a call', () => {
  it('are taken in their order, each with what the one before made of the call', async () => {
    const taken = await takeSteps(call, [adds('a'), adds('b', true), adds('c')]);
    expect(taken?.outgoing.headers).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['leaves', () => null, null],
    [
      'is refused',
      () => {
        throw new AppError('overloaded', 'no room');
      },
      'no room',
    ],
  ])('end where a client %s', async (_how, run, message) => {
    const later: string[] = [];
    const after: Step = {
      name: 'after',
      run: (given) => {
        later.push('taken');
        return given;
      },
    };
    const taking = takeSteps(call, [{ name: 'end', run }, after]);
    if (message === null) expect(await taking).toBeNull();
    else await expect(taking).rejects.toThrow(message);
    expect(later).toEqual([]);
  });

  it('lead nowhere where the client left during the last one', async () => {
    const gone = { ...call, response: { destroyed: true } } as unknown as Call;
    expect(await takeSteps(gone, [adds('a')])).toBeNull();
  });
});
