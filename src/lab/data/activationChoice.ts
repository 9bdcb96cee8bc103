import { CallError } from '../../ml/callError.ts';
import { smallestClass } from '../../ml/data/classCounts.ts';
import { notebookDraw } from '../../ml/data/notebookDraw.ts';
import type { ResampleKind } from '../../ml/geometry/index.ts';
import type { ActivationInfo } from '../../workers/protocol.ts';
import { drawRandomly } from '../ask/selection.ts';
import { countByLabel, planRedraws } from '../geometry/geometrySelection.ts';
import type { AnalysisSettings } from '../geometry/geometrySettings.ts';

/** The images of an analysis. */
export interface Chosen {
  indices: Int32Array;
  labels: Uint16Array;
}

/** Other images of the same classes, to estimate errors over images. */
export interface ChosenRedraws {
  kind: ResampleKind;
  /** Without drawn images, the worker takes a random half. */
  draws: { seed: number; drawn?: Chosen }[];
}

const MOST_IMAGES = 2000;

export function checkLayerOf({ layers }: ActivationInfo, layer: string, caller: string): void {
  const names = layers.map(({ name }) => name);
  if (!names.includes(layer)) {
    throw new CallError(caller, `expected a layer among ${names.join(', ')}, found "${layer}"`);
  }
}

export function chosenAt(
  { labels, count }: ActivationInfo,
  indices: ArrayLike<number>,
  caller: string,
): Chosen {
  const own = Int32Array.from(indices);
  const bad = own.findIndex((index, i) => index !== indices[i] || index < 0 || index >= count);
  if (bad >= 0 || own.length < 2 || own.length > MOST_IMAGES * 10) {
    throw new CallError(
      caller,
      `expected 2 to ${MOST_IMAGES * 10} image indices from 0 to ${count - 1}, found ${bad >= 0 ? indices[bad] : `${own.length} of them`}`,
    );
  }
  return { indices: own, labels: Uint16Array.from(own, (index) => labels[index]) };
}

/** The images of every class, as the page draws them from a data set. */
export function draw(info: ActivationInfo, settings: AnalysisSettings): Chosen {
  const { labels, classNames } = info;
  const { indices, examplesPerClass, seed } = settings;
  if (classNames.length < 2) {
    throw new CallError(
      'geometry',
      'expected labels of at least two classes, found one class. Save an array named labels',
    );
  }
  if (indices) return chosenAt(info, indices, 'geometry');
  const smallest = smallestClass(labels, classNames.length);
  if (smallest < examplesPerClass) {
    throw new CallError(
      'geometry',
      `expected ${examplesPerClass} images of every class, found ${smallest} in the smallest. Ask for fewer`,
    );
  }
  if (settings.draw === 'notebook') {
    const drawn = notebookDraw(labels, { classes: classNames.length, examplesPerClass });
    return chosenAt(
      info,
      drawn.flatMap(({ indices: own }) => [...own]),
      'geometry',
    );
  }
  return drawnBy(info, seed, new Map(classNames.map((_, label) => [label, examplesPerClass])));
}

function drawnBy(info: ActivationInfo, seed: number, counts: ReadonlyMap<number, number>): Chosen {
  const members = drawRandomly(info.labels, { counts, seed });
  return chosenAt(info, [...members.values()].flat(), 'geometry');
}

/** Other images of the same classes, or random halves where there are fewer than twice as many. */
export function redrawsOf(
  info: ActivationInfo,
  settings: AnalysisSettings,
  { labels }: Chosen,
): ChosenRedraws {
  const counts = countByLabel(labels);
  const { kind, seeds } = planRedraws(info.labels, counts, settings);
  const draws = seeds.map((seed) => ({
    seed,
    drawn: kind === 'halves' ? undefined : drawnBy(info, seed, counts),
  }));
  return { kind, draws };
}
