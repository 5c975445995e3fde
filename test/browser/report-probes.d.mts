export function findFaintText(least: number): { readonly faint: readonly string[]; readonly seen: number };
export function findCutOff(options: { readonly boxesMayScroll: boolean }): { readonly cut: readonly string[]; readonly seen: number };
export function readTable(selector: string): Readonly<Record<string, string>>[];
export function readCharts(selector: string): {
  readonly title: string;
  readonly widths: Readonly<Record<string, number>>;
  readonly heights: Readonly<Record<string, number>>;
  readonly mark?: number;
}[];
export function readPatterns(selector: string): string[];
