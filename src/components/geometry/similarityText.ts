/** Whether a similarity, as printed, lies outside 0 to 1, where only an estimate can be. */
export function isBeyond(value: number): boolean {
  const printed = Number(value.toFixed(2));
  return printed < 0 || printed > 1;
}

/** A cell of the matrix; a value outside 0 to 1 has a star. */
export function cellText(value: number): string {
  if (Number.isNaN(value)) return '–';
  const text = value.toFixed(2).replace('-', '−');
  return `${text === '−0.00' ? '0.00' : text}${isBeyond(value) ? ' *' : ''}`;
}

/** Explains the stars and dashes in the cells; undefined for a matrix without them. */
export function beyondNote(values: ArrayLike<number>): string | undefined {
  const all = Array.from(values);
  const star = all.some(isBeyond)
    ? '* Beyond 0 or 1: the correction is right on average over many such layers, not for each; with few units its noise can pass the bounds. The color is that of 0 or 1.'
    : '';
  const dash = all.some(Number.isNaN)
    ? '– No structure of the layer is larger than its bias, or the layer has a single unit.'
    : '';
  return [star, dash].filter(Boolean).join(' ') || undefined;
}
