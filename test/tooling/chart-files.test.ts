import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderCrdTemplate } from './chart-files.ts';

const crd = 'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: things.example.com\nspec:\n  pattern: a{{2}b\n';

describe('the CRDs of the chart', () => {
  it('stay when the release goes: a deleted CRD takes every object of its kind along', () => {
    const lines = renderCrdTemplate(crd).split('\n');
    const inside = lines.slice(1, -2).join('\n');
    expect(parse(inside)).toMatchObject({ metadata: { name: 'things.example.com', annotations: { 'helm.sh/resource-policy': 'keep' } } });
    expect([lines[0], lines.at(-2)]).toEqual(['{{- if .Values.crds.enabled }}', '{{- end }}']);
  });

  it('hold braces as text, not as a template', () => {
    expect(renderCrdTemplate(crd)).toContain('pattern: a{{ "{{" }}2}b');
  });

  it('are refused where the annotation would go to another place', () => {
    expect(() => renderCrdTemplate(`${crd}---\n${crd}`)).toThrow('one metadata');
    expect(() => renderCrdTemplate('kind: Thing\n')).toThrow('one metadata');
  });
});
