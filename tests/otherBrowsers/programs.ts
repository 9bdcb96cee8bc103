import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The requested program, otherwise the first of these on the path. */
export function findProgram(asked: string | undefined, names: string[]): string | undefined {
  const places = (process.env.PATH ?? '').split(delimiter);
  const candidates = asked ? [asked] : names.flatMap((name) => places.map((place) => join(place, name)));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Waits until a condition holds. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what: string,
  longest = 30_000,
): Promise<void> {
  const end = Date.now() + longest;
  while (!(await isSo())) {
    if (Date.now() > end)
      throw new Error(`until: expected ${what} within ${longest / 1000} s, found nothing`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Ends a program that leads a process group, with the whole group. */
export async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const ended = once(child, 'exit');
  process.kill(-child.pid, 'SIGTERM');
  const patience = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), 5000);
  await ended;
  clearTimeout(patience);
}
