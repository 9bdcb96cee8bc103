import { filters, ITEM, outHeight, outWidth, UNITS } from './shape';

/** Blocks of four images that hold so many, an even number of them. */
// @ts-ignore: decorator
@inline
export function evenBlocks(count: i32): i32 {
  return (count + 7) / 8 * 2;
}

/** Bytes of row-major images [count][items] to blocks of floats byte / 255; missing images of the last blocks are 0. */
export function packBytes(source: usize, count: i32, items: i32, blocks: usize): void {
  for (let image = 0; image < 4 * evenBlocks(count); image++) {
    const from = source + usize(image * items);
    let to = blocks + usize(image >> 2) * usize(items) * ITEM + (usize(image & 3) << 2);
    for (let i = 0; i < items; i++) {
      store<f32>(to, image < count ? f32(load<u8>(from + i)) / <f32>255 : 0);
      to += ITEM;
    }
  }
}

/** Row-major floats [count][items] to blocks; missing images of the last blocks are 0. */
export function packFloats(source: usize, count: i32, items: i32, blocks: usize): void {
  for (let image = 0; image < 4 * evenBlocks(count); image++) {
    const from = source + (usize(image * items) << 2);
    let to = blocks + usize(image >> 2) * usize(items) * ITEM + (usize(image & 3) << 2);
    for (let i = 0; i < items; i++) {
      store<f32>(to, image < count ? load<f32>(from + (usize(i) << 2)) : 0);
      to += ITEM;
    }
  }
}

/** Blocks to row-major floats [count][items]. */
export function unpackFloats(blocks: usize, count: i32, items: i32, target: usize): void {
  let to = target;
  for (let image = 0; image < count; image++) {
    let from = blocks + usize(image >> 2) * usize(items) * ITEM + (usize(image & 3) << 2);
    for (let i = 0; i < items; i++) {
      store<f32>(to, load<f32>(from));
      from += ITEM;
      to += 4;
    }
  }
}

/** Byte offset of a group's first unit at a position, in a row-major image of hidden units. */
// @ts-ignore: decorator
@inline
function unitOffset(image: i32, channel: i32, position: i32): usize {
  return usize((image * filters + channel) * outHeight * outWidth + position) << 2;
}

/**
 * One tile to row-major hidden activations [count][filters][positions].
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
  const channels = min(4, filters - group * 4);
  for (let image = 0; image < count; image++) {
    for (let channel = 0; channel < channels; channel++) {
      let from = tile + usize(image >> 2) * UNITS + usize(channel) * ITEM + (usize(image & 3) << 2);
      let to = target + unitOffset(image, group * 4 + channel, position);
      for (let i = 0; i < positions; i++) {
        store<f32>(to, load<f32>(from));
        from += usize(blocks) * UNITS;
        to += 4;
      }
    }
  }
}

/** The reverse of `unpackTile`; channels and images that only pad become 0. */
export function packTile(
  source: usize,
  tile: usize,
  group: i32,
  position: i32,
  positions: i32,
  blocks: i32,
  count: i32,
): void {
  for (let image = 0; image < blocks * 4; image++) {
    for (let channel = 0; channel < 4; channel++) {
      const exists = image < count && group * 4 + channel < filters;
      let from = source + unitOffset(image, group * 4 + channel, position);
      let to = tile + usize(image >> 2) * UNITS + usize(channel) * ITEM + (usize(image & 3) << 2);
      for (let i = 0; i < positions; i++) {
        store<f32>(to, exists ? load<f32>(from) : 0);
        from += 4;
        to += usize(blocks) * UNITS;
      }
    }
  }
}
