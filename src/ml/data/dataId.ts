import { isShippedId } from './shipped.ts';

const ID_DIGITS = 12;

/** Whether a text has the form of an own data set's id. */
function isOwnDataId(id: string): boolean {
  return new RegExp(`^own-[0-9a-f]{${ID_DIGITS}}$`).test(id);
}

/** Whether a text has the form of any data set's id. */
export function isDataId(id: string): boolean {
  return isShippedId(id) || isOwnDataId(id);
}
