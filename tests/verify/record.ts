import { appendFileSync, mkdirSync } from 'node:fs';

/** Adds a row with an expected and a measured value to the table that `npm run verify` prints. */
export function record(what: string, expected: string, measured: string): void {
  const path = process.env.VERIFY_ROWS;
  console.log(`${what}: expected ${expected}, measured ${measured}`);
  if (!path) return;
  mkdirSync('.cache/verify', { recursive: true });
  appendFileSync(path, `${JSON.stringify({ what, expected, measured })}\n`);
}
