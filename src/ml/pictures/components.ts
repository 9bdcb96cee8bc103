import type { Box } from './resample.ts';

/** Marked pixels that touch each other, including diagonally. */
export interface Component {
  /** The component's number in `labels`, which starts at 1; 0 means no component. */
  label: number;
  box: Box;
  /** Number of pixels. */
  area: number;
}

export interface Components {
  /** [height, width], the component number of each pixel. */
  labels: Int32Array;
  components: Component[];
}

/** Finds the components of a mask [height, width], neighbors in eight directions. */
export function componentsOf(mask: Uint8Array, width: number, height: number): Components {
  const labels = new Int32Array(mask.length);
  const components: Component[] = [];
  const stack: number[] = [];
  for (let first = 0; first < mask.length; first++) {
    if (mask[first] === 0 || labels[first] !== 0) continue;
    const label = components.length + 1;
    let [left, top, right, bottom, area] = [width, height, -1, -1, 0];
    labels[first] = label;
    stack.push(first);
    for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
      const x = i % width;
      const y = (i - x) / width;
      area++;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const neighbor = v * width + u;
          if (mask[neighbor] === 0 || labels[neighbor] !== 0) continue;
          labels[neighbor] = label;
          stack.push(neighbor);
        }
      }
    }
    components.push({ label, area, box: { left, top, width: right - left + 1, height: bottom - top + 1 } });
  }
  return { labels, components };
}
