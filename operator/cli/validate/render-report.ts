import { canonicalJson } from '../position/snapshot-file.ts';
import type { Problem } from './problem.ts';
import type { Report } from './validate-manifests.ts';

/** A line for each problem, as compilers write them, and a sum. */
export function renderReportText(report: Report): string {
  const { checked, passedOver, problems } = report;
  const [errors, warnings] = (['error', 'warning'] as const).map((severity) => problems.filter((problem) => problem.severity === severity).length);
  const sum = `${checked} manifest(s) checked, ${passedOver} of other groups passed over: ${errors} error(s), ${warnings} warning(s).`;
  return [...problems.map(renderProblem), sum].map((line) => `${line}\n`).join('');
}

function renderProblem({ file, line, document, kind, name, path, severity, message }: Problem): string {
  const object = kind === '' ? '' : ` ${kind}${name === '' ? '' : `/${name}`}`;
  const where = `${file}:${line}: document ${document}${object}${path === '' ? '' : ` ${path}`}`;
  return `${where}: ${severity === 'warning' ? 'warning: ' : ''}${message}`;
}

export function renderReportJson(report: Report): string {
  return `${canonicalJson({ apiVersion: 'validate.saaslicense.dev/v1', ...report })}\n`;
}
