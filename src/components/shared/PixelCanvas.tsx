import { useLayoutEffect, useRef } from 'react';
import { type ColorMap, colorIndex, colorTable, type Scale, useColors } from './colors.ts';
import styles from './PixelCanvas.module.css';
import { usePictureShape } from './pictureShape.ts';

interface PixelCanvasProps {
  /** Description for screen readers. */
  label: string;
  /** Values of a picture of the network's input, or of a gray square; row-major. */
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
  const { channels, height, width } = usePictureShape(pixels.length);
  useLayoutEffect(() => {
    const image = new ImageData(width, height);
    const words = new Uint32Array(image.data.buffer);
    const table = colorTable(map, colors);
    const marks = colorTable('sign', colors);
    const area = height * width;
    for (let i = 0; i < area; i++) {
      const values = Array.from({ length: channels }, (_, channel) => pixels[channel * area + i]);
      const outside = markOutside
        ? values.find((value) => value < scale.low || value > scale.high)
        : undefined;
      if (outside !== undefined) words[i] = marks[outside < scale.low ? 0 : marks.length - 1];
      else words[i] = channels === 3 ? mixed(values, scale) : table[colorIndex(values[0], scale)];
    }
    canvas.current?.getContext('2d')?.putImageData(image, 0, 0);
  }, [pixels, map, scale, colors, channels, height, width, markOutside]);
  return (
    <canvas
      ref={canvas}
      className={styles.picture}
      role="img"
      aria-label={label}
      width={width}
      height={height}
      style={{ width: size }}
    />
  );
}

/** A color from red, green and blue on the scale; of changes, no change is middle gray. */
function mixed(values: readonly number[], { low, high }: Scale): number {
  const [red, green, blue] = values.map((value) =>
    Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low)))),
  );
  return (255 << 24) | (blue << 16) | (green << 8) | red;
}
