import { expect, it } from 'vitest';
import { changeSearch, readSearch } from './search.ts';

it('keeps what it knows', () =>
  expect(
    readSearch({ range: '7d', by: 'agent', zone: 'Asia/Kathmandu', model: 'gpt-5', unpriced: true }),
  ).toEqual({
    range: '7d',
    by: 'agent',
    zone: 'Asia/Kathmandu',
    model: 'gpt-5',
    unpriced: true,
  }));

it('leaves out what it cannot use', () =>
  expect(
    readSearch({ range: '__proto__', by: 'toString', zone: 'Mars/Olympus', model: [7], tenant: '' }),
  ).toEqual({}));

it('keeps an empty filter, which asks for events without a value', () =>
  expect(readSearch({ agent: '' })).toEqual({ agent: '' }));

it('takes a name that looks like a number', () =>
  expect(readSearch({ agent: 123 })).toEqual({ agent: '123' }));

it('keeps every filter of the API, and tags by their keys', () =>
  expect(
    readSearch({
      environment: 'prod',
      request_id: 'r',
      status: 'error',
      door: 'sdk',
      'tag.team': 'search',
      'tag.': 'x',
    }),
  ).toEqual({ environment: 'prod', request_id: 'r', status: 'error', door: 'sdk', 'tag.team': 'search' }));

it('changes what is named, and takes away what is set to undefined', () =>
  expect(changeSearch({ range: '7d', agent: 'a' }, { agent: undefined, model: 'm' })).toEqual({
    range: '7d',
    model: 'm',
  }));
