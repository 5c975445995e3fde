import type { ComplianceState, LicensePosition, ProfilePosition } from '../../api/license-position.ts';
import { displayOf, sumMoney } from './money-figures.ts';
import { sumCounts } from './persons.ts';
import type { Unpriced, Workbench } from './workbench.ts';

/** Products that a status shows. */
const shownProducts = 20;

/** A model as sums are made from it. */
export interface SummedModel {
  readonly product: string;
  readonly position: Omit<LicensePosition, 'groups' | 'inputs'>;
}

type ProductPosition = NonNullable<ProfilePosition['products']>[number];
type ModelSum = Omit<ProfilePosition, 'time' | 'inputs' | 'unrecognized' | 'unrecognizedIdentifiers'>;
type SummedProfile = Omit<ProfilePosition, 'inputs' | 'time'>;

const worstFirst = ['NonCompliant', 'NoEntitlement', 'Compliant'] as const satisfies readonly ComplianceState[];

/** The sum of the models of a profile, its products (L34) and the worst of their states. */
export function sumModels(models: readonly SummedModel[]): ModelSum {
  const products = sumProducts(models);
  const money = sumMoney(models.map(({ position }) => position.money ?? []));
  const unpriced = sumUnpriced(models);
  const display = displayOf(money, unpriced);
  return {
    ...sumCounts(models.map(({ position }) => position)),
    models: models.length,
    compliance: worstOf(products.map(({ compliance }) => compliance)),
    ...(products.length === 0 ? {} : { products: products.slice(0, shownProducts) }),
    ...(unpriced.needed + unpriced.unused === 0 ? {} : { unpriced }),
    ...(money.length === 0 ? {} : { money }),
    ...(display === undefined ? {} : { display }),
  };
}

/** The sum of the profiles of a namespace. A profile without models, such as a draft, has no say in the compliance of the others. */
export function sumProfiles(profiles: readonly SummedProfile[]): Workbench['sum'] {
  return {
    ...sumCounts(profiles),
    compliance: worstOf(profiles.filter(({ models }) => models > 0).map(({ compliance }) => compliance)),
    unrecognized: profiles.reduce((sum, { unrecognized }) => sum + unrecognized, 0),
    unpriced: {
      needed: profiles.reduce((sum, { unpriced }) => sum + (unpriced?.needed ?? 0), 0),
      unused: profiles.reduce((sum, { unpriced }) => sum + (unpriced?.unused ?? 0), 0),
    },
    money: sumMoney(profiles.map(({ money }) => money ?? [])),
  };
}

/** Rights of models that have no average price: sums of money leave them out, and have to say so. */
function sumUnpriced(models: readonly SummedModel[]): Unpriced {
  const without = models.map(({ position }) => position).filter(({ money = [] }) => money.every(({ potentialSavings }) => potentialSavings === undefined));
  return { needed: without.reduce((sum, { needed }) => sum + needed, 0), unused: without.reduce((sum, { unused }) => sum + unused, 0) };
}

/** Products, those that are not compliant first, then those with most rights used. */
function sumProducts(models: readonly SummedModel[]): ProductPosition[] {
  const products = [...Map.groupBy(models, ({ product }) => product)].map(([product, own]): ProductPosition => {
    const positions = own.map(({ position }) => position);
    const { owned, used, needed, available } = sumCounts(positions);
    return { product, compliance: judgeProduct(positions), owned, used, needed, available };
  });
  return products.toSorted((a, b) => worstFirst.indexOf(a.compliance) - worstFirst.indexOf(b.compliance) || b.used - a.used || (a.product < b.product ? -1 : 1));
}

/**
 * A product is not compliant when one of its models is not, and also when one is used without any entitlement while another
 * has one: whoever buys the product should have bought that licence too (L31).
 */
function judgeProduct(models: readonly Pick<LicensePosition, 'compliance' | 'used'>[]): ComplianceState {
  const withEntitlement = models.filter(({ compliance }) => compliance !== 'NoEntitlement');
  if (withEntitlement.length === 0) return 'NoEntitlement';
  const isCovered = models.every(({ compliance, used }) => compliance === 'Compliant' || (compliance === 'NoEntitlement' && used === 0));
  return isCovered ? 'Compliant' : 'NonCompliant';
}

/** NoEntitlement where there is nothing at all. */
function worstOf(states: readonly ComplianceState[]): ComplianceState {
  return worstFirst.find((state) => states.includes(state)) ?? 'NoEntitlement';
}
