import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHash, writeHash } from '../../../../src/lab/share/hash.ts';

const learningRate = '2e-3 * min(1, (step + 1) / 100)';
const plain = writeHash({ settings: { seed: 7, learningRate }, hide: [] });
const expected = { configuration: { settings: { seed: 7, learningRate }, hide: [] }, problems: [] };
const text = plain.slice(1);

describe('a link that was altered in transit', () => {
  it.each([
    ['encoded as a whole', encodeURIComponent(text)],
    ['encoded twice', encodeURIComponent(encodeURIComponent(text))],
    ['with its = encoded', text.replaceAll('=', '%3D')],
    ['with &amp;', text.replaceAll('&', '&amp;')],
    ['with &amp;amp;', text.replaceAll('&', '&amp;amp;')],
    ['as quoted-printable', text.replaceAll('=', '=3D')],
    ['with a soft break', `${text.slice(0, 6)}\u200b${text.slice(6)}`],
    ['with a second #', `#${text}`],
  ])('is read %s', (_, changed) => {
    expect(readHash(`#${changed}`)).toEqual(expected);
  });

  const trails = [
    '.',
    ')',
    '>',
    ',',
    '"',
    ' ',
    '\u200b',
    ').',
    '>,',
    '%20',
    '%22',
    '%3E',
    '%E2%80%8B',
    '&gt;',
    ')”',
    '**',
    ';',
    '?',
  ];

  it.each(trails)('is read with %j after it', (trail) => {
    expect(readHash(plain + trail)).toEqual(expected);
    expect(readHash(`#v=1&seed=7${trail}`)?.configuration).toEqual({ settings: { seed: 7 }, hide: [] });
  });

  it('reports a link that cannot be read', () => {
    expect(readHash('#v%3D1%26seed%3')?.problems[0]).toContain('seed');
    expect(readHash('#v%1')?.problems[0]).toContain('should begin with v=1');
    expect(readHash('#filters')).toBeUndefined();
  });

  it('is read with any combination of these alterations', () => {
    const change = fc.constantFrom(
      (hash: string) => hash.replaceAll('&', '&amp;'),
      (hash: string) => encodeURIComponent(hash),
      ...trails.map((trail) => (hash: string) => hash + trail),
    );
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.array(change, { maxLength: 3 }), (seed, changes) => {
        const encodings = changes.filter((one) => one('v=1').includes('%3D')).length;
        fc.pre(encodings < 2);
        const hash = changes.reduce((hash, one) => one(hash), `v=1&seed=${seed}`);
        expect(readHash(`#${hash}`)?.configuration.settings, hash).toEqual({ seed });
      }),
    );
  });
});
