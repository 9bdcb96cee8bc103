/** Name of the error of an inspector that does not have a moment's parameters. */
export const UNKNOWN_MOMENT = 'UnknownMomentError';
