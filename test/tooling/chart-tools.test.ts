import { describe, expect, it } from 'vitest';
import { describeTool } from '../chart/tools.ts';

const goMod = 'module example.com/helm\n\ngo 1.26.0\n\ntool helm.sh/helm/v4/cmd/helm\n\nrequire (\n\tdario.cat/mergo v1.0.1 // indirect\n\thelm.sh/helm/v4 v4.3.1 // indirect\n)\n';

describe('the tools that check the chart', () => {
  it('are named by version and by all that is compiled, so that a change compiles anew', () => {
    const source = describeTool({ goMod, goSum: 'a' }, 'linux/x64');
    expect(source).toMatchObject({ package: 'helm.sh/helm/v4/cmd/helm', version: 'v4.3.1', goVersion: '1.26.0' });
    expect(source.key).toMatch(/^v4\.3\.1-[0-9a-f]{12}$/);
    const keys = [
      describeTool({ goMod, goSum: 'b' }, 'linux/x64').key,
      describeTool({ goMod: goMod.replace('mergo v1.0.1', 'mergo v1.0.2'), goSum: 'a' }, 'linux/x64').key,
      describeTool({ goMod, goSum: 'a' }, 'linux/arm64').key,
    ];
    expect(new Set([source.key, ...keys]).size).toBe(4);
  });

  it.each(['go 1.26.0\n', 'tool helm.sh/helm/v4/cmd/helm\n', 'go 1.26.0\ntool helm.sh/helm/v4/cmd/helm\n'])('are not guessed from %j', (text) => {
    expect(() => describeTool({ goMod: text, goSum: '' }, 'linux/x64')).toThrow('go.mod names no tool');
  });
});
