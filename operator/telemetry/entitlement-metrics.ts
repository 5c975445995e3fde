import { toMajor } from '../api/currency.ts';
import type { SoftwareEntitlementSpec, SoftwareEntitlementStatus } from '../api/software-entitlement.ts';
import type { ObjectName } from './license-metrics.ts';
import type { MakeGauge } from './position-figures.ts';
import { showFirst } from './show-first.ts';

/** Entitlements of one model that are shown. */
const maxEntitlements = 50;

export interface EntitlementFacts {
  readonly model: string;
  readonly spec: SoftwareEntitlementSpec;
  readonly status: SoftwareEntitlementStatus;
  readonly renewalDue: boolean;
}

/**
 * Contracts and their renewals (S80, C23, L35). One that has expired keeps its end, so that rights which are used after it can be
 * alerted on; it costs nothing and gives no rights.
 */
export interface EntitlementMetrics {
  setEntitlement(entitlement: ObjectName, facts: EntitlementFacts): void;
  forgetEntitlement(entitlement: ObjectName): void;
}

const names = ['namespace', 'model', 'entitlement'] as const;

export function createEntitlementMetrics(gauge: MakeGauge): EntitlementMetrics {
  const rights = gauge('entitlement_rights', 'Rights of a SoftwareEntitlement while it is in force, else 0.', names);
  const cost = gauge('entitlement_annual_cost', 'Rights of a SoftwareEntitlement at their price, for a year, in units of the currency; absent once it has expired.', [...names, 'currency']);
  const end = gauge('entitlement_end_timestamp_seconds', 'When the term of a SoftwareEntitlement is over: the end of its last day (UTC); absent where it runs on.', names);
  const due = gauge('entitlement_renewal_due', '1 while the renewal of a SoftwareEntitlement is due, else 0; absent where it runs on.', names);
  const suggested = gauge('entitlement_suggested_rights', 'Rights worth renewing: the peak in the term of those not known to be unused, and the buffer; absent once it has expired.', names);
  const shown = showFirst<EntitlementFacts & { readonly namespace: string; readonly entitlement: string }>(maxEntitlements, {
    show(owner, { namespace, entitlement, model, spec, status, renewalDue }) {
      const labels = { namespace, model, entitlement };
      const { annualCost, suggestedRights } = status.state === 'Expired' ? {} : status;
      rights.replace(owner, [{ labels, value: status.state === 'Active' ? spec.purchasedRights : 0 }]);
      cost.replace(owner, annualCost === undefined ? [] : [{ labels: { ...labels, currency: annualCost.currency }, value: toMajor(annualCost) }]);
      end.replace(owner, spec.endDate === undefined ? [] : [{ labels, value: Date.parse(`${spec.endDate}T24:00:00Z`) / 1000 }]);
      due.replace(owner, spec.endDate === undefined ? [] : [{ labels, value: renewalDue ? 1 : 0 }]);
      suggested.replace(owner, suggestedRights === undefined ? [] : [{ labels, value: suggestedRights }]);
    },
    hide(owner) {
      for (const each of [rights, cost, end, due, suggested]) each.forget(owner);
    },
  });
  return {
    setEntitlement({ namespace, name }, facts) {
      const owner = `${namespace}/${name}`;
      if (facts.status.state === undefined) shown.forget(owner);
      else shown.set(owner, `${namespace}/${facts.model}`, { ...facts, namespace, entitlement: name });
    },
    forgetEntitlement: ({ namespace, name }) => shown.forget(`${namespace}/${name}`),
  };
}
