import { memo, useMemo, useState } from 'react';
import { figuresTable } from '../../lab/geometry/figuresTable.ts';
import type { GeometryResults } from '../../lab/geometry/geometryFinding.ts';
import { MOST_EXAMPLES } from '../../lab/geometry/geometrySettings.ts';
import { smallestClass } from '../../ml/data/classCounts.ts';
import type { LayerGeometry } from '../../workers/geometryProtocol.ts';
import type { ActivationInfo } from '../../workers/protocol.ts';
import styles from '../data/ActivationsSource.module.css';
import { Button } from '../shared/Button.tsx';
import { useColors } from '../shared/colors.ts';
import { formatValue } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { Plot } from '../shared/Plot.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import { pictureLayout, SaveChart } from '../shared/SaveChart.tsx';
import { SeedField } from '../shared/SeedField.tsx';
import { saveFile } from '../shared/saveFile.ts';
import { Table } from '../shared/Table.tsx';
import { NumberField } from '../shared/TextField.tsx';
import { ActivationsSimilarity } from './ActivationsSimilarity.tsx';
import { EstimatorFields } from './EstimatorControls.tsx';
import {
  estimatorFileName,
  estimatorInterval,
  estimatorLabel,
  idleField,
  measuresOf,
  viewOf,
} from './estimatorView.ts';
import { GlueDetails } from './GlueDetails.tsx';
import { layerLayout, layerTraces } from './geometryFigure.ts';
import { figureOf, type MeasureId } from './measures.ts';
import {
  type ActivationsSettings,
  type FoundGeometry,
  useActivationsGeometry,
} from './useActivationsGeometry.ts';

const RADIUS = 'median';

/** The geometry of the classes of activations from elsewhere, layer by layer. */
export function ActivationsGeometry({ info }: { info: ActivationInfo }) {
  const smallest = useMemo(() => smallestClass(info.labels, info.classNames.length), [info]);
  const [settings, setSettings] = useState<ActivationsSettings>(() => ({
    examplesPerClass: Math.min(50, smallest),
    samples: 300,
    resamples: 10,
    seed: 0,
    estimator: 'meanField',
    ensemble: 'uniform',
    center: true,
  }));
  const { found, fraction, problem, compute, cancel } = useActivationsGeometry(settings);
  const layers = useMemo(() => info.layers.map(({ name }) => name), [info]);
  return (
    <>
      <div className={styles.controls}>
        <SettingFields
          settings={settings}
          mostExamples={Math.min(MOST_EXAMPLES, Math.max(4, smallest))}
          onChange={(changes) => setSettings({ ...settings, ...changes })}
        />
        {fraction === undefined ? (
          <Button variant="primary" onClick={() => void compute()}>
            Compute
          </Button>
        ) : (
          <Button onClick={cancel}>Cancel</Button>
        )}
        {found && <Button onClick={() => saveFile(tableFile(info, found))}>Export the table (CSV)</Button>}
      </div>
      {fraction !== undefined && <ProgressBar label="Analyzing the layers" value={fraction} total={1} />}
      {problem && <ErrorNotice message={problem} />}
      {found && (
        <>
          <p>
            {estimatorLabel(found.settings)}. {estimatorInterval(found.settings, firstKind(found.results))}
          </p>
          <MeasureCharts layers={layers} info={info} found={found} />
          <FiguresTable layers={layers} found={found} />
          {layers.map((layer) => {
            const result = found.results.get(layer)?.get(0);
            return (
              result?.glue && (
                <GlueDetails key={layer} layer={layer} glue={result.glue} classes={result.labels.length} />
              )
            );
          })}
        </>
      )}
      <ActivationsSimilarity info={info} />
    </>
  );
}

interface SettingFieldsProps {
  settings: ActivationsSettings;
  mostExamples: number;
  onChange: (changes: Partial<ActivationsSettings>) => void;
}

function SettingFields({ settings, mostExamples, onChange }: SettingFieldsProps) {
  return (
    <>
      <EstimatorFields settings={settings} onChange={onChange} />
      <NumberField
        label="Examples per class"
        value={settings.examplesPerClass}
        minimum={4}
        maximum={mostExamples}
        integer
        onCommit={(examplesPerClass) => onChange({ examplesPerClass })}
      />
      <NumberField
        label="t-vectors"
        value={settings.samples}
        minimum={2}
        maximum={100_000}
        integer
        {...idleField(settings, 'samples')}
        onCommit={(samples) => onChange({ samples })}
      />
      <NumberField
        label="Redraws for errors"
        value={settings.resamples}
        minimum={0}
        maximum={1000}
        integer
        {...idleField(settings, 'resamples')}
        onCommit={(resamples) => onChange({ resamples })}
      />
      <SeedField value={settings.seed} onCommit={(seed) => onChange({ seed })} />
    </>
  );
}

interface MeasureChartsProps {
  layers: readonly string[];
  info: ActivationInfo;
  found: FoundGeometry;
}

/** Each measure against the layers. `memo` keeps the progress of a new computation from drawing the charts again. */
const MeasureCharts = memo(function MeasureCharts({ layers, info, found }: MeasureChartsProps) {
  const colors = useColors();
  const { settings } = found;
  const shown = { results: viewOf(found.results, settings), resamples: settings.resamples };
  const options = { ...shown, layers, radius: RADIUS, classNames: info.classNames, colors } as const;
  const layout = layerLayout(layers);
  return (
    <div className={styles.charts}>
      {measuresOf(settings).map(({ id, title, symbol, sentence }) => {
        const traces = layerTraces({ ...options, measure: id }, { shown: 0, first: 0, last: 0 });
        return (
          <section key={id} aria-label={title}>
            <h3>
              {title} <i>{symbol}</i>
            </h3>
            <p className={styles.about}>{sentence}</p>
            <Plot
              label={`${title} against the layers`}
              summary={`${title} of ${layers.join(', ')}.`}
              traces={traces}
              layout={layout}
              height={190}
            />
            <SaveChart
              what={title}
              file={`${baseName(info)}-${id}-${estimatorFileName(settings)}`}
              traces={traces}
              layout={pictureLayout(
                layout,
                `${title} ${symbol} of ${info.name}. ${estimatorLabel(settings)}`,
              )}
            />
          </section>
        );
      })}
    </div>
  );
});

/** The file's name without its ending. */
function baseName({ name }: ActivationInfo): string {
  return name.replace(/\.\w+$/, '');
}

/** The figures of every layer; for another estimator, also the mean-field capacity. */
function FiguresTable({ layers, found }: { layers: readonly string[]; found: FoundGeometry }) {
  const { results, settings } = found;
  const measures = measuresOf(settings);
  const seen = viewOf(results, settings);
  const isOther = settings.estimator !== 'meanField';
  return (
    <Table label="Measures of every layer" lines="above" className={styles.figures}>
      <thead>
        <tr>
          <th scope="col">Layer</th>
          {measures.map(({ id, title, symbol }) => (
            <th key={id} scope="col">
              {title} {symbol}
            </th>
          ))}
          {isOther && <th scope="col">Mean-field capacity</th>}
        </tr>
      </thead>
      <tbody>
        {layers.map((layer) => (
          <tr key={layer}>
            <th scope="row">{layer}</th>
            {measures.map(({ id }) => (
              <FigureCell key={id} result={seen.get(layer)?.get(0)} measure={id} settings={settings} />
            ))}
            {isOther && (
              <FigureCell result={results.get(layer)?.get(0)} measure="capacity" settings={settings} />
            )}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

interface FigureCellProps {
  result: LayerGeometry | undefined;
  measure: MeasureId;
  settings: ActivationsSettings;
}

function FigureCell({ result, measure, settings: { resamples } }: FigureCellProps) {
  const figure = result && figureOf(result, { measure, radius: RADIUS }, resamples);
  return (
    <td>
      {figure ? formatValue(figure.value) : '–'}
      {figure?.margin !== undefined && <span className={styles.error}> ± {formatValue(figure.margin)}</span>}
    </td>
  );
}

function firstKind(results: GeometryResults) {
  return [...results.values()][0]?.get(0)?.resampled?.kind;
}

function tableFile(info: ActivationInfo, { results, settings }: FoundGeometry): File {
  const rows = [...results.values()].flatMap((own) => [...own.values()]);
  return new File([figuresTable(rows)], `${baseName(info)}-geometry-${estimatorFileName(settings)}.csv`, {
    type: 'text/csv',
  });
}
