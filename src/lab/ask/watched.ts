/** Options for callers of a slow question. */
export interface Watched {
  signal?: AbortSignal;
  /** Receives the fraction done. */
  onProgress?(progress: { fraction: number }): void;
}

/** Reports the progress of one part, which takes the whole from one fraction to another. */
export function partOf({ signal, onProgress }: Watched, from: number, to: number): Watched {
  return { signal, onProgress: ({ fraction }) => onProgress?.({ fraction: from + (to - from) * fraction }) };
}

/** Reports the mean progress of parts that run side by side. */
export function partsOf({ signal, onProgress }: Watched, count: number): Watched[] {
  const fractions = new Float64Array(count);
  return Array.from({ length: count }, (_, i) => ({
    signal,
    onProgress({ fraction }) {
      fractions[i] = fraction;
      onProgress?.({ fraction: fractions.reduce((sum, one) => sum + one, 0) / count });
    },
  }));
}
