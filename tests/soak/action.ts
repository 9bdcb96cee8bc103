import type { Chance } from './chance.ts';
import type { Session } from './session.ts';

/**
 * Performs one action in any state of the page, and returns a description. Its random draws never depend on the page.
 */
export type Action = (session: Session, chance: Chance) => Promise<string>;
