import { terminal } from '../../../api/errors.ts';
import type { Client } from '../client.ts';
import { describeChange } from './act.ts';
import type { BundleContent } from './bundle.ts';
import { explainRefusal, makeChange, type Changed } from './change.ts';
import { known } from './checked.ts';
import { judgeSeat, type Seat } from './judge-undo.ts';
import { readLicence, readPerson } from './person.ts';
import { personPlace } from './places.ts';
import { isLicenceRefusal } from './refusals.ts';
import type { Report } from './report.ts';
import type { PersonRow } from './schemas.ts';

/** Gives role and licence back where they are as the downgrade left them. Gives the role that the person has after it. */
export async function restoreSeat(person: PersonRow, content: BundleContent, { client, report }: { readonly client: Client; readonly report: Report }): Promise<string> {
  const former: Seat = { role: content.person.role, licenseId: content.licenseId };
  const left: Seat = content.left ?? former;
  const present = await readSeat(person, client);
  const judgement = judgeSeat({ former, left, present });
  if (judgement === 'Raise') await raise({ person, former, present }, { client, report });
  if (judgement === 'Keep') report.kept('role', { was: former.role, left: left.role, is: present.role });
  else report.restored('role', 1);
  if (judgement !== 'Raise') keepLicence({ former, left, present }, report);
  return judgement === 'Keep' ? present.role : former.role;
}

async function readSeat({ id, role }: Pick<PersonRow, 'id' | 'role'>, client: Client): Promise<Seat> {
  return { role, licenseId: known(await readLicence(id, client))?.identifier };
}

export function keepLicence({ former, left, present }: { readonly former: Seat; readonly left?: Seat; readonly present: Seat }, report: Report): void {
  if (former.licenseId === undefined || present.licenseId === undefined || former.licenseId === present.licenseId) return;
  report.kept('licence', { was: former.licenseId, left: left?.licenseId, is: present.licenseId });
}

interface Raise {
  readonly person: PersonRow;
  readonly former: Seat;
  readonly present: Seat;
}

/** Role and licence in one request (T12); the role alone where the licence is no more to be had. */
async function raise({ person, former, present }: Raise, { client, report }: { readonly client: Client; readonly report: Report }): Promise<void> {
  // Name and address as they are today: the undo is of the role alone.
  const about = { id: person.id, person: { displayName: person.name, address: person.email }, role: former.role };
  const isStillSo = async (): Promise<boolean> => {
    const now = await readPerson(person.id, client, []);
    return now !== undefined && now.name === person.name && now.email === person.email && sameSeat(await readSeat(now, client), present);
  };
  const change = (licence: string | undefined): Promise<Changed> =>
    makeChange({ method: 'PUT', place: personPlace(person.id), json: { user: describeChange({ ...about, licence }) } }, client, isStillSo);
  let changed = await change(former.licenseId);
  if (changed.kind === 'Refused' && former.licenseId !== undefined && isLicenceRefusal(changed.said.texts)) {
    report.lost('licence', 'PagerDuty no longer offers the licence, or has no free seat, and chose another licence that allows the role');
    changed = await change(undefined);
  }
  if (changed.kind === 'Done') return;
  const why = isLicenceRefusal(changed.said.texts) ? 'no licence with a free seat allows the role' : explainRefusal(changed);
  throw terminal('RoleNotRestored', `The former role could not be restored: ${why}.`, changed.error.detail);
}

function sameSeat(one: Seat, other: Seat): boolean {
  return one.role === other.role && one.licenseId === other.licenseId;
}
