import { access } from 'node:fs/promises';
import { constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** Starts the machine's Chromium without a window; throws an Error that says what to install. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = await findBrowser();
  // Root has no sandbox of its own, and nothing here may call out.
  const args = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic'];
  return chromium.launch({ executablePath, args });
}

async function findBrowser(): Promise<string> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  for (const path of paths) {
    const isThere = await access(path, constants.X_OK).then(() => true, () => false);
    if (isThere) return path;
  }
  throw new Error('The browser tests need Chromium: install it (Debian: apt install chromium).');
}
