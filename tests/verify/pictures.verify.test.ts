import { expect, it } from 'vitest';
import { readDigits } from '../../src/ml/pictures/read.ts';
import { chanceOf } from '../unit/pictures/chance.ts';
import { kinds } from '../unit/pictures/corpus.ts';
import { digitSources } from '../unit/pictures/digitSources.ts';
import { predict } from '../unit/pictures/predict.ts';
import { rasterOf } from '../unit/pictures/scene.ts';
import { record } from './record.ts';

const digits = digitSources();
/** Acceptable number of misread digits out of 60; the network misreads one even on white paper. */
const MOST_WRONG = 5;

it.each(Object.entries(kinds))('pictures: %s', (kind, make) => {
  const wrong = digits.filter((digit, i) => {
    try {
      const { digits: read, chosen } = readDigits(rasterOf(make(digit, chanceOf(1000 + i))));
      return predict(read[chosen].pixels) !== digit.digit;
    } catch {
      return true;
    }
  });
  const right = digits.length - wrong.length;
  record(
    `pictures, ${kind}: digits that the trained network reads right`,
    `at least ${digits.length - MOST_WRONG} of ${digits.length}`,
    `${right} of ${digits.length}`,
  );
  expect(wrong.length).toBeLessThanOrEqual(MOST_WRONG);
});
