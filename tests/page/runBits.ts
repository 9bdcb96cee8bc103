import type { Page } from '@playwright/test';

/** A run as bits, for exact comparison. */
export interface RunBits {
  losses: number[];
  /** SHA-256 of each parameter. */
  weights: string[];
}

export const lossesOf = (page: Page): Promise<number[]> =>
  page.evaluate(() => [...new Uint32Array(window.lab.state.history.losses.slice().buffer)]);

/** SHA-256 of each parameter. */
export const weightsOf = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const parameters = await window.lab.parameters();
    const digests = Object.values(parameters).map(async (values) => {
      const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(values.slice().buffer));
      return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    });
    return Promise.all(digests);
  });

export async function runOf(page: Page): Promise<RunBits> {
  return { losses: await lossesOf(page), weights: await weightsOf(page) };
}

export const untilStep = (page: Page, step: number) =>
  page.waitForFunction((step) => window.lab.state.step >= step, step, { polling: 20 });
