import type { MomentWeights, MomentWeightsState } from '../../lab/compare/momentWeights.ts';
import type { Scale } from '../shared/colors.ts';
import { symmetricScale } from '../shared/mapFrame.ts';
import { niceLimit } from '../shared/niceLimit.ts';
import { reordered } from './filterOrder.ts';
import type { saveFilterPng } from './filterPicture.ts';
import { momentTitles, theirTitle } from './filterViews.ts';
import { sliceNorms, type WeightShape } from './layerWeights.ts';

/** A layer's weights at one moment of one run, or the difference of two moments. */
export interface WeightSide {
  title: string;
  /** [filters, channels, rows, columns] */
  weight: Float32Array;
}

/** The weights to draw beside each other: two moments and their difference, or this run and the compared run. */
export function weightSides(
  shape: WeightShape,
  { weights, pair, theirs }: Pick<MomentWeightsState, 'weights' | 'pair' | 'theirs'>,
): WeightSide[] {
  const size = shape.filters * shape.channels * shape.rows * shape.columns;
  const weightOf = (found: MomentWeights | undefined) => {
    const weight = found?.parameters[`${shape.layer}.weight`];
    return weight?.length === size ? weight : undefined;
  };
  const earlier = weightOf(pair?.earlier);
  const now = weightOf(pair?.now);
  const titles = momentTitles({
    step: weights?.step ?? 0,
    earlier: pair?.earlier.step ?? 0,
    newest: pair?.now.step ?? 0,
  });
  if (earlier && now) {
    return [
      { title: titles.earlier, weight: earlier },
      { title: titles.now, weight: now },
      { title: titles.difference, weight: now.map((value, i) => value - earlier[i]) },
    ];
  }
  const shown = weightOf(weights);
  if (!shown) return [];
  const compared = weightOf(theirs);
  // Layers of the same name with other sizes cannot be compared filter by filter.
  if (!theirs || !compared) return [{ title: titles.shown, weight: shown }];
  const wanted = weights?.step ?? 0;
  return [
    { title: `this run, ${titles.shown}`, weight: shown },
    { title: theirTitle(theirs.name, { step: theirs.step, wanted }), weight: compared },
  ];
}

/** A scale that holds the weights of every side. */
export function commonScale(sides: readonly WeightSide[]): Scale {
  const limit = niceLimit(Math.max(...sides.map(({ weight }) => symmetricScale(weight).high)));
  return { low: -limit, high: limit };
}

/** The weights in the form in which they are drawn. */
export interface DrawnWeights {
  shape: WeightShape;
  sides: readonly WeightSide[];
  order: readonly number[];
  scale: Scale;
  asSlices: boolean;
}

/** The sides as a picture: slice by slice, or one matrix of the slices' norms for each side. */
export function weightsPicture({
  shape,
  sides,
  order,
  scale,
  asSlices,
}: DrawnWeights): Parameters<typeof saveFilterPng>[0] {
  const { layer, filters, channels, rows, columns } = shape;
  if (asSlices) {
    return {
      title: `${layer}, weights: ${channels > 1 ? 'a row for each filter, a column for each channel' : `${filters} filters`}`,
      grids: sides.map(({ title, weight }) => ({ title, weights: reordered(weight, order) })),
      names: order.flatMap((filter) =>
        Array.from({ length: channels }, (_, channel) =>
          channels > 1 ? `${filter}, ${channel}` : `${filter}`,
        ),
      ),
      rows,
      columns,
      scale,
      quantity: 'weight',
      across: channels > 1 ? channels : Math.min(filters, 12),
    };
  }
  const isMatrix = rows * columns === 1;
  const norms = sides.map(({ title, weight }) => ({
    title,
    weights: reordered(sliceNorms(weight, shape), order),
  }));
  return {
    title: `${layer}, ${isMatrix ? 'weights' : 'norms of the slices'}: a row for each filter or unit, a column for each ${isMatrix ? 'input' : 'channel'}`,
    grids: norms,
    names: [''],
    rows: filters,
    columns: channels,
    scale: isMatrix ? scale : symmetricScale(norms.flatMap(({ weights }) => Array.from(weights))),
    quantity: isMatrix ? 'weight' : 'norm',
    across: 1,
  };
}
