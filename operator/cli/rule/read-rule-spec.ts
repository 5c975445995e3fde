import { terminal } from '../../api/errors.ts';
import type { ReclamationRuleSpec } from '../../api/reclamation-rule.ts';
import type { StructuralSchema } from '../../api/structural-schema.ts';
import type { Provider } from '../../providers/provider.ts';
import { applyDefaults } from '../validate/apply-defaults.ts';
import { checkSchema } from '../validate/check-schema.ts';
import { kindSchemas } from '../validate/kind-schemas.ts';
import { pathText } from '../validate/problem.ts';

/**
 * The spec of a recorded rule, with the defaults of fields that were not there yet when it was recorded. Rules of the API server are not
 * asked: it has passed them, and whom it tells was not recorded.
 * @throws OperatorError RuleInvalid (Terminal).
 */
export function readRecordedSpec(name: string, recorded: unknown, providers: readonly Provider[]): ReclamationRuleSpec {
  const schema = specSchema(providers);
  const spec = applyDefaults(recorded, schema);
  const [problem] = checkSchema(spec, schema, ['spec']);
  if (problem !== undefined) throw terminal('RuleInvalid', `ReclamationRule ${name} cannot be judged: ${pathText(problem.path)} ${problem.message}. It may be recorded by another version of saaslicense: record it again.`);
  // The schema of the kind has just checked it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return spec as ReclamationRuleSpec;
}

/** Without whom the rule tells: that is not recorded, and no matter of a plan. */
function specSchema(providers: readonly Provider[]): StructuralSchema {
  const { spec = {} } = kindSchemas(providers).get('ReclamationRule')?.properties ?? {};
  const { notify: _notify, ...properties } = spec.properties ?? {};
  return { ...spec, properties };
}
