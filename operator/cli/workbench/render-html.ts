import { createHash } from 'node:crypto';
import type { Workbench, WorkbenchProfile } from '../../licensing/position/workbench.ts';
import { html, Markup, nameOf } from './markup.ts';
import { notesOf, oldestEvidence } from './notes.ts';
import { drawCandidates, drawOptions, drawRenewals, drawUnrecognized } from './report-actions.ts';
import { drawAnswers, orDash } from './report-answers.ts';
import { drawFills } from './report-charts.ts';
import { drawCost, drawGroups, drawSavingKinds, drawTrends } from './report-money.ts';
import { drawActivity, drawPosition } from './report-position.ts';
import { reportStyle } from './report-style.ts';
import { dates, drawTable, words } from './report-table.ts';

/** Nothing is loaded or run: the one style is named by its hash, and the page's icon is empty. */
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(reportStyle).digest('base64')}'; img-src data:; base-uri 'none'; form-action 'none'`;

/** The workbench as one HTML file that needs nothing else (S83): for a screen, a phone or paper, in light and dark. */
export function renderHtml(workbench: Workbench): string {
  const shown = listSections(workbench).flatMap(({ id, title, content }) => (content === undefined ? [] : [{ id, title, content }]));
  const links = shown.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`);
  const sections = shown.map(({ id, title, content }) => html`<section id="${id}" aria-labelledby="${id}-heading">\n<h2 id="${id}-heading">${title}</h2>\n${content}</section>\n`);
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Licence workbench of ${workbench.namespace} - SaaS License Operator</title>
<link rel="icon" href="data:,">
<style>${new Markup(reportStyle)}</style>
</head>
<body>
${drawFills()}
<div class="page">
<header>
<h1>Licence workbench</h1>
<p class="lead">Namespace ${nameOf(workbench.namespace)}, as of ${workbench.at}</p>
<nav aria-label="Sections"><ul>${links}</ul></nav>
</header>
<main>
${drawAnswers(workbench)}${sections}</main>
<footer><p>Written by SaaS License Operator from the figures of ${workbench.at}. Times are UTC.</p></footer>
</div>
</body>
</html>
`.source;
}

interface Section {
  readonly id: string;
  readonly title: string;
  /** Undefined = there is nothing to show. */
  readonly content: Markup | undefined;
}

function listSections(workbench: Workbench): Section[] {
  if (workbench.profiles.length === 0) {
    return [{ id: 'position', title: 'Licence position', content: html`<p>There is no IntegrationProfile in this namespace, so there is nothing to show yet.</p>\n` }];
  }
  return [
    { id: 'position', title: 'Licence position', content: drawPosition(workbench) },
    { id: 'activity', title: 'Activity', content: drawActivity(workbench) },
    { id: 'cost', title: 'Cost', content: drawCost(workbench) },
    { id: 'savings', title: 'Savings', content: drawSavingKinds(workbench) },
    { id: 'options', title: 'Remediation options', content: drawOptions(workbench) },
    { id: 'renewals', title: 'Renewals and contracts', content: drawRenewals(workbench) },
    { id: 'trend', title: 'Trend', content: drawTrends(workbench) },
    { id: 'breakdowns', title: 'Breakdowns', content: drawGroups(workbench) },
    { id: 'candidates', title: 'Removal candidates', content: drawCandidates(workbench) },
    { id: 'unrecognised', title: 'Unrecognised identifiers', content: drawUnrecognized(workbench) },
    { id: 'notes', title: 'Notes', content: drawNotes(workbench) },
    { id: 'freshness', title: 'How fresh this is', content: drawFreshness(workbench.profiles) },
  ];
}

/** A note names objects and identifiers of others, so each is set apart from the next. */
function drawNotes(workbench: Workbench): Markup {
  return html`<ul>${notesOf(workbench).map((note) => html`<li>${nameOf(note)}</li>\n`)}</ul>\n`;
}

function drawFreshness(profiles: readonly WorkbenchProfile[]): Markup {
  return drawTable({
    caption: 'When each profile was refreshed and reconciled, and until when its activity is complete (the earliest of its models).',
    columns: [...words('Profile', 'Display name'), ...dates('Refreshed', 'Reconciled', 'Activity complete until')],
    rows: profiles.map(({ name, displayName, refreshedAt, report, models }) => [
      nameOf(name),
      nameOf(displayName),
      refreshedAt ?? 'never',
      report.position.time,
      orDash(oldestEvidence(models)),
    ]),
  });
}
