import { readFileSync } from 'node:fs';

/** Files of `tests/golden`, in forms that can be passed to a page. */
export function goldenBase64(file: string): string {
  return readFileSync(`tests/golden/${file}`).toString('base64');
}

export function goldenJson<T>(file: string): T {
  return JSON.parse(readFileSync(`tests/golden/${file}`, 'utf8'));
}

export interface Trajectory {
  float64: { loss: number[]; acc: number[] };
}
