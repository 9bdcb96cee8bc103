import { CallError } from '../callError.ts';
/**
 * The t that |Student's t| stays below with the given probability, for whole degrees of freedom: the bisection of the
 * finite series of Abramowitz & Stegun 26.7.3 and 26.7.4.
 * @throws unless `degrees` is a whole number of at least 1 and `probability` lies strictly between 0 and 1.
 */
export function studentQuantile(degrees: number, probability = 0.95): number {
  if (!Number.isInteger(degrees) || degrees < 1) {
    throw new CallError('studentQuantile', `expected at least one degree of freedom, found ${degrees}`);
  }
  if (!(probability > 0 && probability < 1)) {
    throw new CallError('studentQuantile', `expected a probability between 0 and 1, found ${probability}`);
  }
  let low = 0;
  let high = 1;
  while (probabilityWithin(high, degrees) < probability) high *= 2;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (probabilityWithin(middle, degrees) < probability) low = middle;
    else high = middle;
  }
  return high;
}

/** The probability that |Student's t| is below `t`. */
function probabilityWithin(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const squaredCosine = Math.cos(angle) ** 2;
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? Math.cos(angle) : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = isOdd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= ((k - 1) / k) * squaredCosine;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
