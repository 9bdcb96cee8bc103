import type { LabState } from '../../lab/state/state.ts';

/** Whether a link hides a part of the page: a panel's id, or one of `CONTROLS`. */
export function isHidden(hidden: LabState['hidden'], part: string): boolean {
  return hidden.some((name) => name === part);
}
