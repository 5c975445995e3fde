import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A dashboard of config/grafana, as far as tests read it. */
export interface Dashboard {
  readonly uid: string;
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
  readonly panels: readonly Panel[];
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig: { readonly defaults: { readonly unit?: string } };
  readonly targets: readonly { readonly refId: string; readonly expr: string; readonly legendFormat?: string }[];
  readonly transformations?: readonly { readonly id: string; readonly options: { readonly renameByName?: Readonly<Record<string, string>> } }[];
}

export async function readDashboard(root: string, name: string): Promise<Dashboard> {
  return JSON.parse(await readFile(join(root, 'config/grafana', `${name}.json`), 'utf8')) as Dashboard;
}

/** The query as Grafana sends it when all namespaces and profiles are chosen. */
export function fillVariables(expr: string): string {
  return expr.replaceAll(/\$(?:namespace|profile)\b/g, '.*');
}

/** Each metric that a query names, with the labels by which it chooses there. */
export function selectorsIn(expr: string): { name: string; labels: string[] }[] {
  return [...expr.matchAll(/\b(saaslicense_\w+)(?:\{([^}]*)\})?/g)].map(([, name = '', matchers = '']) => ({
    name,
    labels: [...matchers.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label]) => label ?? ''),
  }));
}

/** Labels that a query aggregates by. */
export function groupingIn(expr: string): string[] {
  const groups = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(',').map((name) => name.trim()));
  return [...new Set(groups)];
}
