import type { InputShape } from '../../ml/model/network.ts';

/** Paints pixels in [0, 1], gray or color, on a canvas of their size. */
export function paintPixels(
  canvas: HTMLCanvasElement,
  pixels: Float32Array,
  { channels, height, width }: InputShape,
): void {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer);
  const area = height * width;
  const level = (i: number) => Math.round(255 * pixels[i]);
  for (let i = 0; i < area; i++) {
    const red = level(i);
    const green = channels === 3 ? level(i + area) : red;
    const blue = channels === 3 ? level(i + 2 * area) : red;
    words[i] = 0xff000000 | (blue << 16) | (green << 8) | red;
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
