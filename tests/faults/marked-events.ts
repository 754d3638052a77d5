/** A database that fails at marked events, as Postgres does at what is too much for it. */
import type { Database } from '../../packages/server/src/db/database.ts';

/** What happens to a transaction that inserts an event of this model. */
export const MARKS = {
  /** Takes longer than any statement may. */
  slow: 'poison-slow',
  /** The same, and does not listen to being cancelled: only closing the connection helps. */
  deaf: 'poison-deaf',
  /** As of a value of more than a gigabyte. */
  alloc: 'poison-XX000',
  memory: 'poison-53200',
  limit: 'poison-54001',
  /** Takes its connection along. */
  broken: 'poison-broken',
} as const;

export type Mark = keyof typeof MARKS;

/** Makes the database fail at events whose model is one of {@link MARKS}. */
export async function failAtMarkedEvents(database: Database): Promise<void> {
  await database.asOwner(async (tx) => {
    await tx.query(`
      create function fail_at_marked_event() returns trigger language plpgsql security definer as $$
      begin
        if new.model = 'poison-slow' then perform pg_sleep(600);
        elsif new.model = 'poison-deaf' then
          for i in 1..100 loop
            begin
              perform pg_sleep(600);
            exception when query_canceled then null;
            end;
            perform pg_sleep(0.1);
          end loop;
        elsif new.model = 'poison-broken' then perform pg_terminate_backend(pg_backend_pid());
        else raise exception using errcode = substr(new.model, 8), message = 'invalid memory alloc request size';
        end if;
        return new;
      end $$`);
    await tx.query(
      `create trigger fail_at_marked_event before insert on usage_events
         for each row when (new.model like 'poison-%') execute function fail_at_marked_event()`,
    );
  });
}
