const NICE = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** A round number, such as 0.15, 2.5 or 40, that is not below the value. */
export function niceLimit(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const nice = NICE.find((factor) => factor * power >= value * (1 - 1e-9)) ?? 10;
  return Number((nice * power).toPrecision(2));
}
