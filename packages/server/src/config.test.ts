import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from './config.ts';
import { pickEnv } from './env.ts';
import { VARIABLES } from './settings-table.ts';

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(pickEnv(env));
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('configuration', () => {
  it('needs nothing: every variable has a default or is optional', () => {
    const config = loadConfig(pickEnv({}));
    expect(config.http).toMatchObject({ port: 4141, host: '127.0.0.1' });
    expect(config.database.url).toBeNull();
    expect(config.recording).toMatchObject({
      enabled: true,
      terms: { tier: 'production', reported: ['openrouter', 'xai', 'perplexity'] },
    });
  });

  it('treats an empty value as unset', () => {
    expect(loadConfig(pickEnv({ PORT: '', FARTHING_ADMIN_KEY: '' })).http.port).toBe(4141);
  });

  it('names every variable at fault at once, with what it accepts', () => {
    const problems = problemsOf({ PORT: '70000', FARTHING_LOG_LEVEL: 'loud', FF_COST_TRACKING: 'maybe' });
    expect(problems).toHaveLength(3);
    expect(problems[0]).toContain('PORT must be a whole number from 0 to 65535');
    expect(problems.join()).toContain('FF_COST_TRACKING must be true or false');
  });

  it('never prints a secret it refuses', () => {
    const text = problemsOf({
      FARTHING_ADMIN_KEY: 'too-short-canary',
      DATABASE_URL: 'mysql://u:canary@h/d',
    }).join();
    expect(text).toContain('at least 32 characters');
    expect(text).not.toContain('canary');
  });

  it('takes an admin key of any characters that a header can carry, as given', () => {
    const key = 'fr t_ñ"\\ 12345678901234567890123456';
    expect(loadConfig(pickEnv({ FARTHING_ADMIN_KEY: key })).adminKey).toBe(key);
    expect(problemsOf({ FARTHING_ADMIN_KEY: `${key}\n` })).toHaveLength(1);
  });

  it('takes an amount for agents, exact, and refuses what is none', () => {
    const limit = (text: string) =>
      loadConfig(pickEnv({ AGENT_MAX_MONTHLY_COST_USD: text })).agents.defaultLimitPicos;
    expect(loadConfig(pickEnv({})).agents.defaultLimitPicos).toBe(50_000_000_000_000n);
    expect([limit('0'), limit('12.50'), limit('0.000000000001')]).toEqual([0n, 12_500_000_000_000n, 1n]);
    for (const text of ['-1', 'lots', '1e3', '50 USD', '0.0000000000001', '1000000001', '9'.repeat(30)])
      expect(problemsOf({ AGENT_MAX_MONTHLY_COST_USD: text })).toHaveLength(1);
  });

  it('takes proxies by address and network, and refuses what is neither and what is everybody', () => {
    const proxies = (text: string) =>
      loadConfig(pickEnv({ FARTHING_TRUSTED_PROXIES: text })).http.trustedProxies;
    expect(loadConfig(pickEnv({})).http.trustedProxies).toEqual([]);
    expect(proxies(' 10.0.0.7, 10.1.0.0/16,fd00::/8,')).toEqual(['10.0.0.7', '10.1.0.0/16', 'fd00::/8']);
    for (const text of [
      'true',
      '*',
      'loopback',
      '1',
      '10.0.0',
      '10.0.0.0/33',
      '0.0.0.0/0',
      '::/0',
      'fe80::1%eth0',
    ])
      expect(problemsOf({ FARTHING_TRUSTED_PROXIES: `10.0.0.7,${text}` })).toEqual([
        expect.stringContaining(`not "${text}"`),
      ]);
  });

  it('documents each variable once', () => {
    expect(new Set(VARIABLES.map(({ name }) => name)).size).toBe(VARIABLES.length);
    for (const { meaning } of VARIABLES) expect(meaning).toMatch(/\.$/);
  });
});
