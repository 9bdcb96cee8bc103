/** `npm test`: unit tests, the built site, and browser tests on it; ends with one line of totals. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';

const UNIT_REPORT = 'test-reports/unit.json';
const BROWSER_REPORT = 'test-reports/browser.json';

rmSync('test-reports', { recursive: true, force: true });
mkdirSync('test-reports', { recursive: true });
let failedToRun = !run('npm', ['run', 'build']);
run('npx', ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${UNIT_REPORT}`]);
run('npx', ['playwright', 'test', ...process.argv.slice(2)]);

const unit = read(UNIT_REPORT);
const browser = read(BROWSER_REPORT);
failedToRun ||= !unit || !browser;
const passed = (unit?.numPassedTests ?? 0) + (browser?.stats.expected ?? 0) + (browser?.stats.flaky ?? 0);
const failed =
  (unit?.numFailedTests ?? 0) +
  (unit?.numFailedTestSuites && !unit.numFailedTests ? unit.numFailedTestSuites : 0) +
  (browser?.stats.unexpected ?? 0) +
  (browser?.errors.length ?? 0);
const skipped = (unit?.numPendingTests ?? 0) + (browser?.stats.skipped ?? 0);
const flaky = browser?.stats.flaky ?? 0;
if (flaky > 0) console.log(`${flaky} of the browser tests passed at the second try only: see "flaky" above`);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failedToRun || failed > 0 ? 1 : 0);

function run(command, parameters) {
  return (
    spawnSync(command, parameters, { stdio: 'inherit', shell: process.platform === 'win32' }).status === 0
  );
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    console.error(`test: expected a report at ${path}, found none; see the errors above`);
    return undefined;
  }
}
