import type { Locator, Page } from '@playwright/test';
import { mainThreadTasks, untilQuiet } from './mainThread.ts';
import { visitPanels } from './panels.ts';

export const timelineOf = (page: Page) => page.getByRole('slider', { name: 'Moment of the run' });

/** Opens a test image, pins it, and visits every panel so that all are loaded and follow. */
export async function preparePanels(page: Page): Promise<void> {
  await page.evaluate(() => window.lab.openImage({ split: 'test', index: 3 }));
  await visitPanels(page);
  const activations = page.locator('#activations');
  await activations.scrollIntoViewIfNeeded();
  await activations.getByRole('button', { name: 'Pin', exact: true }).click();
  await page.waitForFunction(() => window.lab.opened()?.activations !== undefined);
  await page.locator('#train .js-plotly-plot').first().waitFor();
  await untilQuiet(page);
}

/** Position of the moment's cursor in a chart, as a share of the chart's width; undefined while live. */
export function chartCursor(chart: Locator): Promise<number | undefined> {
  return chart.evaluate((element) => {
    const canvas = [...element.querySelectorAll('canvas')].at(-1);
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return undefined;
    // Plotly's curves are SVG; on the overlay, only the cursor crosses every row.
    const rows = [0.1, 0.2, 0.3, 0.47, 0.6].map(
      (share) => context.getImageData(0, Math.round(share * canvas.height), canvas.width, 1).data,
    );
    for (let x = 0; x < canvas.width; x++) {
      if (rows.every((row) => row[4 * x + 3] > 100)) return x / canvas.width;
    }
    return undefined;
  });
}

export interface Dragged {
  /** Median of the gaps between two frames, in milliseconds. */
  frame: number;
  /** The longest main-thread task, in milliseconds of CPU time. */
  longestTask: number;
  /** Number of different moments that the page showed. */
  moments: number;
}

/** Drags along the timeline with the mouse, between two shares of its width, and measures the page meanwhile. */
export async function measureDrag(page: Page, from: number, to: number, moves = 90): Promise<Dragged> {
  const box = await timelineOf(page).boundingBox();
  if (!box) throw new Error('measureDrag: expected the timeline on the page');
  const y = box.y + box.height / 2;
  const x = (share: number) => box.x + share * box.width;
  let frames: { gaps: number[]; moments: number } = { gaps: [], moments: 0 };
  await page.mouse.move(x(from), y);
  await page.mouse.down();
  const tasks = await mainThreadTasks(page, async () => {
    const watching = page.evaluate(
      () =>
        new Promise<{ gaps: number[]; moments: number }>((resolve) => {
          const slider = document.querySelector('[role=slider][aria-label="Moment of the run"]');
          const gaps: number[] = [];
          const seen = new Set<string | null | undefined>();
          let before = performance.now();
          const step = (now: number) => {
            gaps.push(now - before);
            before = now;
            seen.add(slider?.getAttribute('aria-valuenow'));
            if (document.body.dataset.dragged) resolve({ gaps, moments: seen.size });
            else requestAnimationFrame(step);
          };
          delete document.body.dataset.dragged;
          requestAnimationFrame(step);
        }),
    );
    for (let i = 1; i <= moves; i++) {
      await page.mouse.move(x(from + ((to - from) * i) / moves), y);
      await page.waitForTimeout(12);
    }
    await page.evaluate(() => {
      document.body.dataset.dragged = 'yes';
    });
    frames = await watching;
  });
  await page.mouse.up();
  const gaps = frames.gaps.slice(1).sort((a, b) => a - b);
  return {
    frame: gaps[Math.floor(gaps.length / 2)],
    longestTask: tasks[0],
    moments: frames.moments,
  };
}

/**
 * Waits until the panel answers for the step; returns the largest difference of its maps and logits from that step's
 * network.
 */
export async function followsTo(page: Page, step: number): Promise<number> {
  await page.waitForFunction((step) => window.lab.opened()?.activations?.step === step, step);
  return page.evaluate(async (at) => {
    const shown = window.lab.opened()?.activations;
    const wanted = await window.lab.inspect({ split: 'test', index: 3 }, { at });
    const differences = ['conv', 'fc'].map((layer) =>
      wanted.layers[layer].data.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - (shown?.layers[layer].data[i] ?? Number.NaN))),
        0,
      ),
    );
    return Math.max(...differences);
  }, step);
}
