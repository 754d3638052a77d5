/** Sends bad requests to a whole server and says what must not be: a 5xx, a hang, an effect, a polluted prototype. */

import { Agent, request as httpRequest } from 'node:http';
import { ERROR_CODES, type Permission } from '@farthing/contract';
import pg from 'pg';
import { ALL_ROUTES } from '../../packages/server/src/api/all-routes.ts';
import { openApiDocument } from '../../packages/server/src/api/openapi/document.ts';
import { OF_THE_PROCESSES } from '../../packages/server/src/db/backup/tables.ts';
import { startWorld, type World } from '../openapi/world.ts';
import { type BadRequest, badRequests, drawing } from './api-requests.ts';

export interface AttackResult {
  /** Bad requests made; what was refused of those that would write was sent twice. */
  readonly made: number;
  readonly sent: number;
  /** Answers by status, of what was sent first. */
  readonly statuses: { readonly [status: string]: number };
  /** What went wrong, as sentences; empty = nothing. */
  readonly problems: readonly string[];
  /** Tables whose content differs though everything was refused. */
  readonly changed: readonly string[];
  readonly slowestMs: number;
}

/** Beyond this an answer counts as a hang; it is asked for again, alone, so that a busy machine is none. */
const HANG_MS = 5_000;
const AT_ONCE = 8;

/**
 * Attacks every operation of the document with `perOperation` bad requests. First all that would write: some of them
 * are odd and good, and may. Then, with the tables noted, every read and everything that was refused: nothing may
 * change any more.
 */
export async function attack(perOperation: number, seed: number): Promise<AttackResult> {
  const world = await startWorld({ FARTHING_LOG_LEVEL: 'error' });
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  try {
    const attacker = new Attacker(world, agent);
    const all = [...badRequests(openApiDocument(ALL_ROUTES), perOperation, drawing(seed))];
    const writes = all.filter(({ method }) => method !== 'GET');
    const refused: BadRequest[] = [];
    await attacker.sendAll(writes, (request, answer) => {
      // What stood against it may be over by then: a run that was under way.
      if (isRefusal(answer) && answer.status !== 409) refused.push(request);
    });
    await attacker.settled();
    const before = await fingerprints(world);
    const effects: string[] = [];
    await attacker.sendAll(all.filter(({ method }) => method === 'GET'));
    await attacker.sendAll(refused, (request, answer) => {
      if (!isRefusal(answer))
        effects.push(`${sentence(request)} was refused, then answered ${answer.status}`);
    });
    await attacker.settled();
    const after = await fingerprints(world);
    return {
      made: all.length,
      sent: attacker.sent,
      statuses: attacker.statuses,
      problems: [...attacker.problems, ...effects],
      changed: [...after].filter(([table, print]) => before.get(table) !== print).map(([table]) => table),
      slowestMs: attacker.slowestMs,
    };
  } finally {
    agent.destroy();
    await world.stop();
  }
}

interface Answered {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Refused as a whole, or, a batch of events, in every item. */
function isRefusal({ status, text }: Answered): boolean {
  if (status >= 400) return true;
  if (!text.includes('"results"')) return false;
  const { data } = JSON.parse(text) as { data?: { results?: readonly { status: string }[] } };
  return data?.results?.every((one) => one.status === 'rejected') ?? false;
}

/** No answer in time. */
class Hang extends Error {}

class Attacker {
  readonly problems: string[] = [];
  readonly statuses: { [status: string]: number } = {};
  sent = 0;
  slowestMs = 0;
  readonly world: World;
  readonly agent: Agent;

  constructor(world: World, agent: Agent) {
    this.world = world;
    this.agent = agent;
  }

  async sendAll(
    requests: readonly BadRequest[],
    look: (request: BadRequest, answer: Answered) => void = () => undefined,
  ): Promise<void> {
    const waiting = requests.values();
    const late: BadRequest[] = [];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const request of waiting) {
          const answer = await this.send(request);
          if (answer === null) late.push(request);
          else look(request, answer);
        }
      }),
    );
    for (const request of late) {
      const answer = await this.send(request);
      if (answer === null) this.problems.push(`${sentence(request)} got no answer within ${HANG_MS} ms`);
      else look(request, answer);
    }
  }

  /** Waits for what goes on after an answer: runs that rate history again. */
  async settled(): Promise<void> {
    const { rerater } = this.world.test.server.context;
    while ((await rerater.list()).some(({ status }) => status === 'running')) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Null: no answer in time. */
  private async send(request: BadRequest): Promise<Answered | null> {
    this.sent++;
    const begun = performance.now();
    let answer: Answered;
    try {
      answer = await this.exchange(request);
    } catch (error) {
      if (error instanceof Hang) return null;
      this.problems.push(`${sentence(request)} broke the connection: ${String(error)}`);
      return { status: 0, type: '', text: '' };
    }
    this.slowestMs = Math.max(this.slowestMs, performance.now() - begun);
    this.statuses[answer.status] = (this.statuses[answer.status] ?? 0) + 1;
    const wrong = wrongWith(answer);
    if (wrong !== null) this.problems.push(`${sentence(request)}: ${wrong}`);
    return answer;
  }

  private exchange({ method, path, headers, body, permission }: BadRequest): Promise<Answered> {
    const key =
      permission === null ? {} : { authorization: `Bearer ${this.world.keyFor(permission as Permission)}` };
    const { promise, resolve, reject } = Promise.withResolvers<Answered>();
    const outgoing = httpRequest(
      `${this.world.url}/`,
      {
        agent: this.agent,
        method,
        path,
        headers: { ...key, ...headers },
        timeout: HANG_MS,
      },
      (incoming) => {
        const { statusCode: status = 0 } = incoming;
        const type = String(incoming.headers['content-type'] ?? '');
        const pieces: Buffer[] = [];
        incoming.on('data', (piece: Buffer) => pieces.push(piece));
        const done = () => resolve({ status, type, text: Buffer.concat(pieces).toString() });
        incoming.on('end', done).on('error', reject);
        // A stream of events has no end: that it began is its answer.
        if (type.startsWith('text/event-stream')) {
          done();
          incoming.destroy();
        }
      },
    );
    outgoing.on('error', reject).on('timeout', () => outgoing.destroy(new Hang()));
    outgoing.end(body ?? undefined);
    return promise;
  }
}

/** What is wrong with an answer; null if nothing is. */
function wrongWith({ status, type, text }: Answered): string | null {
  if (status >= 500) return `answered ${status}: ${text.slice(0, 300)}`;
  if (status < 400) return null;
  if (!type.startsWith('application/json')) return `answered ${status} as ${type}`;
  const body = JSON.parse(text) as { success?: unknown; error?: { code?: string; message?: string } };
  const known = body.success === false && Object.hasOwn(ERROR_CODES, body.error?.code ?? '');
  if (!known) return `answered ${status} in another form: ${text.slice(0, 200)}`;
  return polluted();
}

/** What was added to the prototypes of everything, null where nothing was. */
export function polluted(): string | null {
  const added = [
    ...Object.keys(Object.prototype),
    ...Object.keys(Array.prototype),
    ...Object.keys(Function.prototype),
  ];
  const strange = ({} as { readonly polluted?: unknown }).polluted;
  return added.length === 0 && strange === undefined
    ? null
    : `the prototypes have ${added.join() || 'polluted'}`;
}

function sentence({ operation, what, path, body }: BadRequest): string {
  return `${operation} with ${what} (${path.slice(0, 200)}${body === null ? '' : ` ${body.toString().slice(0, 200)}`})`;
}

/**
 * Rows that are no effect of a request: automatic re-ratings after a change of prices, which no request can hurry or
 * stop; and the few rows about failed attempts to sign in, which are intended.
 */
const BY_ITSELF = `('prices' in (to_jsonb(t) ->> 'actor', to_jsonb(t) ->> 'created_by')
  or to_jsonb(t) ->> 'action' = 'session.refuse')`;

/** Grow with every row of the audit log, also with those that are left out above; the log itself is compared. */
const BESIDE_THE_LOG = ['audit_chain', 'audit_head'];

/** Number and content of the rows of every table; when a key was last used is not content. */
async function fingerprints(world: World): Promise<Map<string, string>> {
  const connectionString = world.test.server.context.config.database.url ?? '';
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string; as_operator: boolean }>(
      `select format('%I.%I', n.nspname, c.relname) as name,
              has_table_privilege('farthing_operator', c.oid, 'select') as as_operator
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and not c.relispartition
          and n.nspname not in ('pg_catalog', 'information_schema', 'graphile_worker')
          and c.relname <> all ($1)
        order by 1`,
      [[...OF_THE_PROCESSES, ...BESIDE_THE_LOG]],
    );
    const prints = new Map<string, string>();
    for (const { name, as_operator } of tables) {
      // The tables' own role sees no row of those that hold a tenant's.
      await client.query(as_operator ? 'set role farthing_operator' : 'reset role');
      const { rows } = await client.query<{ print: string }>(
        `select count(*) || ' ' || coalesce(sum(('x' || substr(md5((to_jsonb(t) - 'last_used_at' - 'last_seen_at')::text), 1, 15))::bit(60)::bigint), 0) as print
           from ${name} t where (${BY_ITSELF}) is not true`,
      );
      prints.set(name, rows[0]?.print ?? '');
    }
    return prints;
  } finally {
    await client.end();
  }
}
