import type { Page } from '@playwright/test';

export interface Dropped {
  /** Paths of files and folders. */
  files?: string[];
  items?: { mimeType: string; data: string }[];
}

/** Drops data from outside the browser at a place in the window, through the browser's own input. */
export async function dropAt(
  page: Page,
  { x, y }: { x: number; y: number },
  { files = [], items = [] }: Dropped,
): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items, files, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x, y, data });
  }
  await session.detach();
}
