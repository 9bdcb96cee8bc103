import type { LabState } from '../../lab/state/state.ts';

/** Whether the link hides a part of the page: a panel id, or an entry of `CONTROLS`. */
export function isHidden(hidden: LabState['hidden'], part: string): boolean {
  return hidden.some((name) => name === part);
}
