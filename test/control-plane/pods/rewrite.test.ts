import { describe, expect, it } from 'vitest';
import { expandVariables, rewriteMountPaths } from './rewrite.ts';

const MOUNTS = [
  { mountPath: '/etc/token', localPath: '/pod/volumes/token' },
  { mountPath: '/etc/token/inner', localPath: '/pod/volumes/inner' },
  { mountPath: '/var/run/secrets/kubernetes.io/serviceaccount/', localPath: '/pod/volumes/account' },
];

describe('mount paths in arguments and environment', () => {
  it.each([
    { text: '/etc/token', want: '/pod/volumes/token', why: 'the path itself' },
    { text: '/etc/token/access', want: '/pod/volumes/token/access', why: 'a file in it' },
    { text: '--token-directory=/etc/token', want: '--token-directory=/pod/volumes/token', why: 'after a flag' },
    { text: '--file=/etc/token/access', want: '--file=/pod/volumes/token/access', why: 'a file after a flag' },
    { text: '/etc/token/inner/x', want: '/pod/volumes/inner/x', why: 'the longest mount path wins' },
    { text: '/var/run/secrets/kubernetes.io/serviceaccount/token', want: '/pod/volumes/account/token', why: 'a slash at the end of a mount path' },
    { text: '/etc/tokens', want: '/etc/tokens', why: 'another path with the same beginning' },
    { text: '/etc', want: '/etc', why: 'a folder above' },
    { text: 'https://example.com/etc/token', want: 'https://example.com/etc/token', why: 'a path in the middle' },
    { text: '--a=b=/etc/token', want: '--a=b=/etc/token', why: 'after a second equals sign' },
    { text: '', want: '', why: 'nothing' },
  ])('$text becomes $want ($why)', ({ text, want }) => {
    expect(rewriteMountPaths(text, MOUNTS)).toBe(want);
  });
});

describe('$(NAME) as Kubernetes expands it', () => {
  it.each([
    { text: '--ns=$(NS)', want: '--ns=prod' },
    { text: '$(NS)/$(NS)', want: 'prod/prod' },
    { text: '$(NONE)', want: '$(NONE)' },
    { text: '$$(NS)', want: '$(NS)' },
    { text: '$NS ${NS} $', want: '$NS ${NS} $' },
    { text: '$(toString)', want: '$(toString)' },
  ])('$text becomes $want', ({ text, want }) => {
    expect(expandVariables(text, { NS: 'prod' })).toBe(want);
  });
});
