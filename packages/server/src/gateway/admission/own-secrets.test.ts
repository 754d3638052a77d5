import { describe, expect, it } from 'vitest';
import { makeKey } from '../../tenants/keys/api-key.ts';
import { downstreamHeaders, upstreamHeaders } from '../headers/forwarded-headers.ts';
import { ForeignCredentials } from './foreign-credentials.ts';
import {
  findAgain,
  findOwnSecret as findIn,
  type OwnSecrets,
  ownSecrets,
  sentOn,
  strangeCredentials,
} from './own-secrets.ts';

const URL = '/gateway/openai/v1/chat/completions';
const KEY = makeKey();
const PLAIN_ADMIN = 'Chosen-by-the-operator-0123456789abcdef';
const ODD_ADMIN = 'p=ss:w/rd; "quoted", zażółć and blanks 0123456789';
const NONE = ownSecrets([]);
const findOwnSecret = (url: string, headers: readonly string[], own: OwnSecrets) =>
  findIn(url, sentOn(headers), own);
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
/** As Node hands it over. */
const latin1 = (text: string) => Buffer.from(text).toString('latin1');

/** Places where a caller may put a key by mistake. */
const forms = (secret: string): readonly (readonly [name: string, value: string])[] => [
  ['authorization', `Bearer ${secret}`],
  ['authorization', secret],
  ['Authorization', `bearer   ${secret}`],
  ['authorization', `Token ${secret}`],
  ['authorization', `"${secret}"`],
  ['authorization', `Bearer "${secret}"`],
  ['authorization', basic(`user:${secret}`)],
  ['authorization', basic(`${secret}:`)],
  ['authorization', basic(secret)],
  ['x-api-key', secret],
  ['api-key', `'${secret}'`],
  ['x-goog-api-key', secret],
  ['openai-organization', secret],
  ['x-authorization', `Bearer ${secret}`],
  ['x-anything', secret],
  ['proxy-authorization', `Bearer ${secret}`],
  ['cookie', `a=b; key=${secret}`],
];

describe('a key of Farthing’s form', () => {
  it.each(forms(KEY))('is found in %s: %s', (name, value) => {
    expect(findOwnSecret(URL, ['accept', '*/*', name, value], NONE)).not.toBeNull();
  });

  it('is found in a second header of the same name, and in any part of the address', () => {
    const twice = ['authorization', 'Bearer sk-good', 'authorization', `Bearer ${KEY}`];
    expect(findOwnSecret(URL, twice, NONE)).not.toBeNull();
    expect(findOwnSecret(`${URL}?api_key=${KEY}`, [], NONE)).not.toBeNull();
    expect(findOwnSecret(`${URL}?api_key=${KEY.replace('_', '%5f')}`, [], NONE)).not.toBeNull();
    expect(findOwnSecret(`/gateway/openai/v1/${KEY}`, [], NONE)).not.toBeNull();
  });

  it('is not seen in what merely looks like one, nor where it belongs', () => {
    const innocent = [
      'user-agent',
      'soft_frt_thing/1.0',
      'x-title',
      'frt_ in a title',
      'x-farthing-key',
      KEY,
    ];
    expect(findOwnSecret(`${URL}?about=frt_keys`, innocent, NONE)).toBeNull();
    expect(findOwnSecret(URL, ['authorization', `Bearer sk-proj-${'a'.repeat(150)}`], NONE)).toBeNull();
  });
});

describe.each([PLAIN_ADMIN, ODD_ADMIN])('an admin key that the operator chose: %s', (secret) => {
  const own = ownSecrets([secret]);

  it.each(forms(secret))('is found in %s: %s', (name, value) => {
    if (name === 'cookie' && secret === ODD_ADMIN) return; // such a value is no cookie
    expect(findOwnSecret(URL, [name, latin1(value)], own)).not.toBeNull();
  });

  it('is found in the address', () => {
    expect(findOwnSecret(`${URL}?key=${encodeURIComponent(secret)}`, [], own)).not.toBeNull();
  });

  it('is found a second time where it admitted the call', () => {
    expect(findAgain(secret, URL, sentOn(['x-farthing-key', secret]))).toBeNull();
    expect(findAgain(secret, URL, sentOn(['x-farthing-key', secret, 'x-api-key', secret]))).not.toBeNull();
  });

  it('is not seen in others of its length', () => {
    expect(findOwnSecret(URL, ['authorization', `Bearer ${'x'.repeat(secret.length)}`], own)).toBeNull();
  });
});

describe('a credential of no known form', () => {
  it('is asked about once, is taken for the provider’s while that cannot be answered, and never where its form is known', async () => {
    const asked: string[] = [];
    let away = true;
    const foreign = new ForeignCredentials(async (credential) => {
      asked.push(credential);
      if (away) throw new Error('the database is away');
      return credential === PLAIN_ADMIN;
    }, Date.now);
    const azure = 'a'.repeat(32);
    const of = (value: string) =>
      [...strangeCredentials(sentOn(['authorization', value]))].map((one) => one.credential);
    expect(of(`Bearer sk-${'a'.repeat(40)}`)).toEqual([]);
    expect(of('Bearer ollama')).toEqual([]);
    expect(of(`Bearer ${azure}`)).toEqual([azure]);
    expect(await foreign.has(azure)).toBe(true);
    away = false;
    expect([await foreign.has(azure), await foreign.has(azure), await foreign.has(PLAIN_ADMIN)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(asked).toEqual([azure, azure, PLAIN_ADMIN]);
  });
});

describe('the cookie of the dashboard', () => {
  const up = (cookie: string) => upstreamHeaders(['cookie', cookie], { plainAnswer: false });
  it.each([
    ['a=1; farthing_session=s; b=2', ['cookie', 'a=1; b=2']],
    ['farthing_session=s', []],
    ['farthing_session=s; a=1', ['cookie', 'a=1']],
    ['__Host-farthing_session=s;a=1', ['cookie', 'a=1']],
    ['Farthing_Session = s ; a=1', ['cookie', 'a=1']],
    ['my_farthing_session=s; a=1', ['cookie', 'my_farthing_session=s; a=1']],
    ['a=1', ['cookie', 'a=1']],
  ])('does not go up, others do: %s', (cookie, sent) => {
    expect(up(cookie)).toEqual(sent);
  });

  it.each([
    'farthing_session=x; Path=/',
    ' farthing_session =x',
    '=farthing_session=x',
    '__Host-farthing_session=x',
    'FARTHING_SESSION',
  ])('is not set by a provider: %s', (value) => {
    expect(downstreamHeaders(['Set-Cookie', 'a=1', 'set-cookie', value], false)).toEqual([
      'Set-Cookie',
      'a=1',
    ]);
  });
});

it('what is ours in an answer of a provider’s is dropped', () => {
  expect(
    downstreamHeaders(['X-Farthing-Event-Id', 'gw_forged', 'x_farthing_x', '1', 'x-a', '1'], false),
  ).toEqual(['x-a', '1']);
});
