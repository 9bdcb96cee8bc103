import type { Page } from '@playwright/test';
import axe from 'axe-core';

interface Wanted {
  part?: string;
  /** Default: all rules. */
  rules?: readonly string[];
}

/** The findings of axe as `rule: where`, readable in a failed test's output. */
export async function violations(page: Page, { part = 'body', rules }: Wanted = {}): Promise<string[]> {
  // Use axe directly, because its package for Playwright sends the source and opens another page for every check.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  return page.evaluate(
    async ({ part, rules }) => {
      const { violations } = await window.axe.run(part, {
        // Copying passed rules would take seconds.
        resultTypes: ['violations'],
        ...(rules && { runOnly: { type: 'rule', values: [...rules] } }),
      });
      return violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id} (${help}): ${target.join(' ')}: ${failureSummary}`),
      );
    },
    { part, rules },
  );
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}
