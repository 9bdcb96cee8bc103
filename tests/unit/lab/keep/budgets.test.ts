import { expect, it } from 'vitest';
import { isSmallDevice, snapshotBudget } from '../../../../src/lab/keep/budgets.ts';

it.each([
  [{ gigabytes: 8, isTouch: true }, 256],
  [{ gigabytes: 4, isTouch: false }, 64],
  [{ isTouch: true }, 64],
  [{ isTouch: false }, 256],
])('a device with %o holds %i MiB of snapshots', (device, mebibytes) => {
  expect(snapshotBudget(isSmallDevice(device))).toBe(mebibytes * 2 ** 20);
});
