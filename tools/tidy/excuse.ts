/** Exceptions of the rules: what breaks one today and is listed. A list can only shrink. */
import type { Rule, Violation } from './violation.ts';

/** By rule, the subjects that may break it. */
export type Exceptions = { readonly [rule in Rule]?: readonly string[] };

/** The file that holds them, for messages. */
const LIST = 'tools/tidy/exceptions.ts';

/** Violations without an exception, and each exception that is no longer needed. */
export function excuse(violations: readonly Violation[], exceptions: Exceptions): Violation[] {
  const isListed = ({ rule, subject }: Violation) =>
    subject !== undefined && exceptions[rule]?.includes(subject) === true;
  const stale = Object.entries(exceptions).flatMap(([rule, subjects]) =>
    subjects
      .filter((subject) => !violations.some((one) => one.rule === rule && one.subject === subject))
      .map((subject) => ({
        rule: 'exception' as const,
        path: LIST,
        line: 0,
        message: `"${subject}" no longer breaks the rule ${rule}: take it off the list`,
      })),
  );
  return [...violations.filter((one) => !isListed(one)), ...stale];
}
