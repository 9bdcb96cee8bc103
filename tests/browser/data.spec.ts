import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Locator } from '@playwright/test';
import { expect, openLab, test } from '../page/fixtures.ts';
import type { DataFault } from '../page/site.ts';

/** Counts drawn pixels on a chart's canvases; Plotly itself draws no canvas. */
function inkOf(chart: Locator): Promise<number> {
  return chart.evaluate((element) => {
    let drawn = 0;
    for (const canvas of element.querySelectorAll('canvas')) {
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {
        data: [],
      };
      for (let i = 3; i < data.length; i += 4) if (data[i] > 0) drawn++;
    }
    return drawn;
  });
}

/** The gzipped size of the page and everything that it loads before its first paint. */
function firstPaintBytes(): number {
  const page = readFileSync('dist/index.html', 'utf8');
  const files = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, file]) => file);
  expect(files.length).toBeGreaterThanOrEqual(2);
  return ['index.html', ...files].reduce(
    (sum, file) => sum + gzipSync(readFileSync(`dist/${file}`)).length,
    0,
  );
}

test('data that the browser unpacks itself are accepted', async ({ lab, site }) => {
  site.setFault('contentEncoding');
  await openLab(lab, site);
  const { count, loss } = await lab.evaluate(() => window.lab.evaluate());
  expect(count).toBe(10_000);
  expect(loss).toBeGreaterThan(2);
});

test('the second visit needs no network for the data', async ({ lab, site }) => {
  await openLab(lab, site);
  expect(site.requests.length).toBe(4);
  site.setFault('disconnect');
  await openLab(lab, site);
  expect(site.requests.length).toBe(4);
});

const FAULTY = 'train-images';
// A file that loaded correctly is stored, so only a file that has always failed can fail again.
const faults: { fault: DataFault; message: RegExp }[] = [
  { fault: 'webPage', message: /train-images.*web page|web page.*train-images/i },
  { fault: 'missing', message: /train-images.*(missing|no such|not found|404)/i },
  { fault: 'truncated', message: /train-images.*(cut short|incomplete|truncated)/i },
  { fault: 'disconnect', message: /train-images.*(network|connection|offline)/i },
  { fault: 'corrupt', message: /train-images.*(damaged|corrupt|checksum|SHA-256)/i },
];

test.describe(() => {
  // The browser itself reports the failed request.
  test.use({ expectedErrors: /Failed to load resource/ });

  test('each fault of the data is named in the page, and Retry works at last', async ({ lab, site }) => {
    site.setFault(faults[0].fault, FAULTY);
    await lab.goto(site.url);
    const retry = /retry|try again/i;
    for (const [i, { message }] of faults.entries()) {
      const alert = lab.getByRole('alert').filter({ hasText: message });
      await expect(alert).toContainText(FAULTY);
      const next = faults[i + 1];
      site.setFault(next?.fault ?? 'none', FAULTY);
      await alert.getByRole('button', { name: retry }).click();
    }
    await lab.evaluate(() => window.lab.ready);
    await expect(lab.getByRole('alert')).toHaveCount(0);
    expect(await lab.evaluate(() => window.lab.state.status)).toBe('idle');
  });
});

test.describe(() => {
  test.use({ expectedErrors: /Failed to load resource|ERR_INTERNET/ });

  test('offline on the first visit: a message, and Retry once the network is back', async ({
    lab,
    site,
    context,
  }) => {
    let cutOff: () => void = () => undefined;
    const pageStands = new Promise<void>((resolve) => {
      cutOff = resolve;
    });
    // The page has loaded when the network goes away; only the data are missing.
    await lab.route('**/mnist/*.gz', async (route) => {
      await pageStands;
      await context.setOffline(true);
      await route.continue();
    });
    const fetched: string[] = [];
    lab.on('request', (request) => fetched.push(request.url()));
    await lab.goto(site.url);
    const chart = lab.getByRole('application', { name: "Loss over the run's steps" });
    await expect.poll(() => inkOf(chart)).toBeGreaterThan(500);
    // The resources of the first paint, as a server sends them.
    expect(firstPaintBytes()).toBeLessThan(120_000);
    await expect(lab.getByRole('button', { name: 'Train', exact: true })).toBeEnabled();
    // The chart library loads when a person can point at a chart.
    expect(fetched.filter((url) => url.includes('plotly'))).toEqual([]);
    await lab.mouse.move(200, 300);
    await chart.locator('.js-plotly-plot').waitFor();
    expect(fetched.filter((url) => url.includes('plotly'))).toHaveLength(1);
    await expect.poll(() => inkOf(chart)).toBe(0);
    cutOff();
    const alert = lab.getByRole('alert').filter({ hasText: /ubyte/ });
    await expect(alert).toContainText(/network|connection|offline/i);
    await lab.unroute('**/mnist/*.gz');
    await context.setOffline(false);
    await alert.getByRole('button', { name: /retry|try again/i }).click();
    await lab.evaluate(() => window.lab.ready);
    await expect(alert).toHaveCount(0);
  });
});
