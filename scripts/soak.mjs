/**
 * `npm run soak`: uses the built site at random in Chromium for an hour, prints a progress line every minute, and
 * reports each error at the end. `--minutes=10` shortens it; `--seed=7` repeats a session. The code is in tests/soak;
 * one minute of it is part of the full tests.
 */
import { spawnSync } from 'node:child_process';

/** A separate build folder, because a build or `npm test` must not change the site during the session. */
const SITE = '.cache/soak/site';

const minutes = option('minutes', 60);
const seed = option('seed', Date.now() % 1_000_000);
const env = { ...process.env, SOAK_MINUTES: String(minutes), SOAK_SEED: String(seed), SOAK_SITE: SITE };
const passed =
  run('npm', ['run', 'build', '--', '--outDir', SITE, '--emptyOutDir']) &&
  run('npx', ['playwright', 'test', 'soak.spec.ts', '--reporter=list', '--retries=0']);
process.exit(passed ? 0 : 1);

function option(name, otherwise) {
  const given = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  if (!given) return otherwise;
  const value = Number(given.slice(name.length + 3));
  if (!(value > 0)) {
    console.error(`soak: expected --${name}= with a number above 0, found ${given}`);
    process.exit(1);
  }
  return value;
}

function run(command, parameters) {
  return (
    spawnSync(command, parameters, { stdio: 'inherit', env, shell: process.platform === 'win32' }).status ===
    0
  );
}
