import { PIXEL } from './shape';

// A shard with fewer than 16 images is filled up with zeros. The gradient of their losses is 0.

/** Copies rows of bytes [count][maps][rows][columns] to a shard of floats, as byte / 255. */
export function packBytes(
  source: usize,
  count: i32,
  shard: usize,
  plane: usize,
  pitch: usize,
  maps: i32,
  rows: i32,
  columns: i32,
): void {
  for (let image = 0; image < 16; image++) {
    for (let map = 0; map < maps; map++) {
      for (let row = 0; row < rows; row++) {
        let at = shard + usize(map) * plane + usize(row) * pitch + (usize(image) << 2);
        for (const end = at + usize(columns) * PIXEL; at < end; at += PIXEL) {
          store<f32>(at, image < count ? f32(load<u8>(source)) / <f32>255 : 0);
          source++;
        }
      }
    }
  }
}

/** Copies rows of floats [count][maps][rows][columns] to a shard. */
export function packFloats(
  source: usize,
  count: i32,
  shard: usize,
  plane: usize,
  pitch: usize,
  maps: i32,
  rows: i32,
  columns: i32,
): void {
  for (let image = 0; image < 16; image++) {
    for (let map = 0; map < maps; map++) {
      for (let row = 0; row < rows; row++) {
        let at = shard + usize(map) * plane + usize(row) * pitch + (usize(image) << 2);
        for (const end = at + usize(columns) * PIXEL; at < end; at += PIXEL) {
          store<f32>(at, image < count ? load<f32>(source) : 0);
          source += 4;
        }
      }
    }
  }
}

/** Copies a shard to rows of floats [count][maps][rows][columns]. */
export function unpackFloats(
  shard: usize,
  plane: usize,
  pitch: usize,
  count: i32,
  target: usize,
  maps: i32,
  rows: i32,
  columns: i32,
): void {
  for (let image = 0; image < count; image++) {
    for (let map = 0; map < maps; map++) {
      for (let row = 0; row < rows; row++) {
        let at = shard + usize(map) * plane + usize(row) * pitch + (usize(image) << 2);
        for (const end = at + usize(columns) * PIXEL; at < end; at += PIXEL) {
          store<f32>(target, load<f32>(at));
          target += 4;
        }
      }
    }
  }
}

/** Transposes [units][16 images] to [16 images][units]. */
export function transpose(source: usize, units: i32, target: usize): void {
  const row = usize(units) << 2;
  for (let unit = 0; unit < units; unit++) {
    for (let image: usize = 0; image < 16; image++) {
      store<f32>(target + image * row, load<f32>(source + (image << 2)));
    }
    source += PIXEL;
    target += 4;
  }
}
