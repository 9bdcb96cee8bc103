import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';

/** The causes of one layout of the page, such as "Text changed: #train p “Step 12”". */
export type Layout = string[];

interface TraceEvent {
  name: string;
  ph: string;
  ts: number;
  args: { data?: { nodeId: number; reason: string } };
}

const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline.invalidationTracking'];

/** The page's layouts while `work` runs, with their causes. Chromium reports no cause where a positioned box moves. */
export async function layoutsDuring(page: Page, work: () => Promise<void>): Promise<Layout[]> {
  const browser = page.context().browser();
  if (!browser) throw new Error('expected a page of a browser, found none');
  const path = join(tmpdir(), `untangle-layouts-${process.pid}-${Date.now()}.json`);
  await browser.startTracing(page, { path, categories: CATEGORIES });
  await work();
  await browser.stopTracing();
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(readFileSync(path, 'utf8'));
  rmSync(path);
  const layouts: { nodeId: number; reason: string }[][] = [];
  let causes: { nodeId: number; reason: string }[] = [];
  for (const { name, ph, args } of traceEvents.sort((a, b) => a.ts - b.ts)) {
    if (name === 'LayoutInvalidationTracking' && args.data) causes.push(args.data);
    if (name !== 'Layout' || (ph !== 'X' && ph !== 'B')) continue;
    layouts.push(causes);
    causes = [];
  }
  const nameOf = await nodeNames(page, layouts.flat());
  return layouts.map((each) => each.map(({ nodeId, reason }) => `${reason}: ${nameOf.get(nodeId)}`));
}

/** Whether an element has appeared or gone, which has to be laid out. */
export function isAppearance(layout: Layout): boolean {
  return layout.some((cause) => /^(Added to|Removed from) layout/.test(cause));
}

/** Whether a finished analysis of the geometry has brought its own sentences and table of classes. */
export function isAnalysis(layout: Layout): boolean {
  return layout.length > 0 && layout.every((cause) => /^Text changed: #geometry (p|li|td) /.test(cause));
}

/** The nodes' places and texts, for people who read a failure. */
async function nodeNames(page: Page, nodes: readonly { nodeId: number }[]): Promise<Map<number, string>> {
  const client = await page.context().newCDPSession(page);
  await client.send('DOM.enable');
  await client.send('DOM.getDocument', { depth: 0 });
  const names = new Map<number, string>();
  for (const { nodeId } of nodes) {
    if (names.has(nodeId)) continue;
    names.set(nodeId, await nameOfNode(nodeId).catch(() => 'an element that is gone'));
  }
  await client.detach();
  return names;

  async function nameOfNode(backendNodeId: number): Promise<string> {
    const { object } = await client.send('DOM.resolveNode', { backendNodeId });
    const { result } = await client.send('Runtime.callFunctionOn', {
      objectId: object.objectId,
      returnByValue: true,
      functionDeclaration: `function () {
        const element = this instanceof Element ? this : this.parentElement;
        const panel = element?.closest('section[id], header, footer')?.id || 'page';
        return '#' + panel + ' ' + element?.tagName.toLowerCase() + ' “' + this.textContent.slice(0, 60) + '”';
      }`,
    });
    return String(result.value);
  }
}
