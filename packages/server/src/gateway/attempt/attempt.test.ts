import { formOf, matchPath } from '@farthing/pricing/extract';
import { describe, expect, it } from 'vitest';
import type { Call } from '../call.ts';
import type { AttemptOutcome } from '../recording/outcome.ts';
import type { RecordedAttempt } from '../recording/recorded-attempt.ts';
import type { AnswerHead } from './answer-head.ts';
import { Attempt, type Receiver } from './attempt.ts';
import { UnusableAnswerError } from './faults.ts';

const usage = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 };
const body = JSON.stringify({ object: 'chat.completion', model: 'gpt-4o', choices: [], usage });
const head: AnswerHead = {
  status: 200,
  phrase: 'OK',
  headers: [],
  contentType: 'application/json',
  encoding: undefined,
};

/** An attempt whose receiver delivers nothing. */
function undelivered(begun: () => void = () => undefined) {
  const form = formOf('openai');
  const match = form === null ? null : matchPath(form, '/v1/chat/completions');
  if (match === null) throw new Error('OpenAI has no chat');
  const start = { at: 0, tick: performance.now() };
  const request = { model: 'gpt-4o', settings: {} };
  const call = { recorded: { match, start }, provider: { form } } as unknown as Call;
  const recorded = { id: 'e', provider: 'openai', url: 'https://api.openai.com/', surface: match.surface };
  const outcomes: AttemptOutcome[] = [];
  const aborted: Error[] = [];
  const receiver: Receiver = {
    gone: false,
    blocked: false,
    begun,
    take: () => undefined,
    ended: (attempt, error) => attempt.settleThen(error === null ? 'complete' : 'aborted', () => undefined),
    guard: (run) => run(),
    fault: (cause) => {
      throw cause;
    },
  };
  const attempt = new Attempt({
    call,
    recorded: { ...recorded, request, start } as unknown as RecordedAttempt,
    settle: async (_attempt, outcome) => void outcomes.push(outcome),
    strict: true,
    receiver,
    onReadFault: () => undefined,
  });
  const controller = {
    aborted: false,
    paused: false,
    reason: null,
    pause: () => undefined,
    resume: () => undefined,
    abort: (reason: Error) => void aborted.push(reason),
  };
  attempt.started(controller);
  return { attempt, controller, outcomes, aborted };
}

describe('an attempt whose answer nobody gets', () => {
  it('is read and settled all the same, once, with a time of its own', () => {
    const { attempt, controller, outcomes } = undelivered();
    attempt.begin(controller, head);
    attempt.data(controller, Buffer.from(body));
    attempt.end(null);
    attempt.settleThen('complete', () => undefined);
    expect(outcomes).toMatchObject([
      { status: 200, usage: { source: 'reported', model: 'gpt-4o' }, cut: null, failed: false },
    ]);
    expect(outcomes[0]?.tookMs).toBeGreaterThan(0);
  });

  it('has no answer where its head cannot be passed on', () => {
    const { attempt, controller, outcomes, aborted } = undelivered(() => {
      throw new UnusableAnswerError('its head cannot be written');
    });
    attempt.begin(controller, head);
    expect(aborted).toHaveLength(1);
    attempt.end(aborted[0] ?? null);
    expect(attempt.status).toBeNull();
    expect(outcomes).toMatchObject([{ status: null, cut: null, failed: false }]);
  });

  it('says `error` in its event where this code failed, and lets the provider go', async () => {
    const { attempt, controller, outcomes, aborted } = undelivered();
    attempt.begin(controller, head);
    await attempt.breakDown();
    await attempt.breakDown();
    expect(outcomes).toMatchObject([{ status: 200, usage: null, failed: true }]);
    expect(aborted.length).toBeGreaterThan(0);
  });
});
