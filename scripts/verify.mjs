/**
 * `npm run verify`: runs the acceptance checks at full size, one file of tests/verify after another, and prints a
 * table of measurements, which the page shows, too (docs/checks.json). Resumable: a file that passed runs again only
 * if its source or the file itself changed; `--fresh` runs everything.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeChecks } from './checks.mjs';

const CACHE = '.cache/verify';
const ROOM = 'tests/verify';

if (process.argv.includes('--fresh')) rmSync(CACHE, { recursive: true, force: true });
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
mkdirSync(CACHE, { recursive: true });
const source = sourceHash();
const files = readdirSync(ROOM)
  .filter((name) => /\.(verify\.test|spec)\.ts$/.test(name))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
if (!spawnSync('npm', ['run', 'build'], { stdio: 'inherit', shell: process.platform === 'win32' }).pid)
  process.exit(1);

const results = files.map(verifyFile);
writeChecks(results);
const rows = results.flatMap(({ rows }) => rows);
console.log('\n| what | expected | measured |\n| --- | --- | --- |');
for (const { what, expected, measured } of rows) console.log(`| ${what} | ${expected} | ${measured} |`);
const failed = results.filter(({ passed }) => !passed).map(({ name }) => name);
console.log(`\n${results.length - failed.length} passed, ${failed.length} failed`);
for (const name of failed) console.log(`  ${ROOM}/${name}`);
process.exit(failed.length > 0 ? 1 : 0);

function verifyFile(name) {
  const path = `${CACHE}/${name}.json`;
  const hash = createHash('sha256')
    .update(source)
    .update(readFileSync(`${ROOM}/${name}`))
    .digest('hex');
  if (existsSync(path)) {
    const kept = JSON.parse(readFileSync(path, 'utf8'));
    if (kept.hash === hash && kept.passed) {
      console.log(`${name}: passed before, ${kept.seconds} s`);
      return kept;
    }
  }
  const rowsPath = `${CACHE}/${name}.rows`;
  rmSync(rowsPath, { force: true });
  const started = Date.now();
  const command = name.endsWith('.spec.ts')
    ? ['playwright', 'test', '--config', 'playwright.verify.config.ts', name]
    : ['vitest', 'run', '--config', 'vitest.verify.config.ts', `${ROOM}/${name}`];
  const { status } = spawnSync('npx', command, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, VERIFY_ROWS: rowsPath },
  });
  const result = {
    name,
    hash,
    passed: status === 0,
    date: new Date().toISOString().slice(0, 10),
    seconds: Math.round((Date.now() - started) / 1000),
    rows: existsSync(rowsPath)
      ? readFileSync(rowsPath, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [],
  };
  writeFileSync(path, JSON.stringify(result, null, 2));
  return result;
}

/** Hash of everything that the results depend on, in the work tree. */
function sourceHash() {
  const list = execFileSync(
    'git',
    ['ls-files', '-co', '--exclude-standard', 'src', 'public', 'package-lock.json'],
    {
      encoding: 'utf8',
    },
  );
  const hash = createHash('sha256');
  for (const path of list.trim().split('\n').sort())
    if (existsSync(path)) hash.update(path).update(readFileSync(path));
  return hash.digest('hex');
}
