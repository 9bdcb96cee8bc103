import { afterEach, describe, expect, it, vi } from 'vitest';
import { createChannelLocks } from '../../../../src/lab/keep/channelLocks.ts';

const open: { close(): void }[] = [];
function openTab(wait = 60) {
  const locks = createChannelLocks({ wait });
  open.push(locks);
  const lost = vi.fn();
  locks.onLost(lost);
  return { ...locks, lost };
}
afterEach(() => {
  for (const tab of open.splice(0)) tab.close();
});

describe('tabs without Web Locks', () => {
  it('own a run one at a time', async () => {
    const [first, second] = [openTab(), openTab()];
    expect(await first.take('a')).toBe(true);
    expect(await first.take('a')).toBe(true);
    expect(await second.take('a')).toBe(false);
    expect(await second.take('b')).toBe(true);
    expect(await first.held()).toEqual(new Set(['a', 'b']));
    expect(await second.held()).toEqual(new Set(['a', 'b']));
    first.release('a');
    expect(await second.take('a')).toBe(true);
    expect(first.lost).not.toHaveBeenCalled();
  });

  it('do not both get a run that they request at the same time', async () => {
    const tabs = [openTab(), openTab(), openTab()];
    const taken = await Promise.all(tabs.map((tab) => tab.take('a')));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  it('leave nothing behind when they close', async () => {
    const [first, second] = [openTab(), openTab()];
    await first.take('a');
    first.close();
    expect(await second.held()).toEqual(new Set());
    expect(await second.take('a')).toBe(true);
  });

  it('lose the run if another tab’s answer arrives late', async () => {
    const first = openTab();
    const hasty = openTab(0);
    expect(await first.take('a')).toBe(true);
    if (await hasty.take('a')) await vi.waitFor(() => expect(hasty.lost).toHaveBeenCalledWith('a'));
    expect(await openTab().take('a')).toBe(false);
    expect(first.lost).not.toHaveBeenCalled();
  });
});
