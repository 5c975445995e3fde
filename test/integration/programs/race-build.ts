import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureBinary } from '../../control-plane/binary.ts';

// One of several processes that want the same binary. Its "compiler" notes each call and takes its time.
const cache = process.argv[2] ?? '';
const binary = await ensureBinary({
  cache,
  key: 'v0.0.0-race',
  signal: new AbortController().signal,
  pollMs: 20,
  log: (line) => process.stderr.write(`${line}\n`),
  async compile(target) {
    await appendFile(join(cache, 'compilations'), `${process.pid}\n`);
    await delay(500);
    await writeFile(target, 'the binary');
  },
});
process.stdout.write(`${binary}\n`);
