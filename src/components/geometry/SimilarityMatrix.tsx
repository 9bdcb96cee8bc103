import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { Similarity } from '../../lab/compare/similarity.ts';
import { sentenceOf } from '../../lab/state/errorText.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { useColors } from '../shared/colors.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { parseRgb } from '../shared/rgb.ts';
import { ScrollRegion } from '../shared/ScrollRegion.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import styles from './SimilarityMatrix.module.css';

type Sides = 'layers' | 'moments' | 'runs';
/** Moments of the run in one matrix. */
const MOST_MOMENTS = 8;

interface SimilarityMatrixProps {
  layer: string;
  layers: readonly string[];
  /** The analyzed step shown. */
  shown: number;
}

/** Debiased linear CKA as a matrix that follows the timeline; computed while it is open. */
export function SimilarityMatrix(props: SimilarityMatrixProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className={styles.view} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Similarity of layers, moments and runs</summary>
      {isOpen && <Matrix {...props} />}
    </details>
  );
}

function Matrix({ layer, layers, shown }: SimilarityMatrixProps) {
  const { analysis, comparison } = useLabHandle();
  const snapshots = useLab((state) => state.snapshots);
  const name = useStore(comparison.store, ({ compared }) => compared?.name);
  const [sides, setSides] = useState<Sides>('layers');
  const [found, setFound] = useState<Similarity>();
  const [problem, setProblem] = useState<string>();
  const steps = spread(snapshots.map(({ step }) => step));
  const moments = steps.join();
  const shownSides = sides === 'runs' && name === undefined ? 'layers' : sides;
  useEffect(() => {
    const { signal, abort } = controllerOf();
    const at = moments.split(',').includes(String(shown)) || shown === 0 ? shown : ('live' as const);
    const options =
      shownSides === 'moments'
        ? { layer, moments: moments.split(',').map(Number) }
        : { layers: [...layers], at, compared: shownSides === 'runs' };
    analysis.similarity({ ...options, signal }).then(
      (similarity) => {
        if (signal.aborted) return;
        setFound(similarity);
        setProblem(undefined);
      },
      (error: unknown) => {
        if (!signal.aborted) setProblem(sentenceOf(error));
      },
    );
    return abort;
  }, [analysis, shownSides, layer, layers, shown, moments]);
  return (
    <>
      <ToggleGroup
        label="Compare"
        hideLabel
        compact
        value={shownSides}
        options={[
          { value: 'layers', label: 'Layers' },
          { value: 'moments', label: `${layer} over training`, disabled: steps.length < 2 },
          { value: 'runs', label: 'With the compared run', disabled: name === undefined },
        ]}
        onChange={setSides}
      />
      {problem && <ErrorNotice message={problem} onDismiss={() => setProblem(undefined)} />}
      {found ? <Cells similarity={found} /> : !problem && <p role="status">Comparing…</p>}
      <p className={styles.note}>
        Debiased linear CKA of the first 200 training images: 1 where images are alike in the same way, 0
        where unrelated. Corrected for few images and for few units, as if drawn from many like them (arXiv
        2502.15104): with ten units, values are uncertain by about .1 and may lie beyond 0 or 1.
      </p>
    </>
  );
}

function controllerOf() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

function Cells({ similarity: { rows, columns, values } }: { similarity: Similarity }) {
  const colors = useColors();
  const [red, green, blue] = parseRgb(colors.positive);
  return (
    <ScrollRegion className={styles.scroll} label="Similarity">
      <table className={styles.matrix}>
        <thead>
          <tr>
            <th scope="col">CKA</th>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={row}>
              <th scope="row">{row}</th>
              {columns.map((column, j) => {
                const value = values[i * columns.length + j];
                const share = 0.55 * Math.min(1, Math.max(0, Number.isNaN(value) ? 0 : value));
                return (
                  <td
                    key={column}
                    className="data-color"
                    style={{ background: `rgba(${red}, ${green}, ${blue}, ${share.toFixed(3)})` }}
                  >
                    {Number.isNaN(value) ? '–' : value.toFixed(2)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** At most `MOST_MOMENTS` steps, the first and the last among them. */
function spread(steps: readonly number[]): number[] {
  if (steps.length <= MOST_MOMENTS) return [...steps];
  const picked = Array.from(
    { length: MOST_MOMENTS },
    (_, i) => steps[Math.round((i * (steps.length - 1)) / (MOST_MOMENTS - 1))],
  );
  return [...new Set(picked)];
}
