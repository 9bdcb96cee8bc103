/** Detects and removes lines printed on paper: straight, thin, and nearly as long as the picture. */

/** Smaller pictures have no room for lines beside a digit. */
const SMALLEST_RULED = 56;
/** Maximum slope of a line: 6 degrees. */
const STEEPEST = 0.105;
/** A single line must cross most of the picture; lines in a group of three or more may be broken. */
const ALONE = 0.9;
const TOGETHER = 0.42;
const FEWEST_TOGETHER = 3;
/** The faintest line, where the noise permits, as a share of the paper's level. */
const FAINTEST = 0.03;

export interface Unruled {
  /** The ink's strength without the lines, [height, width]. */
  strength: Float32Array;
  /** 1 where a line was removed. */
  lines: Uint8Array;
}

/** Removes horizontal and vertical lines and keeps the strokes that cross them. */
export function withoutRulings(
  strength: Float32Array,
  width: number,
  height: number,
  noise: number,
): Unruled {
  if (Math.max(width, height) < SMALLEST_RULED) return { strength, lines: new Uint8Array(strength.length) };
  const level = withoutLevelLines(strength, width, height, noise);
  const turned = withoutLevelLines(transposed(level.strength, width, height), height, width, noise);
  const upright = transposed(Float32Array.from(turned.lines), height, width);
  return {
    strength: transposed(turned.strength, height, width),
    lines: level.lines.map((line, i) => line | upright[i]),
  };
}

function withoutLevelLines(strength: Float32Array, width: number, height: number, noise: number): Unruled {
  const reach = Math.max(2, Math.ceil(0.0075 * Math.max(width, height)));
  const ridges = thinAcross(strength, width, height, { reach, threshold: Math.max(2 * noise, FAINTEST) });
  const lines = new Uint8Array(strength.length);
  for (const { start, slope } of straightLines(ridges, width, height)) {
    for (let x = 0; x < width; x++) {
      const middle = Math.round(start + slope * (x - width / 2));
      const [from, to] = [Math.max(0, middle - reach), Math.min(height - 1, middle + reach)];
      for (let y = from; y <= to; y++) if (ridges[y * width + x] === 1) lines[y * width + x] = 1;
    }
  }
  return { strength: filledAcross(strength, lines, width, height, reach), lines };
}

/** Marks pixels darker than those `reach` above and below. */
function thinAcross(
  strength: Float32Array,
  width: number,
  height: number,
  { reach, threshold }: { reach: number; threshold: number },
): Uint8Array {
  return Uint8Array.from(strength, (value, i) => {
    const above = i >= reach * width ? strength[i - reach * width] : 0;
    const below = i < (height - reach) * width ? strength[i + reach * width] : 0;
    return value - Math.max(above, below, 0) > threshold ? 1 : 0;
  });
}

/** Finds straight lines through many marked pixels (Hough 1962); `start` is the height at the picture's center. */
function straightLines(marks: Uint8Array, width: number, height: number): { start: number; slope: number }[] {
  const steepest = Math.round(STEEPEST * width);
  const found: { start: number; slope: number; count: number }[] = [];
  const marked: number[] = [];
  marks.forEach((mark, i) => {
    if (mark === 1) marked.push(i);
  });
  const counts = new Int32Array(height + 2);
  for (let rise = -steepest; rise <= steepest; rise++) {
    const slope = rise / width;
    counts.fill(0);
    for (const i of marked) {
      const x = i % width;
      const start = Math.round((i - x) / width - slope * (x - width / 2));
      if (start >= 0 && start < height) counts[start]++;
    }
    for (let start = 0; start < height; start++) {
      if (counts[start] >= TOGETHER * width) found.push({ start, slope, count: counts[start] });
    }
  }
  // Of overlapping lines, keep the one with the most marks.
  found.sort((a, b) => b.count - a.count);
  const apart = found.filter(
    ({ start }, i) => !found.slice(0, i).some((other) => Math.abs(other.start - start) < 4),
  );
  return apart.length >= FEWEST_TOGETHER ? found : apart.filter(({ count }) => count >= ALONE * width);
}

/** Fills a removed line with the ink of the darker of the pixels beyond it. */
function filledAcross(
  strength: Float32Array,
  lines: Uint8Array,
  width: number,
  height: number,
  reach: number,
): Float32Array {
  return strength.map((value, i) => {
    const near = lines[i] === 1 || lines[i - width] === 1 || lines[i + width] === 1;
    if (!near) return value;
    const above = i >= reach * width ? strength[i - reach * width] : 0;
    const below = i < (height - reach) * width ? strength[i + reach * width] : 0;
    return Math.min(value, Math.max(above, below));
  });
}

function transposed(values: Float32Array, width: number, height: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) turned[x * height + y] = values[y * width + x];
  }
  return turned;
}
