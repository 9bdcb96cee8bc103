import { type CSSProperties, useMemo, useRef, useState } from 'react';
import { chosenLayer } from '../../lab/state/chosenLayer.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { ColorLegend } from '../shared/ColorLegend.tsx';
import type { Scale } from '../shared/colors.ts';
import { symmetricScale } from '../shared/mapFrame.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { SkeletonBlock } from '../shared/Skeleton.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { useWhileInView } from '../shared/useWhileInView.ts';
import { EnlargedWeights } from './EnlargedWeights.tsx';
import styles from './FiltersPanel.module.css';
import { FilterTools } from './FilterTools.tsx';
import { saveFilterPng } from './filterPicture.ts';
import { atStep } from './filterViews.ts';
import { filterNorms, shownWeights, sliceNorms, type WeightShape, weightText } from './layerWeights.ts';
import { matrixText, matrixWidth, NARROW, WeightGrids } from './WeightGrids.tsx';
import { commonScale, type WeightSide, weightSides, weightsPicture } from './weightSides.ts';

/** A canvas can be about 32,000 pixels tall; all slices stand on one below each other. */
const MOST_ROWS = 16_000;

const forms = [
  { value: 'norms', label: 'Norms' },
  { value: 'slices', label: 'Slices' },
] as const;
const sorts = [
  { value: 'index', label: 'Index' },
  { value: 'norm', label: 'Norm' },
] as const;

type Form = (typeof forms)[number]['value'];
type Sort = (typeof sorts)[number]['value'];

/** The weights of any layer at the moment shown: all filters by channel, and one filter enlarged, slice by slice. */
export default function LayerWeights() {
  const { momentWeights } = useLabHandle();
  const place = useRef<HTMLDivElement>(null);
  const network = useLab((state) => state.network);
  const chosen = useLab(chosenLayer);
  const { weights: found, pair, theirs, compares, problem } = useStore(momentWeights.store);
  useWhileInView(place, momentWeights.watch);
  const shape = useMemo(() => shownWeights(network, chosen), [network, chosen]);
  const isPresent = found?.network === network;
  const weight = isPresent ? found.parameters[`${shape.layer}.weight`] : undefined;
  const bias = isPresent ? found.parameters[`${shape.layer}.bias`] : undefined;
  const sides = useMemo(
    () => weightSides(shape, { weights: found, pair, theirs }),
    [shape, found, pair, theirs],
  );
  return (
    <div ref={place} className={styles.weights}>
      {problem && <ErrorNotice message={problem} />}
      {weight && bias ? (
        // A new layer begins with its first filter.
        <Weights
          key={shape.layer}
          {...{ shape, weight, bias, sides, compares }}
          step={found?.step ?? 0}
          onCompare={momentWeights.compare}
        />
      ) : (
        <SkeletonBlock height={420} />
      )}
    </div>
  );
}

interface WeightsProps {
  shape: WeightShape;
  /** [filters, channels, rows, columns] */
  weight: Float32Array;
  /** [filters] */
  bias: Float32Array;
  /** The weights to draw beside each other. */
  sides: readonly WeightSide[];
  step: number;
  compares: boolean;
  onCompare: (compares: boolean) => void;
}

function Weights({ shape, weight, bias, sides, step, compares, onCompare }: WeightsProps) {
  const { filters, channels } = shape;
  const [form, setForm] = useState<Form>('norms');
  const [sort, setSort] = useState<Sort>('index');
  const [filter, setFilter] = useState(0);
  const [channel, setChannel] = useState(0);
  const norms = useMemo(() => filterNorms(weight, filters), [weight, filters]);
  const order = useMemo(() => orderBy(sort, norms), [sort, norms]);
  const scale = useMemo(() => commonScale(sides), [sides]);
  const isMatrix = shape.rows * shape.columns === 1;
  const sideNorms = useMemo(() => sides.map(({ weight }) => sliceNorms(weight, shape)), [sides, shape]);
  const matrixScale = useMemo(
    () => (isMatrix ? scale : symmetricScale(sideNorms.flatMap((each) => Array.from(each)))),
    [isMatrix, scale, sideNorms],
  );
  const isMaps = !isMatrix && channels === 1;
  const canSlice = !isMatrix && !isMaps && filters * channels * shape.rows <= MOST_ROWS;
  const asSlices = isMaps || (form === 'slices' && canSlice);
  const isBeside = sides.length === 1 && !asSlices && matrixWidth(shape) <= NARROW;
  const drawn = { shape, sides, order, scale, asSlices };
  return (
    <>
      <div className={styles.heading}>
        <ColorLegend colors="sign" scale={scale} unit="weight" />
        <span className={styles.step}>
          {weightText(shape)}, {atStep(step)}
        </span>
      </div>
      <FilterTools
        view={compares ? 'compare' : 'one'}
        onView={(view) => onCompare(view === 'compare')}
        {...{ sort, sorts }}
        onSort={setSort}
        save={() => saveFilterPng(weightsPicture(drawn), `${shape.layer}-weights-step-${step}.png`)}
      >
        {canSlice && (
          <ToggleGroup label="Form" hideLabel compact value={form} options={forms} onChange={setForm} />
        )}
      </FilterTools>
      {!asSlices && <MatrixHeading shape={shape} scale={matrixScale} />}
      <div className={isBeside ? styles.beside : styles.below} style={isBeside ? beside(shape) : undefined}>
        <WeightGrids
          {...{ ...drawn, sideNorms, matrixScale, filter, channel }}
          onSelect={(filter, channel) => {
            setFilter(filter);
            setChannel(channel);
          }}
        />
        <EnlargedWeights
          {...{ shape, weight, scale, filter, channel }}
          bias={bias[filter]}
          norm={norms[filter]}
          onFilter={setFilter}
          onChannel={setChannel}
        />
      </div>
    </>
  );
}

/** The title of the matrix, with the scale of its norms; the scale of weights stands above. */
function MatrixHeading({ shape, scale }: { shape: WeightShape; scale: Scale }) {
  const isNorms = shape.rows * shape.columns > 1;
  return (
    <div className={styles.heading}>
      {isNorms && <ColorLegend colors="sign" scale={{ low: 0, high: scale.high }} unit="norm of a slice" />}
      <p className={styles.step}>{matrixText(shape)}</p>
    </div>
  );
}

/** The filters in order of index, or of decreasing norm. */
function orderBy(sort: Sort, norms: Float32Array): number[] {
  const indices = Array.from(norms.keys());
  return sort === 'index' ? indices : indices.sort((a, b) => norms[b] - norms[a] || a - b);
}

/** Reserves the matrix's width, and the canvas's margins, beside the enlarged filter. */
function beside(shape: WeightShape): CSSProperties & Record<`--${string}`, string> {
  return { '--matrix': `${Math.max(96, matrixWidth(shape) + 8)}px` };
}
