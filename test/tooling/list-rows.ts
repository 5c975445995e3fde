import { fileURLToPath } from 'node:url';
import { findRowTests } from './requirement-rows.ts';

/** `npm run rows`: each requirement row with the tests that are named after it. */
const tests = await findRowTests(fileURLToPath(new URL('../..', import.meta.url)));
const byRow = Map.groupBy(tests, (test) => test.row);
const rows = [...byRow.keys()].sort((left, right) => left.charCodeAt(0) - right.charCodeAt(0) || Number(left.slice(1)) - Number(right.slice(1)));
for (const row of rows) {
  console.log(row);
  for (const { file, name } of byRow.get(row) ?? []) console.log(`  ${file}: ${name}`);
}
