import { filters, ITEM, outHeight, outWidth, UNITS } from './shape';

/** Number of blocks of four images for `count` images, rounded up to an even number. */
// @ts-ignore: decorator
@inline
export function evenBlocks(count: i32): i32 {
  return (count + 7) / 8 * 2;
}

/** Gathers one value of each of four images. */
// @ts-ignore: decorator
@inline
function gather(a: usize, b: usize, c: usize, d: usize): v128 {
  let values = v128.load_zero<f32>(a);
  values = v128.load_lane<f32>(b, values, 1);
  values = v128.load_lane<f32>(c, values, 2);
  return v128.load_lane<f32>(d, values, 3);
}

// Blocks are padded with copies of the last image. The copies are never used, and contain only ordinary values.

/** Converts row-major images [count][items] of bytes to blocks of floats byte / 255. */
export function packBytes(source: usize, count: i32, items: i32, blocks: usize): void {
  const full = f32x4.splat(255);
  let to = blocks;
  for (let image = 0; image < 4 * evenBlocks(count); image += 4) {
    const a = source + usize(min(image, count - 1) * items);
    const b = source + usize(min(image + 1, count - 1) * items);
    const c = source + usize(min(image + 2, count - 1) * items);
    const d = source + usize(min(image + 3, count - 1) * items);
    for (let i: usize = 0; i < usize(items); i++) {
      const low = u32(load<u8>(a + i)) | (u32(load<u8>(b + i)) << 16);
      const high = u32(load<u8>(c + i)) | (u32(load<u8>(d + i)) << 16);
      const bytes = i64x2.splat(i64(low) | (i64(high) << 32));
      v128.store(to, f32x4.div(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(bytes)), full));
      to += ITEM;
    }
  }
}

/** Converts row-major floats [count][items] to blocks. */
export function packFloats(source: usize, count: i32, items: i32, blocks: usize): void {
  const bytes = usize(items) << 2;
  let to = blocks;
  for (let image = 0; image < 4 * evenBlocks(count); image += 4) {
    const a = source + usize(min(image, count - 1)) * bytes;
    const b = source + usize(min(image + 1, count - 1)) * bytes;
    const c = source + usize(min(image + 2, count - 1)) * bytes;
    const d = source + usize(min(image + 3, count - 1)) * bytes;
    for (let i: usize = 0; i < bytes; i += 4) {
      v128.store(to, gather(a + i, b + i, c + i, d + i));
      to += ITEM;
    }
  }
}

/** Converts blocks to row-major floats [count][items]; the target must have room for whole blocks. */
export function unpackFloats(blocks: usize, count: i32, items: i32, target: usize): void {
  const bytes = usize(items) << 2;
  let from = blocks;
  for (let image = 0; image < count; image += 4) {
    let to = target + usize(image) * bytes;
    for (const end = to + bytes; to < end; to += 4) {
      const values = v128.load(from);
      v128.store_lane<f32>(to, values, 0);
      v128.store_lane<f32>(to + bytes, values, 1);
      v128.store_lane<f32>(to + 2 * bytes, values, 2);
      v128.store_lane<f32>(to + 3 * bytes, values, 3);
      from += ITEM;
    }
  }
}

/** Bytes of one image's hidden units, row-major [filters][positions]. */
// @ts-ignore: decorator
@inline
function hiddenBytes(): usize {
  return usize(filters * outHeight * outWidth) << 2;
}

/**
 * Converts one tile to row-major hidden activations [count][filters][positions]; the target must have room for whole
 * blocks.
 * @param position the tile's first position in the output image
 */
export function unpackTile(
  tile: usize,
  target: usize,
  group: i32,
  position: i32,
  positions: i32,
  blocks: i32,
  count: i32,
): void {
  const bytes = hiddenBytes();
  const step = usize(blocks) * UNITS;
  for (let channel = 0; channel < min(4, filters - group * 4); channel++) {
    const unit = (group * 4 + channel) * outHeight * outWidth + position;
    for (let image = 0; image < count; image += 4) {
      let from = tile + usize(image >> 2) * UNITS + usize(channel) * ITEM;
      let to = target + usize(image) * bytes + (usize(unit) << 2);
      for (let i = 0; i < positions; i++) {
        const values = v128.load(from);
        v128.store_lane<f32>(to, values, 0);
        v128.store_lane<f32>(to + bytes, values, 1);
        v128.store_lane<f32>(to + 2 * bytes, values, 2);
        v128.store_lane<f32>(to + 3 * bytes, values, 3);
        from += step;
        to += 4;
      }
    }
  }
}

/** The reverse of `unpackTile`; padding channels become 0. */
export function packTile(
  source: usize,
  tile: usize,
  group: i32,
  position: i32,
  positions: i32,
  blocks: i32,
  count: i32,
): void {
  const bytes = hiddenBytes();
  const step = usize(blocks) * UNITS;
  for (let channel = 0; channel < 4; channel++) {
    const exists = group * 4 + channel < filters;
    const unit = (group * 4 + channel) * outHeight * outWidth + position;
    const row = source + (usize(unit) << 2);
    for (let block = 0; block < blocks; block++) {
      const image = block * 4;
      let a = row + usize(min(image, count - 1)) * bytes;
      const b = usize(min(image + 1, count - 1) - min(image, count - 1)) * bytes;
      const c = usize(min(image + 2, count - 1) - min(image, count - 1)) * bytes;
      const d = usize(min(image + 3, count - 1) - min(image, count - 1)) * bytes;
      let to = tile + usize(block) * UNITS + usize(channel) * ITEM;
      for (let i = 0; i < positions; i++) {
        v128.store(to, exists ? gather(a, a + b, a + c, a + d) : f32x4.splat(0));
        a += 4;
        to += step;
      }
    }
  }
}
