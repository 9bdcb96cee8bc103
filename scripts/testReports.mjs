/** Reads the JSON reports of Vitest and Playwright. */

/** @returns {{ name: string, seconds: number, status: 'passed' | 'failed' | 'skipped' }[]} */
export function testsOf(report) {
  return report.testResults ? vitestTests(report) : playwrightTests(report);
}

export function totalsOf(reports) {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const report of reports) for (const { status } of testsOf(report)) totals[status]++;
  return totals;
}

export function slowest(reports, count) {
  return reports
    .flatMap(testsOf)
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, count);
}

function vitestTests({ testResults }) {
  return testResults.flatMap(({ name: file, status, assertionResults }) => {
    const tests = assertionResults.map(({ fullName, duration, status }) => ({
      name: fullName,
      seconds: (duration ?? 0) / 1000,
      status: status === 'passed' || status === 'failed' ? status : 'skipped',
    }));
    // A file that fails without a failed test could not be loaded.
    const broken = status === 'failed' && !tests.some((test) => test.status === 'failed');
    return broken ? [...tests, { name: file, seconds: 0, status: 'failed' }] : tests;
  });
}

function playwrightTests({ suites, errors }) {
  const failures = errors.map(({ message }) => ({ name: message, seconds: 0, status: 'failed' }));
  return [...suites.flatMap(specsOf).flatMap(testsOfSpec), ...failures];
}

function specsOf({ specs = [], suites = [] }) {
  return [...specs, ...suites.flatMap(specsOf)];
}

function testsOfSpec({ title, tests }) {
  return tests.map(({ status, results }) => ({
    name: title,
    seconds: results.reduce((sum, { duration }) => sum + duration, 0) / 1000,
    status: status === 'expected' ? 'passed' : status === 'skipped' ? 'skipped' : 'failed',
  }));
}
