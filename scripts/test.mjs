/**
 * The tests: Node, the built site, and Chromium on the built site.
 *
 *     node scripts/test.mjs           `npm test`: all tests except those tagged @full
 *     node scripts/test.mjs --full    `npm run test:full`: everything
 *     node scripts/test.mjs --rest    only the additional tests of the full set, after `npm test` in the same checkout
 *
 * Further arguments go to Playwright. Every step writes a report to test-reports/. The end shows the ten slowest tests and a
 * line of totals; with `--rest`, the totals of both runs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { slowest, totalsOf } from './testReports.mjs';

const REPORTS = 'test-reports';
const SLOWEST = 10;

const flags = ['--full', '--rest'];
const set = flags.find((flag) => process.argv.includes(flag)) ?? '--quick';
const passedOn = process.argv.slice(2).filter((argument) => !flags.includes(argument));

const quickReports = {
  unit: `${REPORTS}/unit.json`,
  browser: `${REPORTS}/browser.json`,
  others: `${REPORTS}/others.json`,
};
const restReports = {
  full: `${REPORTS}/full.json`,
  browser: `${REPORTS}/browser-rest.json`,
  others: `${REPORTS}/others-rest.json`,
};
/** The journey in Firefox and WebKit: short in `npm test`, complete in the full set. */
const OTHER_BROWSERS = 'vitest.browsers.config.ts';

const wanted = set === '--rest' ? quick() : [];
if (set !== '--rest') rmSync(REPORTS, { recursive: true, force: true });
mkdirSync(REPORTS, { recursive: true });

let failedToRun = false;
if (set !== '--rest') {
  step(['npm', 'run', 'build']);
  vitest('vitest.config.ts', quickReports.unit);
}
if (set !== '--quick') vitest('vitest.full.config.ts', restReports.full);
playwright();
const { others } = set === '--quick' ? quickReports : restReports;
vitest(OTHER_BROWSERS, others, { JOURNEY: set === '--quick' ? 'short' : 'whole' });

const reports = wanted.map(read);
failedToRun ||= reports.includes(undefined);
const known = reports.filter((report) => report !== undefined);
console.log(`\nThe ${SLOWEST} slowest tests:`);
for (const { seconds, name } of slowest(known, SLOWEST)) {
  console.log(`${seconds.toFixed(1).padStart(7)} s  ${name}`);
}
const { passed, failed, skipped } = totalsOf(known);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failedToRun || failed > 0 ? 1 : 0);

/** The reports of the preceding `npm test`. */
function quick() {
  return Object.values(quickReports).filter(existsSync);
}

function vitest(config, report, env) {
  wanted.push(report);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  run(['npx', 'vitest', 'run', '--config', config, ...reporters], env);
}

function playwright() {
  const report = set === '--rest' ? restReports.browser : quickReports.browser;
  wanted.push(report);
  const tags = { '--quick': ['--grep-invert', '@full'], '--rest': ['--grep', '@full'], '--full': [] }[set];
  run(['npx', 'playwright', 'test', ...tags, ...passedOn], { BROWSER_REPORT: report });
}

/** A step without a report; if it fails, the whole run fails. */
function step(command) {
  failedToRun ||= !run(command);
}

function run([command, ...parameters], env = {}) {
  const { status } = spawnSync(command, parameters, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, ...env },
  });
  return status === 0;
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    console.error(`test: expected a report at ${path}, found none; see the errors above`);
    return undefined;
  }
}
