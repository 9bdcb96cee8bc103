/** What a caller of a long question may pass along. */
export interface Watched {
  signal?: AbortSignal;
  /** Hears of the fraction done. */
  onProgress?(progress: { fraction: number }): void;
}
