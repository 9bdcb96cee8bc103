import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseExpression } from '../../../src/ml/expressions/parse.ts';
import { evaluateScalar, SCALAR_FUNCTIONS } from '../../../src/ml/expressions/scalar.ts';
import { plainExpression, readNumber } from '../../../src/ml/expressions/typed.ts';

const read = (text: string, whole = false) => {
  const typed = readNumber(text, { whole });
  return 'value' in typed ? typed.value : typed.problem;
};
const evaluate = (text: string) =>
  evaluateScalar(
    parseExpression(text, {
      variables: ['epoch', 'u'],
      functions: SCALAR_FUNCTIONS,
      constants: { pi: Math.PI },
    }),
    { epoch: 2, u: 3 },
  );

describe('readNumber', () => {
  it.each([
    ['0,5', 0.5],
    ['0,01', 0.01],
    ['0,001', 0.001],
    ['1,5', 1.5],
    ['12,25', 12.25],
    [',5', 0.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1e-3', 1e-3],
    ['1E3', 1000],
    ['1,5e-3', 1.5e-3],
    ['1e−3', 1e-3],
    ['1e–3', 1e-3],
    ['10^−3', 1e-3],
    ['10**-3', 1e-3],
    ['2×10⁻³', 2e-3],
    ['1.5 · 10^(-3)', 1.5e-3],
    ['−0,5', -0.5],
    ['－１．５', -1.5],
    ['１２３', 123],
    ['０，５', 0.5],
    ['٠٫٥', 0.5],
    ['۱۲', 12],
    ['1 000', 1000],
    ['1\u00a0000', 1000],
    ['1\u202f234,5', 1234.5],
    ["1'000.5", 1000.5],
    ['1’000', 1000],
    ['1_000', 1000],
    ['1,234.5', 1234.5],
    ['1.234,5', 1234.5],
    ['1,234,567', 1234567],
    ['1.234.567', 1234567],
    ['\u200b 3\ufeff', 3],
  ])('reads %s', (text, value) => {
    expect(read(text)).toBe(value);
  });

  it.each([
    ['1,000', 'found "1,000", which is 1 to some and 1000 to others: write 1 or 1000'],
    ['1,234', 'found "1,234", which is 1.234 to some and 1234 to others: write 1.234 or 1234'],
    ['½', 'found the character "½" (U+00BD)'],
    ['5 €', 'found the character "€" (U+20AC)'],
    ['1·5', 'found the character "·" (U+00B7)'],
    ['1 5', 'found "1 5"'],
    ['1,5,5', 'found "1,5,5"'],
    ['1,2.3,4', 'found "1,2.3,4"'],
    ['1.000,000.5', 'found "1.000,000.5"'],
    ['12,34,567', 'found "12,34,567"'],
    ['', 'found ""'],
    ['-', 'found "-"'],
    ['1e', 'found "1e"'],
    ['1e999', 'found "1e999"'],
    ['Infinity', 'found "Infinity"'],
    ['1'.repeat(101), 'found 101 characters'],
  ])('refuses %s', (text, problem) => {
    expect(read(text)).toBe(problem);
  });

  it('accepts one group of thousands after a comma in a whole number, and rejects a point as ambiguous', () => {
    expect(read('1,000', true)).toBe(1000);
    expect(read('60,000', true)).toBe(60_000);
    expect(read('1,5', true)).toBe(1.5);
    expect(read('1.0', true)).toBe(1);
    expect(read('1.000', true)).toContain('write 1 or 1000');
  });
});

test('a number in any local notation is read correctly or rejected', () => {
  const places = ['en', 'de', 'fr', 'de-CH', 'sv', 'es', 'pl', 'pt-BR', 'fa', 'ar-EG', 'en-IN', 'hi', 'ja'];
  fc.assert(
    fc.property(
      fc.constantFrom(...places),
      fc.double({ min: -1e7, max: 1e7, noNaN: true }),
      fc.integer({ min: 0, max: 6 }),
      fc.boolean(),
      (place, number, digits, useGrouping) => {
        const style = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping };
        const text = new Intl.NumberFormat(place, style).format(number);
        // "1.234" is a decimal in this page's notation and a thousand in others.
        fc.pre(!/^\D?\d{1,3}\.\d{3}$/.test(text));
        const typed = read(text);
        if (typeof typed === 'number') expect(typed, text).toBeCloseTo(Number(number.toFixed(digits)), 5);
        else expect(typed).toMatch(/^found /);
        if (!useGrouping) expect(typeof typed === 'number' || typed.includes(' to others')).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});

test('no text is read as a number with other digits', () => {
  const piece = fc.constantFrom(..."0123456789.,-−+eE  \u00a0_'^*×·１⁻³()");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, whole) => {
      const typed = readNumber(pieces.join(''), { whole });
      if ('problem' in typed) {
        expect(typed.problem).toMatch(/^found /);
      } else {
        expect(typed.text).toMatch(/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/);
        expect(typed.value).toBe(Number(typed.text));
      }
    }),
    { numRuns: 5000 },
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const typed = readNumber(text);
      if ('value' in typed) expect(Number.isFinite(typed.value)).toBe(true);
    }),
  );
});

test('JavaScript’s own numbers are read unchanged', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      expect(read(String(number))).toBe(number === 0 ? 0 : number);
    }),
  );
});

describe('a typed formula', () => {
  it.each([
    ['1e−3', 1e-3],
    ['10^−3', 1e-3],
    ['0,001', 1e-3],
    ['１ｅ－３', 1e-3],
    ['1e-3 * 0.9 ** epoch', 8.1e-4],
    ['1e-3 × 0.9^epoch', 8.1e-4],
    ['2·u', 6],
    ['u² ÷ 3', 3],
    ['10⁻³ * u', 3e-3],
    ['1\u00a0+\u202f2', 3],
    ['min(1,2)', 1],
    ['min(u, 2)', 2],
    ['1e-3 # ½ as a comment, of 1,5', 1e-3],
  ])('gives %s its value', (text, value) => {
    expect(evaluate(text)).toBeCloseTo(value, 15);
    expect(evaluate(plainExpression(text))).toBeCloseTo(value, 15);
  });

  it.each([
    ['1,000', 'write 1 or 1000'],
    ['1e-3 * 0,9^epoch', 'found "0,9": write 0.9 for a decimal'],
    ['min(0,5, 1)', 'found "0,5": write 0.5 for a decimal'],
    ['1e-3 * ½', 'found the character "½" (U+00BD)'],
    ['3·4', 'found the character "·" (U+00B7)'],
    ['1 5', 'found "1 5"'],
  ])('refuses %s', (text, message) => {
    expect(() => evaluate(text)).toThrow(message);
  });

  it('does not change when converted again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        try {
          const plain = plainExpression(text);
          expect(plainExpression(plain)).toBe(plain);
        } catch (error) {
          expect(String(error)).toContain('expected an expression, found');
        }
      }),
    );
  });
});
