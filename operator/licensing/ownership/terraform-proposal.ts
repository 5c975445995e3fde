import { bothChanges, makeOwnership, stakeholderRole, type Owner, type WishedChange } from './owner.ts';
import type { TerraformUser } from './terraform-state.ts';

/** Who owns the account, and what to change in the configuration: it would come back at the next apply (C25). */
export function terraformOwner(user: TerraformUser, secret: string, changes: readonly WishedChange[] = bothChanges): Owner {
  const propose = (): string[] => [
    ...changes.flatMap((change) => (change.action === 'Remove' ? proposeRemoval(user) : proposeDowngrade(user, change))),
    ...(user.resource.includes('(address)') ? ['"(address)" stands for the e-mail address of the person.'] : []),
  ];
  return { address: user.address, externalUserId: user.externalUserId, ownership: makeOwnership('Terraform', `${user.resource} in Secret ${secret}`, propose) };
}

function proposeRemoval(user: TerraformUser): string[] {
  return [
    'To remove the account:',
    `1. In the configuration, ${whatToDelete(user)}`,
    `2. terraform plan shows that ${user.resource} is destroyed, and nothing else.`,
    '3. terraform apply.',
    `To give the account up instead, so that it is reclaimed from here: do step 1, then terraform state rm '${user.resource.replaceAll("'", String.raw`'\''`)}' before the next apply.`,
  ];
}

/** HCL that goes away. */
function whatToDelete({ declaration, key }: TerraformUser): string {
  const block = `resource "pagerduty_user" "${nameOf(declaration)}" { … }${where(declaration)}`;
  if (key === undefined) return `delete the block ${block}.`;
  if (typeof key === 'string') return `take the key ${JSON.stringify(key)} out of what for_each of the block ${block} is made from.`;
  return `take number ${key} out of what count of the block ${block} is made from; those after it move up, so add a moved block for each of them.`;
}

function proposeDowngrade({ resource, declaration, key }: TerraformUser, { downgradeTo }: WishedChange): string[] {
  const license = downgradeTo?.subscriptionIdentifier;
  return [
    'To downgrade the account:',
    `1. In the configuration, set this${key === undefined ? '' : ' for this key only'}${where(declaration)}:`,
    `resource "pagerduty_user" "${nameOf(declaration)}" {`,
    ...(license === undefined ? [] : [`  license = ${JSON.stringify(license)}`]),
    `  role    = ${JSON.stringify(downgradeTo?.role ?? stakeholderRole)}`,
    '}',
    `2. terraform plan shows that ${resource} is changed in place, and nothing else.`,
    '3. terraform apply.',
  ];
}

function nameOf(declaration: string): string {
  return declaration.slice(declaration.lastIndexOf('.') + 1);
}

function where(declaration: string): string {
  const end = declaration.lastIndexOf('.pagerduty_user.');
  return end < 0 ? '' : ` in ${declaration.slice(0, end)}`;
}
