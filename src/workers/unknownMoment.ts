/** The name of the error of an inspector that needs a moment's parameters after all. */
export const UNKNOWN_MOMENT = 'UnknownMomentError';
