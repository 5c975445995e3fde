import { describe, expect, it } from 'vitest';
import { parseRefreshArguments } from './refresh-command.ts';

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
