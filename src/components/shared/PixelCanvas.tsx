import { useLayoutEffect, useRef } from 'react';
import { type ColorMap, colorIndex, colorTable, type Scale, useColors } from './colors.ts';
import styles from './PixelCanvas.module.css';

interface PixelCanvasProps {
  /** Description for screen readers. */
  label: string;
  /** Pixels of a square picture, row-major. */
  pixels: Float32Array;
  colors: ColorMap;
  scale: Scale;
  /** Side in CSS pixels. */
  size: number;
  /** Gives pixels below and above the scale the two sign colors, so that they differ from black and white. */
  markOutside?: boolean;
}

/** One still picture with sharp pixels. Values beyond the scale take the color of its nearest end. */
export function PixelCanvas(props: PixelCanvasProps) {
  const { label, pixels, colors: map, scale, size, markOutside = false } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const colors = useColors();
  const side = Math.sqrt(pixels.length);
  useLayoutEffect(() => {
    const image = new ImageData(side, side);
    const words = new Uint32Array(image.data.buffer);
    const table = colorTable(map, colors);
    const marks = colorTable('sign', colors);
    pixels.forEach((value, i) => {
      const outside = markOutside && (value < scale.low || value > scale.high);
      words[i] = outside ? marks[value < scale.low ? 0 : marks.length - 1] : table[colorIndex(value, scale)];
    });
    canvas.current?.getContext('2d')?.putImageData(image, 0, 0);
  }, [pixels, map, scale, colors, side, markOutside]);
  return (
    <canvas
      ref={canvas}
      className={styles.picture}
      role="img"
      aria-label={label}
      width={side}
      height={side}
      style={{ width: size }}
    />
  );
}
