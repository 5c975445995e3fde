import { hashName } from '../hash.ts';
import type { NewModel } from './facts.ts';
import type { FoundIdentifier } from './models.ts';

/** Of a DNS label. */
const longestName = 63;

/**
 * Models to be made, with names to be read: `<profile>-<edition or role group>`. A name that is taken, that two
 * new ones would share, or that is not the whole of both texts gets a hash of profile and identifier, so that the same licence
 * always gets the same name, and profiles whose names begin alike get different ones.
 * @param taken names of the models of the profile.
 */
export function nameModels(profileName: string, found: readonly FoundIdentifier[], taken: readonly string[]): NewModel[] {
  const plain = found.map((one) => plainName(profileName, one));
  const used = new Set(taken);
  return found.map(({ identifier, edition, roleGroup }, index) => {
    const { name, isWhole } = plain[index] ?? { name: '', isWhole: false };
    const isShared = plain.filter((other) => other.name === name).length > 1;
    const chosen = isWhole && !isShared && !used.has(name) ? name : hashedName(name, `${profileName}/${identifier}`, used);
    used.add(chosen);
    return { name: chosen, identifier, ...(edition === undefined ? {} : { edition }), roleGroup };
  });
}

function plainName(profileName: string, { edition, roleGroup }: FoundIdentifier): { readonly name: string; readonly isWhole: boolean } {
  const profile = slug(profileName);
  const text = slug(edition ?? '') || slug(roleGroup);
  const name = `${profile}-${text}`;
  return { name: trimDashes(name.slice(0, longestName)), isWhole: profile === profileName && name.length <= longestName };
}

/** Another hash when even that name is taken: somebody took the identifier away from the model that was made for it. */
function hashedName(name: string, text: string, taken: ReadonlySet<string>): string {
  const hash = hashName(text);
  const hashed = `${trimDashes(name.slice(0, longestName - hash.length - 1))}-${hash}`;
  return taken.has(hashed) ? hashedName(name, `${text}/`, taken) : hashed;
}

function slug(text: string): string {
  return trimDashes(text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'));
}

function trimDashes(text: string): string {
  return text.replace(/^-+/, '').replace(/-+$/, '');
}
