import type { MoneyFigures } from '../../api/license-position.ts';
import type { Workbench } from '../../licensing/position/workbench.ts';
import { formatCount, hasSavings, isAre as be, listModels, listMoney, say, sayUnpriced, type MoneyName } from './figures.ts';
import { html, type Content, type Markup } from './markup.ts';

interface Answer {
  readonly question: string;
  readonly short: Content;
  readonly more: string;
  readonly tone?: 'good' | 'bad';
}

/** The questions of an asset manager, each answered by a figure and sentences. */
export function drawAnswers(workbench: Workbench): Markup {
  const answers = [answerOwned(workbench), answerUsed(workbench), answerCompliance(workbench), answerCost(workbench), answerSavings(workbench)];
  const cards = answers.map(({ question, short, more, tone }) => html`<div class="${tone}"><dt>${question}</dt><dd><strong>${short}</strong>${more}</dd></div>\n`);
  return html`<dl class="answers">\n${cards}</dl>\n`;
}

/** Amounts that no line break parts. */
const listAmounts = (money: readonly MoneyFigures[], name: MoneyName): string[] => listMoney(money, name).map((amount) => amount.replaceAll(' ', '\u{A0}'));
const joinMoney = (money: readonly MoneyFigures[], name: MoneyName): string => listAmounts(money, name).join(' and ');

/** Amounts of several currencies, a line each. */
const stackMoney = (money: readonly MoneyFigures[], name: MoneyName): Markup => html`${listAmounts(money, name).map((amount) => html`<span class="amount">${amount} </span>`)}`;

function answerOwned(workbench: Workbench): Answer {
  const active = workbench.contracts.filter(({ state }) => state === 'Active').length;
  const models = listModels(workbench).length;
  return {
    question: 'What do we own?',
    short: say(workbench.sum.owned, 'right'),
    more: `For ${say(models, 'model')} in ${say(workbench.profiles.length, 'profile')}, under ${say(active, 'contract')} in force. ${formatCount(workbench.sum.available)} of the rights ${be(workbench.sum.available)} available.`,
  };
}

function answerUsed({ sum }: Workbench): Answer {
  const share = sum.used === 0 ? '' : ` (${String(Math.floor((sum.unused * 100) / sum.used))}\u{A0}%)`;
  const others = [
    ...(sum.recent > 0 ? [`${formatCount(sum.recent)} too new to judge`] : []),
    ...(sum.unknown > 0 ? [`${formatCount(sum.unknown)} without evidence`] : []),
  ];
  const rest = others.length === 0 ? '' : `, ${others.join(', ')}`;
  return {
    question: 'What do we use?',
    short: say(sum.used, 'right'),
    more: `${formatCount(sum.active)} ${be(sum.active)} active${rest}. ${formatCount(sum.unused)}${share} ${be(sum.unused)} unused: ${formatCount(sum.stale)} stale, ${formatCount(sum.neverUsed)} never used, ${formatCount(sum.pending)} pending.`,
  };
}

function answerCompliance(workbench: Workbench): Answer {
  const { compliance, needed, used, unrecognized } = workbench.sum;
  const question = 'Are we compliant?';
  const known = unrecognized === 0 ? '' : ` ${say(unrecognized, 'subscription')} with an unrecognised identifier ${be(unrecognized)} not counted.`;
  if (compliance === 'Compliant') return { question, tone: 'good', short: 'Yes', more: `No right is used that is not owned.${known}` };
  if (compliance === 'NoEntitlement') return { question, short: 'No entitlements', more: `There is nothing to compare ${say(used, 'right')} used with: create a SoftwareEntitlement.${known}` };
  const lines = listModels(workbench).map(({ model }) => model.position);
  const short = lines.filter((position) => position.needed > 0 && position.compliance === 'NonCompliant').length;
  const bare = lines.filter((position) => position.used > 0 && position.compliance === 'NoEntitlement').length;
  const without = bare === 0 ? '' : ` ${say(bare, 'model')} ${be(bare)} used without any entitlement.`;
  const most = `${say(needed, 'right')} ${be(needed)} used and not owned.${short === 0 ? '' : ` ${say(short, 'model')} ${short === 1 ? 'has' : 'have'} too few.`}`;
  return { question, tone: 'bad', short: 'No', more: `${most}${without}${known}` };
}

function answerCost({ sum }: Workbench): Answer {
  const question = 'What does it cost?';
  const annual = stackMoney(sum.money, 'annualCost');
  if (sum.money.length === 0) return { question, short: 'Not known', more: 'No entitlement or model has a price.' };
  const trueUp = sum.money.filter(({ trueUpCost = 0 }) => trueUpCost > 0);
  const over = sum.money.filter(({ overLicensedCost = 0 }) => overLicensedCost > 0);
  const bare = sayUnpriced('trueUpCost', sum);
  const trueUpCost = [...(trueUp.length === 0 ? [] : [joinMoney(trueUp, 'trueUpCost')]), ...(bare === undefined ? [] : [bare])].join(' + ');
  const needs = trueUpCost === '' ? '' : ` The rights needed would cost more: ${trueUpCost}.`;
  const spare = over.length === 0 ? '' : ` Rights that nobody uses are ${joinMoney(over, 'overLicensedCost')} of it.`;
  return { question, short: annual, more: `A year, at the prices of the rights owned.${needs}${spare}` };
}

function answerSavings({ sum }: Workbench): Answer {
  const question = 'What could we save?';
  const potential = sum.money.filter(({ potentialSavings = 0 }) => potentialSavings > 0);
  const freed = sum.money.filter((money) => hasSavings(money) && (money.freedSavings ?? 0) > 0);
  const done = freed.length === 0 ? '' : ` Already freed: ${joinMoney(freed, 'freedSavings')}, of which ${joinMoney(freed, 'realisedSavings')} realised.`;
  const bare = sayUnpriced('potentialSavings', sum);
  if (potential.length === 0) return { question, short: sum.unused === 0 ? 'Nothing' : 'Not known', more: `${sum.unused === 0 ? 'No right is unused.' : `No price is known for ${say(sum.unused, 'unused right')}.`}${done}` };
  return { question, short: [stackMoney(potential, 'potentialSavings'), bare === undefined ? undefined : html`<span class="small">+ ${bare}</span>`], more: `A year at most, by taking back ${say(sum.unused, 'unused right')}.${done}` };
}

/** Text or, where there is none, a dash that is not read as a figure. */
export const orDash = (content: Content): Content => (content === undefined || content === '' ? '–' : content);
