import { describe, expect, it, vi } from 'vitest';
import { parseRefreshArguments, runRefreshCommand } from './refresh-command.ts';

const complete = ['subscriptions', '--namespace=tenant', '--profile', 'pagerduty', '--profile-uid=u1', '--token-directory', '/run/token'];

describe('command line of a refresh', () => {
  it('is read with what the pod’s environment says of the Job', () => {
    expect(parseRefreshArguments(complete, { JOB_NAME: 'job-1', TRIGGER: 'Schedule' })).toEqual({
      process: 'subscriptions',
      input: { namespace: 'tenant', profileName: 'pagerduty', profileUid: 'u1', tokenDirectory: '/run/token', jobName: 'job-1', trigger: 'Schedule' },
      kubeconfig: undefined,
      serviceAccountDirectory: undefined,
      allowCustomEndpoints: false,
    });
  });

  it('does not need the environment, and may name where the API server is', () => {
    const parsed = parseRefreshArguments([...complete, '--kubeconfig=/k', '--service-account-directory=/s'], {});
    expect(parsed).toMatchObject({ kubeconfig: '/k', serviceAccountDirectory: '/s' });
    expect(parsed.input).not.toHaveProperty('jobName');
  });

  it('tells which connection the token belongs to', () => {
    const parsed = parseRefreshArguments([...complete, '--connection-alias=pagerduty', '--connection-id=abc'], {});
    expect(parsed.input).toMatchObject({ connectionAlias: 'pagerduty', connectionId: 'abc' });
  });

  it.each([['--help'], ['-h'], ['subscriptions', '--help'], [...complete, '-h']])('is explained by %s', async (...argv) => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      expect(await runRefreshCommand(argv, {})).toBe(0);
      expect(write.mock.calls.join('')).toMatch(/^usage: saaslicense refresh .*--connection-id ID/s);
    } finally {
      write.mockRestore();
    }
  });

  it.each([
    { story: 'no process', argv: complete.slice(1) },
    { story: 'an unknown process', argv: ['reclaim', ...complete.slice(1)] },
    { story: 'two processes', argv: ['activity', ...complete] },
    { story: 'a missing option', argv: complete.filter((word) => !word.startsWith('--profile-uid')) },
    { story: 'an empty option', argv: [...complete, '--namespace='] },
    { story: 'an unknown option', argv: [...complete, '--force'] },
    { story: 'an option without its value', argv: [...complete, '--kubeconfig'] },
  ])('is refused with the usage: $story', ({ argv }) => {
    expect(() => parseRefreshArguments(argv, {})).toThrow(/usage: saaslicense refresh/);
  });
});
