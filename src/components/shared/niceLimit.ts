/** The next of ... 0.1, 0.2, 0.5, 1, 2, 5 ... that is not below the value. */
export function niceLimit(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const nice = [1, 2, 5, 10].find((factor) => factor * power >= value * (1 - 1e-9)) ?? 10;
  return nice * power;
}
