import { daysBetween } from '../../licensing/position/calendar.ts';
import type { Workbench, WorkbenchContract, WorkbenchModel, WorkbenchProfile } from '../../licensing/position/workbench.ts';
import { noteMixed, noteUnseen } from '../position/note-runs.ts';
import { isAre, listModels, say } from './figures.ts';
import { clipWidth } from './plain-text.ts';

/** Notes that are shown; whoever has more has one cause for many of them. */
const maxNotes = 30;
/** Days after its end for which a contract without a successor is told of; later it is history. */
const recentlyEnded = 90;
/** Columns of an identifier, which the vendor gives. */
const identifierWidth = 48;

/**
 * What is unsure or wrong in the figures and what to do about it, in sentences: first what makes them wrong, then what they
 * leave out, last how fresh each profile is. They name objects and identifiers, never a person.
 */
export function notesOf(workbench: Workbench): string[] {
  const notes = [
    ...noteMixed(workbench.profiles),
    ...noteOrphans(workbench),
    ...noteEnded(workbench),
    ...workbench.profiles.flatMap(noteSharedIdentifiers),
    ...noteUnpriced(workbench),
    ...listModels(workbench).flatMap(({ model }) => noteModel(model)),
    ...workbench.profiles.flatMap(noteUnrecognized),
    ...noteUnseen(workbench.profiles),
    ...workbench.profiles.map(noteFreshness),
  ];
  const more = notes.length - maxNotes;
  return more > 0 ? [...notes.slice(0, maxNotes), `and ${String(more)} more`] : notes;
}

/** A contract for a model that is not there counts nowhere; one that has ended would count nowhere anyway. */
function noteOrphans({ profiles, contracts }: Workbench): string[] {
  const models = new Set(profiles.flatMap((profile) => profile.models.map(({ model }) => model)));
  return contracts
    .filter(({ model, state }) => state !== 'Expired' && !models.has(model))
    .map(({ name, model, rights }) => `Contract ${name} is for model ${model}, which is not there: its ${say(rights, 'right')} ${rights === 1 ? 'counts' : 'count'} nowhere. Correct its spec.modelRef, or create the SoftwareModel.`);
}

function noteEnded(workbench: Workbench): string[] {
  const today = workbench.at.slice(0, 10);
  const used = new Map(listModels(workbench).map(({ model }) => [model.model, model.position.used]));
  return workbench.contracts.flatMap(({ name, model, state, end, rights }) => {
    const users = used.get(model) ?? 0;
    if (state !== 'Expired' || end === undefined || users === 0) return [];
    if (daysBetween(end, today) > recentlyEnded || goesOn(model, workbench.contracts)) return [];
    return [
      `Contract ${name} ended on ${end} and no other of model ${model} goes on: its ${say(rights, 'right')} ${rights === 1 ? 'counts' : 'count'} no more, and ${say(users, 'right')} ${isAre(users)} used. Enter the renewal as a SoftwareEntitlement, or take the subscriptions back.`,
    ];
  });
}

const goesOn = (model: string, contracts: readonly WorkbenchContract[]): boolean => contracts.some((other) => other.model === model && other.state !== 'Expired');

/** An identifier belongs to the first by name of the models that claim it. */
function noteSharedIdentifiers({ models }: WorkbenchProfile): string[] {
  const claims = models.flatMap(({ model, identifiers }) => [...new Set(identifiers)].map((identifier) => ({ model, identifier })));
  return [...Map.groupBy(claims, ({ identifier }) => identifier)].flatMap(([identifier, own]) => {
    const [first = '', ...others] = own.map(({ model }) => model).toSorted();
    if (others.length === 0) return [];
    const shows = others.length === 1 ? 'shows' : 'show';
    return [`Models ${[first, ...others].join(', ')} all claim identifier ${clipWidth(identifier, identifierWidth)}: it counts for ${first}, and ${others.join(', ')} ${shows} too little. Leave it in one of them.`];
  });
}

function noteUnpriced({ sum: { unpriced } }: Workbench): string[] {
  return [
    ...(unpriced.needed > 0 ? [`The true-up cost leaves out ${say(unpriced.needed, 'right')} needed, as ${itsTheir(unpriced.needed)} price is not known: expect to pay more.`] : []),
    ...(unpriced.unused > 0 ? [`The savings leave out ${say(unpriced.unused, 'unused right')}, as ${itsTheir(unpriced.unused)} price is not known: more could be saved.`] : []),
  ];
}

function noteModel({ model, priceProblem, position: { unused, needed, unknown, thresholdDays } }: WorkbenchModel): string[] {
  return [
    ...(priceProblem === 'MixedCurrencies' ? [`Entitlements of model ${model} have different currencies: its savings and true-up are in no sum. State them in one currency.`] : []),
    ...(priceProblem === 'NoPrice' && unused + needed > 0
      ? [`Model ${model} has no price: its savings and true-up are in no sum. Set spec.unitPrice, or the price of an entitlement in force.`]
      : []),
    ...(unknown > 0
      ? [`Of model ${model}, ${say(unknown, 'right')} cannot be judged: ${unknown === 1 ? 'it counts' : 'they count'} neither as active nor as unused. Until activity was watched for ${say(thresholdDays, 'day')}, wait; after that, look at the activity signals of the profile.`]
      : []),
  ];
}

function noteUnrecognized({ name, report: { position, unrecognized } }: WorkbenchProfile): string[] {
  const count = position.unrecognized;
  if (count === 0) return [];
  const identifiers = unrecognized.length === 0 ? '' : ` (${say(unrecognized.length, 'identifier')})`;
  return [`Profile ${name} has ${say(count, 'subscription')}${identifiers} that no model claims, in none of the figures. Add each identifier to a SoftwareModel, or create one for it.`];
}

function noteFreshness({ name, refreshedAt, models }: WorkbenchProfile): string {
  const refreshed = refreshedAt === undefined ? 'subscriptions were never refreshed: look at its conditions' : `subscriptions were last refreshed at ${refreshedAt}`;
  return `Profile ${name}: ${refreshed}; ${tellEvidence(models)}.`;
}

function tellEvidence(models: WorkbenchProfile['models']): string {
  if (models.length === 0) return 'it has no models yet';
  const oldest = oldestEvidence(models);
  if (oldest === undefined) return 'no activity evidence counts, so nobody can be called stale or never used: look at its activity signals';
  const without = models.filter(({ position }) => position.activityAsOf === undefined).length;
  return `activity is complete until ${oldest}${without === 0 ? '' : `, and no activity evidence counts for ${say(without, 'model')}`}`;
}

/** Until when the activity of all these models is complete; RFC 3339 texts of UTC compare as times do. */
export function oldestEvidence(models: WorkbenchProfile['models']): string | undefined {
  return models.flatMap(({ position }) => position.activityAsOf ?? []).sort()[0];
}

const itsTheir = (count: number): string => (count === 1 ? 'its' : 'their');
