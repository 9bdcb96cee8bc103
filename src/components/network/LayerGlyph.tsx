import type { CSSProperties } from 'react';
import type { LayerShape } from '../../ml/model/network.ts';
import styles from './LayerGlyph.module.css';

interface LayerGlyphProps {
  shape: LayerShape;
  /** Side of the network's image, which has the full height. */
  imageSide: number;
  /** Mean activation as a share of the largest in the network, for the fill. */
  activations?: number;
  /** Mean weight as a share of the largest, for the line below. */
  weights?: number;
}

const WIDTH = 64;
const HEIGHT = 48;
/** Side of the network's image, in the drawing's units. */
const LARGEST = 30;
const STEP = 3;
const MOST_PLANES = 7;

/** A layer's output, drawn to show size: height and width as area, channels as depth, units as a column. */
export function LayerGlyph({ shape, imageSide, activations = 0, weights }: LayerGlyphProps) {
  const tint: CSSProperties & Record<`--${string}`, string> = {
    '--activations': `${Math.round(70 * Math.sqrt(activations))}%`,
    '--weights': `${Math.round(100 * Math.sqrt(weights ?? 0))}%`,
  };
  return (
    <svg
      className={`data-color ${styles.glyph}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      style={tint}
      aria-hidden="true"
    >
      {shape.length === 3 ? <Planes shape={shape} imageSide={imageSide} /> : <Column units={shape[0]} />}
      {weights !== undefined && (
        <rect className={styles.weights} x={WIDTH / 2 - 16} y={HEIGHT - 4} width={32} height={3} rx={1.5} />
      )}
    </svg>
  );
}

function Planes({ shape, imageSide }: { shape: LayerShape; imageSide: number }) {
  const [channels, height, width] = shape;
  const count = Math.min(MOST_PLANES, 1 + Math.round(Math.log2(channels)));
  const scale = (pixels: number) => Math.max(5, Math.min(LARGEST, (LARGEST * pixels) / imageSide));
  const depth = (count - 1) * STEP;
  const left = (WIDTH - scale(width) - depth) / 2;
  const top = (HEIGHT - 6 - scale(height) - depth) / 2;
  return Array.from({ length: count }, (_, plane) => (
    <rect
      // biome-ignore lint/suspicious/noArrayIndexKey: the planes never change places
      key={plane}
      className={styles.output}
      x={left + depth - plane * STEP}
      y={top + plane * STEP}
      width={scale(width)}
      height={scale(height)}
      rx={1}
    />
  ));
}

function Column({ units }: { units: number }) {
  // A column of 1 unit is a dot; a column of 512 units is as tall as the image.
  const height = Math.max(6, Math.min(HEIGHT - 8, 4 + (34 * Math.log2(units)) / 12));
  return (
    <rect
      className={styles.output}
      x={WIDTH / 2 - 5}
      y={(HEIGHT - 6 - height) / 2}
      width={10}
      height={height}
      rx={2}
    />
  );
}
