/**
 * Messages for invalid input, in the words of the API. A message continues the name of the place ("limit: must be at
 * most 1000"). Loading this module sets them for every schema without messages of its own.
 */
import { z } from 'zod';

/** A problem as zod hands it over to be put into words. */
type Problem = Parameters<NonNullable<ReturnType<typeof z.config>['localeError']>>[0];

const TYPES: { readonly [expected: string]: string } = {
  string: 'text',
  number: 'a number',
  nan: 'NaN',
  int: 'a whole number',
  bigint: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
  map: 'an object',
  null: 'null',
  date: 'a time',
};

const FORMATS: { readonly [format: string]: string } = {
  datetime: 'a time such as 2026-11-22T10:00:00Z',
  date: 'a day such as 2026-11-22',
  time: 'a time of day such as 10:00:00',
  duration: 'a duration such as PT1H',
  email: 'an e-mail address',
  url: 'a URL',
  uuid: 'a UUID',
  guid: 'a UUID',
};

const UNITS: { readonly [origin: string]: string } = {
  string: 'characters',
  file: 'bytes',
  array: 'items',
  set: 'items',
  map: 'entries',
  object: 'entries',
  record: 'entries',
};

/**
 * Says what is wrong.
 *
 * @example z.number().max(1000).safeParse(2000).error?.issues[0]?.message // 'must be at most 1000'
 */
export function inputWords(problem: Problem): string {
  switch (problem.code) {
    case 'invalid_type':
      if (problem.input === undefined) return 'is missing';
      if (problem.expected === 'never') return 'must be left out';
      return `must be ${TYPES[problem.expected] ?? `of the kind ${problem.expected}`}`;
    case 'invalid_value': {
      const values = problem.values.map(String).join(', ');
      const choice = problem.values.length === 1 ? values : `one of ${values}`;
      return problem.input === undefined ? `is missing: give ${choice}` : `must be ${choice}`;
    }
    case 'too_big':
    case 'too_small':
      return bound(problem);
    case 'invalid_format':
      return format(problem);
    case 'not_multiple_of':
      return `must be a multiple of ${problem.divisor}`;
    case 'unrecognized_keys':
      return `${problem.keys
        .slice(0, 5)
        .map((key) => `"${key.slice(0, 60)}"`)
        .join(', ')} ${problem.keys.length === 1 ? 'is' : 'are'} not known here`;
    case 'invalid_key':
      return `has a key that ${problem.issues[0]?.message ?? 'does not fit'}`;
    case 'invalid_element':
      return `has an element that ${problem.issues[0]?.message ?? 'does not fit'}`;
    case 'invalid_union':
      return union(problem);
    default:
      return 'does not fit';
  }
}

function bound(problem: Extract<Problem, { code: 'too_big' | 'too_small' }>): string {
  const [limit, inclusive, strict] =
    problem.code === 'too_big'
      ? [problem.maximum, 'at most', 'less than']
      : [problem.minimum, 'at least', 'more than'];
  const unit = UNITS[problem.origin];
  const how = problem.exact ? 'exactly' : problem.inclusive === false ? strict : inclusive;
  if (unit === undefined) return `must be ${how} ${limit}`;
  if (problem.code === 'too_small' && limit === 1 && how === inclusive) return 'must not be empty';
  return `must have ${how} ${limit} ${Number(limit) === 1 ? unit.replace(/ies$/, 'y').replace(/s$/, '') : unit}`;
}

function format(problem: Extract<Problem, { code: 'invalid_format' }>): string {
  const affixed: readonly (readonly [string, unknown])[] = [
    ['begin with', problem['prefix']],
    ['end with', problem['suffix']],
    ['contain', problem['includes']],
  ];
  for (const [verb, text] of affixed) if (typeof text === 'string') return `must ${verb} "${text}"`;
  if (problem.format === 'regex') return `must match ${problem.pattern ?? 'the pattern'}`;
  return `must be ${FORMATS[problem.format] ?? `valid ${problem.format}`}`;
}

/** If all forms fail as a whole, all are named; if one fails only inside, the caller meant that one. */
function union({ errors }: Extract<Problem, { code: 'invalid_union' }>): string {
  const whole = new Set<string>();
  for (const [issue] of errors) {
    if (issue === undefined) continue;
    if (issue.path.length > 0) return `has "${issue.path.map(String).join('.')}", which ${issue.message}`;
    whole.add(issue.message);
  }
  return whole.size === 0 ? 'does not fit' : [...whole].join(', or ');
}

z.config({ localeError: inputWords });
