import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readGeometryText } from '../../../../src/lab/geometry/geometryText.ts';
import type { Configuration } from '../../../../src/lab/share/configuration.ts';
import { MOST_CHARACTERS, readHash, writeHash } from '../../../../src/lab/share/hash.ts';
import { CONTROLS, PANELS } from '../../../../src/lab/state/pageParts.ts';
import { checkSettings, defaultSettings } from '../../../../src/lab/state/settings.ts';

describe('a configuration in the hash', () => {
  it('is short and readable', () => {
    const hash = writeHash({
      settings: { ...defaultSettings(), learningRate: '1e-4' },
      panel: 'geometry',
      layer: 'relu',
      image: { split: 'test', index: 7 },
      at: 'best',
      hide: ['settings', 'adversarial'],
    });
    expect(hash).toBe(
      '#v=1&seed=111&lr=1e-4&panel=geometry&layer=relu&image=test:7&at=best&hide=settings,adversarial',
    );
  });

  it('holds another network and another optimizer', () => {
    const network = 'conv 6 5x5 same, relu, pool 2, dropout 0.25, fc 84, relu, fc 10';
    const optimizer = { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 } as const;
    const settings = { ...defaultSettings(), network, optimizer };
    const hash = writeHash({ settings, hide: [] });
    expect(hash).toBe('#v=2&seed=111&net=c6k5s-r-p2-d25-f84-r-f10&opt=sgd:0.9:0.0005');
    const read = readHash(hash);
    expect(read?.problems).toEqual([]);
    expect(read?.configuration.settings).toEqual({ seed: 111, network, optimizer });
    // The notebook's family is described by its two sizes, as before.
    const family = readHash('#v=1&net=c9k5-r-f10')?.configuration.settings;
    expect(family).toEqual({ network: 'notebook', filters: 9, kernelSize: 5 });
    expect(readHash('#v=1&net=c6k5-r-f9')?.problems[0]).toMatch(/net: layer 4 \(fc\): expected 10 outputs/);
    expect(readHash('#v=1&opt=sgd')?.problems[0]).toMatch(/opt should be adam or such as sgd:0.9/);
    expect(readHash('#v=1&opt=sgd:2:0')?.problems[0]).toMatch(/momentum from 0 to below 1, found 2/);
  });

  it('survives a round trip', () => {
    fc.assert(
      fc.property(configurations, (configuration) => {
        const hash = writeHash(configuration);
        expect(hash).toMatch(/^#v=1(&[a-z]+=[\w.,:/@!~*'()%-]+)*$/);
        const read = readHash(hash);
        expect(read?.problems).toEqual([]);
        const { settings, ...rest } = configuration;
        // Settings equal to the defaults are omitted and mean the same.
        expect({ ...defaultSettings(), ...read?.configuration.settings }).toEqual({
          ...defaultSettings(),
          ...settings,
        });
        expect({ at: 'live', ...read?.configuration }).toMatchObject(JSON.parse(JSON.stringify(rest)));
      }),
    );
  });

  it('returns valid settings or a clear problem for any text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const read = readHash(text);
        if (!read) {
          expect(text.replace(/^#/, '')).not.toContain('=');
          return;
        }
        for (const problem of read.problems) expect(problem).toMatch(/^(In|The) (the )?link[\s\S]{10,400}$/);
        checkSettings({ ...defaultSettings(), ...read.configuration.settings });
        expect(read.configuration.settings).not.toHaveProperty('engine');
      }),
      { numRuns: 3000 },
    );
  });

  it('ignores anchors', () => {
    for (const text of ['', '#', '#train', '#top']) expect(readHash(text)).toBeUndefined();
  });

  it.each([
    ['#v=3&seed=1', /version 3, newer than this page, which reads 2/],
    ['#seed=1', /should begin with v=1/],
    [`#v=1&lr=${'1'.repeat(MOST_CHARACTERS)}`, /too long/],
    ['#v=1&seed=-1', /seed should be a whole number, and is "-1"/],
    ['#v=1&seed=9999999999', /seed: expected a whole number from 0/],
    ['#v=1&batch=0', /batchSize: expected a whole number from 1/],
    ['#v=1&filters=4096', /filters: expected/],
    ['#v=1&image=test:x', /image should be such as test:7/],
    ['#v=1&attack=linf:2:7:0.1:r:0', /epsilon from 0 to 1/],
    ['#v=1&geometry=draw:mine', /geometry: expected draw among notebook, seeded/],
    ['#v=1&panel=<b>', /panel should be one of train/],
    ['#v=1&hide=settings,all', /hide should be one of .* and is "all"/],
    ['#v=1&engine=webgpu', /"engine", which means nothing here/],
    ['#v=1&__proto__=1', /"__proto__", which means nothing here/],
  ])('says what is wrong with %s', (hash, problem) => {
    const read = readHash(hash);
    expect(read?.problems).toHaveLength(1);
    expect(read?.problems[0]).toMatch(problem);
    expect(read?.configuration).toEqual({ settings: {}, hide: [] });
  });

  it('keeps valid keys beside invalid ones', () => {
    const read = readHash('#v=1&seed=7&batch=many&layer=conv');
    expect(read?.configuration).toEqual({ settings: { seed: 7 }, layer: 'conv', hide: [] });
    expect(read?.problems).toHaveLength(1);
  });

  it('holds a formula, including plus signs', () => {
    const learningRate = '1e-3 * 0.9^epoch + 1e-5';
    const hash = writeHash({ settings: { learningRate }, hide: [] });
    expect(readHash(hash)?.configuration.settings).toEqual({ learningRate });
    expect(readHash('#v=1&lr=1e+3')?.configuration.settings).toEqual({ learningRate: '1e+3' });
  });
});

const settings = fc.record(
  {
    seed: fc.nat(2 ** 32 - 1),
    epochs: fc.integer({ min: 1, max: 1000 }),
    batchSize: fc.integer({ min: 1, max: 4096 }),
    filters: fc.integer({ min: 1, max: 128 }),
    kernelSize: fc.integer({ min: 1, max: 11 }),
    // A rate ends with a digit or a bracket; a period after a rate belongs to the sentence around the link.
    learningRate: fc.string({ maxLength: 60, unit: 'grapheme' }).map((text) => `${text}1`),
    speed: fc.oneof(fc.constant('fastest' as const), fc.double({ min: 1e-9, max: 1000, noNaN: true })),
    attack: fc.oneof(
      fc.constant('none' as const),
      fc.record({
        norm: fc.constantFrom('linf' as const, 'l2' as const),
        epsilon: fc.double({ min: 0, max: 1, noNaN: true }).map(Math.abs),
        steps: fc.integer({ min: 1, max: 100 }),
        stepSize: fc.double({ min: 0, max: 28, noNaN: true }).map(Math.abs),
        randomStart: fc.boolean(),
        seed: fc.nat(2 ** 32 - 1),
      }),
    ),
  },
  { requiredKeys: [] },
);

const configurations: fc.Arbitrary<Configuration> = fc.record(
  {
    settings,
    panel: fc.constantFrom(...PANELS),
    layer: fc.constantFrom('input', 'conv', 'fc'),
    image: fc.record({ split: fc.constantFrom('train' as const, 'test' as const), index: fc.nat(59_999) }),
    geometry: fc.constantFrom(
      readGeometryText('draw:seeded,each:20,seed:7'),
      readGeometryText('images:0-9.40.50-70,rule:reference,starts:3'),
    ),
    at: fc.oneof(fc.constantFrom('best' as const, 'live' as const), fc.nat(100_000)),
    hide: fc.uniqueArray(fc.constantFrom(...PANELS, ...CONTROLS)),
  },
  { requiredKeys: ['settings', 'hide'] },
);

/** Damaged links, and random text. */
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc
    .tuple(configurations, fc.nat(200), fc.string({ unit: 'grapheme', maxLength: 6 }))
    .map(([configuration, at, inserted]) => {
      const hash = writeHash(configuration);
      return hash.slice(0, at) + inserted + hash.slice(at + inserted.length);
    }),
  fc
    .array(
      fc.tuple(
        fc.constantFrom(
          'seed',
          'epochs',
          'batch',
          'lr',
          'attack',
          'panel',
          'image',
          'at',
          'hide',
          'speed',
          'geometry',
        ),
        fc.oneof(fc.string(), fc.double().map(String), fc.constantFrom('%', '%zz', '1e999', '-0', 'NaN')),
      ),
    )
    .map((pairs) => `#v=1&${pairs.map((pair) => pair.join('=')).join('&')}`),
);
