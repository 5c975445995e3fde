import { compact } from '../../api/compact.ts';
import { terminal } from '../../api/errors.ts';
import { apiVersion } from '../../api/group.ts';
import type { ReclamationRuleSpec } from '../../api/reclamation-rule.ts';
import { sha256 } from '../../api/sha256.ts';
import { hideAddresses } from '../../licensing/text.ts';
import { compileCondition } from '../../licensing/reclaim/condition.ts';
import { reviewId } from '../../licensing/reclaim/review.ts';
import type { Provider } from '../../providers/provider.ts';
import { isObject } from '../validate/apply-defaults.ts';
import { checkObject } from '../validate/check-object.ts';
import { kindSchemas } from '../validate/kind-schemas.ts';
import { parseManifests, type Manifest } from '../validate/parse-manifests.ts';
import { pathText } from '../validate/problem.ts';
import { readManifestTexts } from '../validate/read-files.ts';
import type { PlannedRule } from './plan-rule.ts';

/** Problems of a file that are told; more say nothing new. */
const maxProblems = 5;

/**
 * The rule of a file of manifests, as the API server would take it.
 * @param name of the rule; the only one of the file when left out.
 * @throws OperatorError (Terminal) that says the file, the line and what is wrong.
 */
export async function readRuleFile(file: string, name: string | undefined, providers: readonly Provider[]): Promise<PlannedRule> {
  const [read] = await readManifestTexts([file], process.stdin);
  return parseRuleFile(file, read?.text ?? '', { name, providers });
}

/** Like `readRuleFile`, of the text of the file. */
export function parseRuleFile(file: string, text: string, { name, providers }: { readonly name: string | undefined; readonly providers: readonly Provider[] }): PlannedRule {
  const manifests = parseManifests(file, text);
  const broken = manifests.find(({ findings }) => findings.some(({ severity }) => severity === 'error'));
  if (broken !== undefined) throw invalid(file, `line ${broken.lineOf([])} ${broken.findings[0]?.message ?? ''}`);
  const rules = manifests.flatMap((manifest) => toNamed(manifest));
  const meant = name === undefined ? rules : rules.filter((rule) => rule.name === name);
  const [rule, ...others] = meant;
  if (rule === undefined) throw invalid(file, name === undefined ? 'there is no ReclamationRule in it' : `there is no ReclamationRule ${name} in it`);
  if (others.length > 0) throw invalid(file, 'there are several ReclamationRules in it: say with --rule which one is meant');
  return toRule(file, rule, providers);
}

interface NamedManifest {
  readonly name: string;
  readonly manifest: Manifest;
  readonly value: Readonly<Record<string, unknown>>;
}

function toNamed(manifest: Manifest): NamedManifest[] {
  const { value } = manifest;
  if (!isObject(value) || value['apiVersion'] !== apiVersion || value['kind'] !== 'ReclamationRule' || manifest.findings.length > 0) return [];
  const name = isObject(value['metadata']) ? value['metadata']['name'] : undefined;
  return [{ name: typeof name === 'string' ? name : '', manifest, value }];
}

function toRule(file: string, { name, manifest, value }: NamedManifest, providers: readonly Provider[]): PlannedRule {
  const schema = kindSchemas(providers).get('ReclamationRule');
  if (schema === undefined) throw invalid(file, 'there is no kind ReclamationRule');
  const { object, findings } = checkObject(asConfirmed(value), schema);
  if (findings.length > 0) {
    const problems = findings.slice(0, maxProblems).map(({ path, message }) => `line ${manifest.lineOf(path)}: ${pathText(path)} ${message}`);
    throw invalid(file, problems.join('; '));
  }
  // The schema of the kind has just checked it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { confirmedRule, ...rest } = object['spec'] as ReclamationRuleSpec;
  const spec = { ...rest, ...(confirmedRule === unconfirmed ? {} : compact({ confirmedRule })) };
  const compiled = spec.condition === undefined ? undefined : compileCondition(spec.condition);
  if (compiled !== undefined && 'problem' in compiled) throw invalid(file, `line ${manifest.lineOf(['spec', 'condition'])}: spec.condition ${compiled.problem}`);
  return { name, spec, reviewId: reviewId({ name, spec }, sha256) };
}

/** Stands for a confirmation that is still to come. */
const unconfirmed = '0'.repeat(40);

/** Mode Enforce needs a confirmation, and the plan is what says which: so a rule is read as if it had one. */
function asConfirmed(value: NamedManifest['value']): NamedManifest['value'] {
  const { spec } = value;
  return isObject(spec) ? { ...value, spec: { ...spec, confirmedRule: spec['confirmedRule'] ?? unconfirmed } } : value;
}


function invalid(file: string, problem: string): Error {
  return terminal('RuleFileInvalid', `${file} is not used: ${hideAddresses(problem).slice(0, 1500)}. It must hold the changed ReclamationRule as kubectl apply takes it; saaslicense validate -f tells more.`);
}
