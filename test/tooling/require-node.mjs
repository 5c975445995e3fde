// Plain JavaScript that any Node can read: an old Node cannot even load a .ts file to say that it is too old.
// As `node --import ./test/tooling/require-node.mjs FILE`, or as the first import of an entry.

const least = 26;

/**
 * What to tell a person whose Node is too old; undefined when it is not.
 * @param {string} version such as 20.20.2
 */
export function explainOldNode(version) {
  if (Number(version.split('.')[0]) >= least) return undefined;
  return `saas-license-operator needs Node ${least} or newer and this is ${version}: run \`npm ci\`, which brings it, and start through npm (\`npm run …\`).`;
}

const problem = explainOldNode(process.versions.node);
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`);
  process.exit(2);
}
