/**
 * `npm run soak`: an hour of using the built site at random in Chromium; a progress line every minute, a line for each wrong
 * thing at the end. `--minutes=10` shortens it; `--seed=7` does again what another session did. Its code is tests/soak,
 * a minute of which is part of `npm test`.
 */
import { spawnSync } from 'node:child_process';

/** Its own: a build or `npm test` meanwhile must not change the site under the session. */
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
