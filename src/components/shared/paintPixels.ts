/** Paints gray pixels in [0, 1], black to white, on a canvas of their size. */
export function paintPixels(canvas: HTMLCanvasElement, pixels: Float32Array, width: number): void {
  const height = pixels.length / width;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer);
  pixels.forEach((value, i) => {
    words[i] = 0xff000000 | (Math.round(255 * value) * 0x010101);
  });
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
