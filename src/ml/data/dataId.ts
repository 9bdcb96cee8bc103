import { isShippedId } from './shipped.ts';

const ID_DIGITS = 12;

/** The id of a person's own images. */
export function ownDataId(sha256: string): string {
  return `own-${sha256.slice(0, ID_DIGITS)}`;
}

/** Whether a text has the form of any data set's id. */
export function isDataId(id: string): boolean {
  return isShippedId(id) || new RegExp(`^own-[0-9a-f]{${ID_DIGITS}}$`).test(id);
}
