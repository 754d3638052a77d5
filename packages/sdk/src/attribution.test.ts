import { usageEventInput } from '@farthing/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Attribution, mergeAttribution, wireAttribution } from './attribution.ts';

const hostile = fc.oneof(fc.string({ unit: 'binary', maxLength: 600 }), fc.constant(undefined));
const attribution: fc.Arbitrary<Attribution> = fc.record({
  project: hostile,
  agent: hostile,
  agentId: hostile,
  user: hostile,
  task: hostile,
  requestId: hostile,
  tags: fc.option(
    fc.dictionary(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: 'binary' })),
    {
      nil: undefined,
    },
  ),
});

describe('attribution on the wire', () => {
  test('is accepted by the API whatever the caller put into it', () => {
    fc.assert(
      fc.property(attribution, attribution, (outer, inner) => {
        const wire = wireAttribution(mergeAttribution(outer, inner));
        expect(usageEventInput.safeParse({ ...wire, usage: {} }).error?.issues ?? []).toEqual([]);
        const { tags = {}, ...names } = wire;
        const texts = [...Object.values(names), ...Object.entries(tags).flat()].map(String);
        expect(texts.every((text) => text.isWellFormed() && !text.includes('\0'))).toBe(true);
      }),
    );
  });

  test('an inner agent beats an outer agentId, and the other way round', () => {
    expect(wireAttribution(mergeAttribution({ agentId: 'outer' }, { agent: 'inner' }))).toEqual({
      agent: 'inner',
    });
    expect(wireAttribution(mergeAttribution({ agent: 'outer' }, { agentId: 'inner' }))).toEqual({
      agent: 'inner',
    });
  });

  test('what the inner one leaves undefined stays, even when it names it', () => {
    expect(mergeAttribution({ user: 'ada' }, { user: undefined, task: 't' })).toEqual({
      user: 'ada',
      task: 't',
    });
  });

  test('the workflow is the request id where none is named', () => {
    expect(wireAttribution({ requestId: 'r' })).toEqual({ workflow: 'r', request_id: 'r' });
    expect(wireAttribution({ requestId: 'r', workflow: 'w' })).toMatchObject({ workflow: 'w' });
  });
});
