import { describe, expect, it } from 'vitest';
import { describeSource, isOlder, linkFlags, readSource } from './go-build.ts';

const GO_MOD = 'module m\n\ngo 1.26.0\n\nrequire (\n\tk8s.io/kubernetes v1.37.2\n)\n';

function source(changes: Record<string, string> = {}): ReadonlyMap<string, string> {
  return new Map(Object.entries({ 'go.mod': GO_MOD, 'go.sum': 'sums', 'main.go': 'package main', ...changes }));
}

describe('the name under which the binary is cached', () => {
  it('holds the version of Kubernetes and a hash', () => {
    expect(describeSource(source(), 'linux/x64')).toMatchObject({ version: 'v1.37.2', goVersion: '1.26.0' });
    expect(describeSource(source(), 'linux/x64').key).toMatch(/^v1\.37\.2-[0-9a-f]{12}$/u);
  });

  it('does not depend on the order in which the files are read', () => {
    const reversed = new Map([...source()].toReversed());
    expect(describeSource(reversed, 'linux/x64').key).toBe(describeSource(source(), 'linux/x64').key);
  });

  it.each([
    { what: 'a source file', key: describeSource(source({ 'main.go': 'package main // changed' }), 'linux/x64').key },
    { what: 'a checksum', key: describeSource(source({ 'go.sum': 'other' }), 'linux/x64').key },
    { what: 'the name of a file', key: describeSource(new Map([...source()].map(([name, text]) => [name === 'main.go' ? 'other.go' : name, text])), 'linux/x64').key },
    { what: 'the platform', key: describeSource(source(), 'darwin/arm64').key },
  ])('changes with $what', ({ key }) => {
    expect(key).not.toBe(describeSource(source(), 'linux/x64').key);
  });

  it('is read from the module beside this file', async () => {
    const { version, goVersion } = await readSource();
    expect(version).toMatch(/^v1\.\d+\.\d+$/u);
    expect(goVersion).toMatch(/^1\.\d+\.\d+$/u);
  });
});

describe('the build', () => {
  it('tells the programs their version through the linker', () => {
    const flags = linkFlags('v1.37.2');
    for (const module of ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']) {
      expect(flags).toContain(`-X ${module}.gitVersion=v1.37.2`);
      expect(flags).toContain(`-X ${module}.gitMajor=1`);
      expect(flags).toContain(`-X ${module}.gitMinor=37`);
    }
  });

  it.each([
    { found: 'go1.26.8', older: false },
    { found: 'go1.26.0', older: false },
    { found: 'go1.27', older: false },
    { found: 'go2.0', older: false },
    { found: 'go1.26rc1', older: false },
    { found: 'devel go1.28-abcdef', older: false },
    { found: 'go1.25.9', older: true },
    { found: 'go1.9', older: true },
  ])('takes $found for too old: $older', ({ found, older }) => {
    expect(isOlder(found, '1.26.0')).toBe(older);
  });
});
