import { CallError } from '../../ml/callError.ts';
import type { Augmentation } from '../../ml/data/augment.ts';
import { notebookNetwork } from '../../ml/model/network.ts';
import type { AnalysisSettings } from './geometrySettings.ts';
import { checkGeometry, type GeometryOptions, MOST_INDICES } from './geometrySettings.ts';
import { readIndices, writeIndices } from './indicesText.ts';

/** Geometry's settings in links: `draw:seeded,each:20,images:0-9.100,rule:reference`. Defaults are omitted. */

const NUMBERS = {
  each: 'examplesPerClass',
  t: 'samples',
  kappa: 'kappa',
  starts: 'restarts',
  redraws: 'resamples',
  project: 'projection',
  seed: 'seed',
} as const;
const WORDS = {
  draw: 'draw',
  split: 'split',
  rule: 'rule',
  estimator: 'estimator',
  labels: 'ensemble',
} as const;
const ANSWERS: Record<string, boolean> = { yes: true, no: false };
/** Manifolds of views of one image: degrees, or shear. */
const VIEWS = { rotate: 'rotate', shear: 'shear' } as const;
const NUMBER = /^\d*\.?\d+(?:e-?\d{1,3})?$/;

/** Reads settings from a text; omitted keys use defaults. @throws an Error that names the invalid part. */
export function readGeometryText(text: string): AnalysisSettings {
  const said: Record<string, string | number | boolean | number[] | Augmentation> = {};
  for (const part of text.split(',')) {
    const [, key, value] = /^([a-z]+):(.+)$/.exec(part) ?? [];
    if (key === 'images') said.indices = readIndices(value.replaceAll('.', ','), MOST_INDICES);
    else if (isKeyOf(VIEWS, key) && NUMBER.test(value))
      said.augment = { kind: VIEWS[key], reach: Number(value) };
    else if (isKeyOf(NUMBERS, key) && NUMBER.test(value)) said[NUMBERS[key]] = Number(value);
    else if (key === 'center' && isKeyOf(ANSWERS, value)) said.center = ANSWERS[value];
    else if (isKeyOf(WORDS, key)) said[WORDS[key]] = value;
    else {
      const known = [
        ...Object.keys(WORDS),
        'center:no',
        'images',
        ...Object.keys(VIEWS),
        ...Object.keys(NUMBERS),
      ];
      const keys = known.join(', ');
      throw new CallError(
        'geometry',
        `expected parts such as draw:seeded among ${keys}, found "${part.slice(0, 40)}"`,
      );
    }
  }
  const { layers: _, ...settings } = checkGeometry(
    { network: notebookNetwork() },
    said satisfies GeometryOptions,
  );
  return settings;
}

function isKeyOf<T extends object>(table: T, key: string): key is Extract<keyof T, string> {
  return Object.hasOwn(table, key);
}

/** The text of settings; empty if all are defaults. */
export function writeGeometryText(settings: AnalysisSettings): string {
  const defaults = checkGeometry({ network: notebookNetwork() }, { rule: settings.rule });
  const parts: string[] = [];
  const { indices, estimator, ensemble } = settings;
  if (estimator !== 'meanField') parts.push(`estimator:${estimator}`);
  if (estimator === 'glue' && ensemble !== 'uniform') parts.push(`labels:${ensemble}`);
  if (estimator === 'glue' && !settings.center) parts.push('center:no');
  if (settings.rule !== 'lowestCost') parts.push(`rule:${settings.rule}`);
  if (settings.augment) parts.push(`${settings.augment.kind}:${settings.augment.reach}`);
  if (settings.split !== defaults.split) parts.push(`split:${settings.split}`);
  if (indices) parts.push(`images:${writeIndices(indices).replaceAll(',', '.')}`);
  else if (settings.draw !== defaults.draw) parts.push(`draw:${settings.draw}`);
  for (const [key, name] of Object.entries(NUMBERS)) {
    const value = settings[name];
    const isMoot = indices !== undefined && !settings.augment && name === 'examplesPerClass';
    if (value !== undefined && value !== defaults[name] && !isMoot) parts.push(`${key}:${value}`);
  }
  return parts.join(',');
}
