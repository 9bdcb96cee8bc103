const MEBIBYTE = 2 ** 20;

/** Bytes of snapshots that a page holds: 64 MiB on small devices, whose browsers end a page that takes too much memory. */
export function snapshotBudget(isSmallDevice: boolean): number {
  return (isSmallDevice ? 64 : 256) * MEBIBYTE;
}

/**
 * Whether a device is small: at most 4 GiB of memory, or a touch screen where the browser does not say how much there is.
 * @param gigabytes of `navigator.deviceMemory`, which Firefox and Safari lack
 */
export function isSmallDevice({ gigabytes, isTouch }: { gigabytes?: number; isTouch: boolean }): boolean {
  return gigabytes === undefined ? isTouch : gigabytes <= 4;
}
