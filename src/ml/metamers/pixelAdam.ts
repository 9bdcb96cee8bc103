const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * PyTorch's Adam (Kingma & Ba 2015) over pixels. Moments are float64, which keeps the images of 1,000 iterations closest to
 * a float64 run's.
 */
export class PixelAdam {
  readonly #firstMoment: Float64Array;
  readonly #secondMoment: Float64Array;
  #step = 0;

  constructor(length: number) {
    this.#firstMoment = new Float64Array(length);
    this.#secondMoment = new Float64Array(length);
  }

  /** One update of the pixels, in place. */
  update(pixels: Float32Array, gradient: Float64Array, learningRate: number): void {
    this.#step += 1;
    const stepSize = learningRate / (1 - BETA1 ** this.#step);
    const rootScale = 1 / Math.sqrt(1 - BETA2 ** this.#step);
    for (let i = 0; i < pixels.length; i++) {
      const g = gradient[i];
      const first = BETA1 * this.#firstMoment[i] + (1 - BETA1) * g;
      const second = BETA2 * this.#secondMoment[i] + (1 - BETA2) * g * g;
      this.#firstMoment[i] = first;
      this.#secondMoment[i] = second;
      pixels[i] -= (stepSize * first) / (Math.sqrt(second) * rootScale + EPSILON);
    }
  }
}
