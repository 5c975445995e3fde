import { describe, expect, it } from 'vitest';
import { parseOperatorOptions } from './operator-options.ts';

const image = ['--refresh-image', 'saas-license-operator:1'];

describe('the command line of the operator', () => {
  it('is safe by default: a Lease, every namespace, PagerDuty, and no endpoints of an alias’s own', () => {
    expect(parseOperatorOptions(image)).toMatchObject({
      leaderElect: true,
      watchNamespace: undefined,
      enabledProviders: ['PagerDuty'],
      allowCustomEndpoints: false,
      telemetryHost: '0.0.0.0',
      telemetryPort: 8080,
      redirectHost: '0.0.0.0',
      redirectPort: 8082,
      publicUrl: undefined,
      allowedNoticeHosts: [],
      maxReclaimsPerAccountPerDay: 100,
      logLevel: 'info',
    });
  });

  it('takes an IPv6 address, a namespace and no leader election', () => {
    const options = parseOperatorOptions([...image, '--telemetry-address', '[::1]:0', '--watch-namespace', 'team-a', '--no-leader-elect']);
    expect(options).toMatchObject({ telemetryHost: '::1', telemetryPort: 0, watchNamespace: 'team-a', leaderElect: false });
  });

  it('L4: sends notices to the hosts that it is told, with links to where people reach it', () => {
    const options = parseOperatorOptions([...image, '--public-url', 'https://licenses.example.com/saas', '--allow-notice-host', 'smtp.example.com', '--allow-notice-host', '*.chat.example.com:8443']);
    expect(options).toMatchObject({ publicUrl: 'https://licenses.example.com/saas', allowedNoticeHosts: ['smtp.example.com', '*.chat.example.com:8443'] });
  });

  it('guard 5: caps the reclaims of an account', () => {
    expect(parseOperatorOptions([...image, '--max-reclaims-per-account-per-day', '7'])).toMatchObject({ maxReclaimsPerAccountPerDay: 7 });
  });

  it.each([
    [[], '--refresh-image is required'],
    [[...image, '--telemetry-address', 'nowhere'], '--telemetry-address must be HOST:PORT'],
    [[...image, '--telemetry-address', 'h:99999'], '--telemetry-address must be HOST:PORT'],
    [[...image, '--redirect-address', 'nowhere'], '--redirect-address must be HOST:PORT'],
    [[...image, '--public-url', 'http://licenses.example.com'], '--public-url must be an https address'],
    [[...image, '--allow-notice-host', '*'], '--allow-notice-host *: it must be a host such as smtp.example.com'],
    [[...image, '--allow-notice-host', 'https://hooks.example.com'], '--allow-notice-host https://hooks.example.com: it must be a host'],
    [[...image, '--max-reclaims-per-account-per-day', '0'], '--max-reclaims-per-account-per-day must be a whole number from 1 to 1000'],
    [[...image, '--max-reclaims-per-account-per-day', '1e2'], '--max-reclaims-per-account-per-day must be a whole number from 1 to 1000'],
    [[...image, '--max-reclaims-per-account-per-day', '1001'], '--max-reclaims-per-account-per-day must be a whole number from 1 to 1000'],
    [[...image, '--log-level', 'loud'], '--log-level must be one of debug, info, warn, error'],
    [[...image, '--lead-elect'], "Unknown option '--lead-elect'"],
  ])('refuses %j with a sentence that says what to do', (argv, problem) => {
    const options = parseOperatorOptions(argv);
    expect('problem' in options ? options.problem : '').toContain(problem);
  });
});
