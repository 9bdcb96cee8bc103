import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../../src/cli/frame/options.ts';
import { UsageError } from '../../../src/cli/frame/usageError.ts';

const SPECS = {
  seed: { value: 'N', default: '0', help: 'a seed' },
  out: { value: 'FILE', repeats: true, help: 'a file' },
  list: { value: 'LIST', help: 'a list' },
  json: { help: 'a switch' },
};
const given = (...args: string[]) => parseOptions('test', SPECS, args);

describe('options', () => {
  it('come in both forms, repeat where they may, and have defaults', () => {
    const options = given('a.npz', '--seed=7', '--out', 'x', '--out=y', '--json', '--list', 'b, c');
    expect(options.positionals).toEqual(['a.npz']);
    expect(options.whole('seed', { min: 0 })).toBe(7);
    expect(options.all('out')).toEqual(['x', 'y']);
    expect(options.has('json')).toBe(true);
    expect(options.list('list')).toEqual(['b', 'c']);
    expect(given().whole('seed', { min: 0 })).toBe(0);
    expect(given().list('list')).toBeUndefined();
    expect(given().has('json')).toBe(false);
  });

  it('take a negative number as a value', () => {
    expect(given('--seed', '-1.5').number('seed')).toBe(-1.5);
    expect(given('--seed=-1e3').number('seed')).toBe(-1000);
    expect(given('--out', '-', 'a').all('out')).toEqual(['-']);
  });

  it('take everything after -- as a file', () => {
    expect(given('--', '--seed').onePositional('file')).toBe('--seed');
  });

  it.each([
    ['an unknown option', ['--sede', '3'], /--sede/],
    ['a missing value', ['--seed'], /expected N after --seed, found nothing/],
    [
      'another option as a value',
      ['--out', '--json'],
      /expected FILE after --out, found --json .*--out=TEXT/,
    ],
    ['a value of a switch', ['--json=3'], /--json/],
  ])('say what is wrong with %s', (_, args, message) => {
    expect(() => given(...args)).toThrow(UsageError);
    expect(() => given(...args)).toThrow(message);
    expect(() => given(...args)).toThrow(/untangle test --help/);
  });

  it.each(['-1', '1.5', '1e3', '', ' ', '0x10', '11', 'NaN'])('refuse %j as a whole number to 10', (text) => {
    expect(() => given(`--seed=${text}`).whole('seed', { min: 0, max: 10 })).toThrow(/from 0 to 10/);
  });

  it('accept exactly the whole numbers in the limits', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(given(`--seed=${value}`).whole('seed', { min: 0 })).toBe(value);
      }),
    );
  });

  it('accept only the choices', () => {
    expect(given('--list', 'a,b,a').someOf('list', ['a', 'b', 'c'])).toEqual(['a', 'b']);
    expect(() => given('--list', 'a,d').someOf('list', ['a', 'b'])).toThrow(
      /expected a, b after --list, found "d"/,
    );
    expect(() => given('--list', 'a,,b').list('list')).toThrow(/empty/);
  });

  it('never throw anything but a UsageError', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('--seed', '--out', '--json', '--'))),
        (args) => {
          try {
            given(...args);
          } catch (error) {
            expect(error).toBeInstanceOf(UsageError);
          }
        },
      ),
    );
  });
});
