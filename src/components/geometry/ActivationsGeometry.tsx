import { useMemo, useRef, useState } from 'react';
import { figuresTable } from '../../lab/geometry/figuresTable.ts';
import type { GeometryResults } from '../../lab/geometry/geometryFinding.ts';
import { MOST_EXAMPLES } from '../../lab/geometry/geometryQuestion.ts';
import { sentenceOf } from '../../lab/state/errorText.ts';
import type { ActivationInfo } from '../../workers/protocol.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import styles from '../data/ActivationsSource.module.css';
import { Button } from '../shared/Button.tsx';
import { useColors } from '../shared/colors.ts';
import { formatValue } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { Plot } from '../shared/Plot.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import { saveFile } from '../shared/saveFile.ts';
import { NumberField } from '../shared/TextField.tsx';
import { layerLayout, layerTraces } from './geometryFigure.ts';
import { figureOf, intervalText, measures } from './measures.ts';

const RADIUS = 'median';

/** The geometry of the classes of activations from elsewhere, layer by layer. */
export function ActivationsGeometry({ info }: { info: ActivationInfo }) {
  const { activations } = useLabHandle();
  const colors = useColors();
  const [settings, setSettings] = useState(() => ({
    examplesPerClass: Math.min(50, smallestClass(info)),
    samples: 300,
    resamples: 10,
    seed: 0,
  }));
  const [found, setFound] = useState<{ results: GeometryResults; resamples: number }>();
  const [fraction, setFraction] = useState<number>();
  const [problem, setProblem] = useState<string>();
  const running = useRef<AbortController>(undefined);
  const layers = useMemo(() => info.layers.map(({ name }) => name), [info]);
  const change = (changes: Partial<typeof settings>) => setSettings({ ...settings, ...changes });

  const compute = async () => {
    const controller = new AbortController();
    running.current?.abort();
    running.current = controller;
    setProblem(undefined);
    setFraction(0);
    try {
      const onProgress = (progress: { fraction: number }) => setFraction(progress.fraction);
      const answer = await activations.geometry({ ...settings, signal: controller.signal, onProgress });
      const results = new Map(
        Object.entries(answer).map(([layer, figures]) => [
          layer,
          new Map([[0, { ...figures, warmStart: [] }]]),
        ]),
      );
      setFound({ results, resamples: settings.resamples });
    } catch (error) {
      if (!controller.signal.aborted) setProblem(sentenceOf(error));
    }
    if (running.current === controller) setFraction(undefined);
  };
  const cancel = () => {
    running.current?.abort();
    setFraction(undefined);
  };

  return (
    <>
      <div className={styles.controls}>
        <NumberField
          label="Examples per class"
          value={settings.examplesPerClass}
          minimum={4}
          maximum={Math.min(MOST_EXAMPLES, Math.max(4, smallestClass(info)))}
          integer
          onCommit={(examplesPerClass) => change({ examplesPerClass })}
        />
        <NumberField
          label="t-vectors"
          value={settings.samples}
          minimum={2}
          maximum={100_000}
          integer
          onCommit={(samples) => change({ samples })}
        />
        <NumberField
          label="Redraws for errors"
          value={settings.resamples}
          minimum={0}
          maximum={1000}
          integer
          onCommit={(resamples) => change({ resamples })}
        />
        <NumberField
          label="Seed"
          value={settings.seed}
          minimum={0}
          maximum={2 ** 32 - 1}
          integer
          onCommit={(seed) => change({ seed })}
        />
        {fraction === undefined ? (
          <Button variant="primary" onClick={() => void compute()}>
            Compute
          </Button>
        ) : (
          <Button onClick={cancel}>Cancel</Button>
        )}
        {found && (
          <Button onClick={() => saveFile(tableFile(info, found.results))}>Export the table (CSV)</Button>
        )}
      </div>
      {fraction !== undefined && <ProgressBar label="Analyzing the layers" value={fraction} total={1} />}
      {problem && <ErrorNotice message={problem} />}
      {found && (
        <>
          <p>{intervalText(found, firstKind(found.results))}</p>
          <div className={styles.charts}>
            {measures.map(({ id, title, symbol, sentence }) => (
              <section key={id} aria-label={title}>
                <h3>
                  {title} <i>{symbol}</i>
                </h3>
                <p className={styles.about}>{sentence}</p>
                <Plot
                  label={`${title} against the layers`}
                  summary={`${title} of ${layers.join(', ')}.`}
                  traces={layerTraces(
                    {
                      ...found,
                      layers,
                      radius: RADIUS,
                      classNames: info.classNames,
                      colors,
                      measure: id,
                    },
                    { shown: 0, first: 0, last: 0 },
                  )}
                  layout={layerLayout(layers)}
                  height={190}
                />
              </section>
            ))}
          </div>
          <FiguresTable layers={layers} {...found} />
        </>
      )}
    </>
  );
}

function FiguresTable(props: { layers: readonly string[]; results: GeometryResults; resamples: number }) {
  const { layers, results, resamples } = props;
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Layer</th>
            {measures.map(({ id, title, symbol }) => (
              <th key={id} scope="col">
                {title} {symbol}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {layers.map((layer) => {
            const result = results.get(layer)?.get(0);
            return (
              <tr key={layer}>
                <th scope="row">{layer}</th>
                {measures.map(({ id }) => {
                  const figure = result && figureOf(result, { measure: id, radius: RADIUS }, resamples);
                  return (
                    <td key={id}>
                      {figure ? formatValue(figure.value) : '–'}
                      {figure?.margin !== undefined && (
                        <span className={styles.error}> ± {formatValue(figure.margin)}</span>
                      )}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function firstKind(results: GeometryResults) {
  return [...results.values()][0]?.get(0)?.resampled?.kind;
}

function smallestClass({ labels, classNames }: ActivationInfo): number {
  const counts = new Array<number>(classNames.length).fill(0);
  for (const label of labels) counts[label]++;
  return Math.min(...counts);
}

function tableFile(info: ActivationInfo, results: GeometryResults): File {
  const rows = [...results.values()].flatMap((own) => [...own.values()]);
  return new File([figuresTable(rows)], `${info.name.replace(/\.\w+$/, '')}-geometry.csv`, {
    type: 'text/csv',
  });
}
