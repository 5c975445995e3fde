/**
 * What `promtool check metrics` holds against an exposition text: every line well formed, every series
 * once, every family with a type, a counter named `_total` and nothing else so named. Returns the
 * problems, each with its line.
 */
export function checkExposition(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '');
  const types = new Map(lines.flatMap(readType));
  const series = lines.filter((line) => !line.startsWith('#'));
  return [...series.flatMap((line) => checkSample(line, types)), ...checkTwice(series), ...[...types].flatMap(checkName)];
}

const sampleShape = /^([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\n"])*",?)*\})? (-?[0-9.e+-]+|[+-]Inf|NaN)$/;

function readType(line: string): [string, string][] {
  const [, name, type] = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line) ?? [];
  return name === undefined || type === undefined ? [] : [[name, type]];
}

function checkSample(line: string, types: ReadonlyMap<string, string>): string[] {
  const [, name, , value] = sampleShape.exec(line) ?? [];
  if (name === undefined) return [`malformed: ${line}`];
  const problems = value === 'NaN' ? [`not a number: ${line}`] : [];
  const family = types.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '');
  return types.has(family) ? problems : [...problems, `no type: ${line}`];
}

function checkTwice(series: readonly string[]): string[] {
  const byIdentity = Map.groupBy(series, (line) => line.slice(0, line.lastIndexOf(' ')));
  return [...byIdentity].flatMap(([identity, lines]) => (lines.length > 1 ? [`twice: ${identity}`] : []));
}

function checkName([name, type]: [string, string]): string[] {
  return (type === 'counter') === name.endsWith('_total') ? [] : [`a ${type} is named ${name}`];
}
