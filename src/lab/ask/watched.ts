/** Options for callers of a slow question. */
export interface Watched {
  signal?: AbortSignal;
  /** Receives the fraction done. */
  onProgress?(progress: { fraction: number }): void;
}
