import { useMemo, useState } from 'react';
import type { SpectrumView } from '../../lab/spectrum/spectrumFollow.ts';
import { useColors } from '../shared/colors.ts';
import { formatValue } from '../shared/format.ts';
import { Plot } from '../shared/Plot.tsx';
import { pictureLayout, SaveChart } from '../shared/SaveChart.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import styles from './SpectrumPanel.module.css';
import {
  type SpectrumAxis,
  type SpectrumValues,
  valueLayout,
  valuesCsv,
  valueTraces,
} from './spectrumFigure.ts';

const HEIGHT = 340;

const valueOptions = [
  { value: 'raw', label: 'Values' },
  { value: 'normalized', label: 'Normalized' },
  { value: 'cumulative', label: 'Cumulative' },
] as const;
const axisOptions = [
  { value: 'log', label: 'Log' },
  { value: 'linear', label: 'Linear' },
] as const;

interface SpectrumValuesChartProps {
  view: SpectrumView;
  /** The layer and the step analyzed, for the title of a picture: "fc at step 937". */
  subject: string;
  /** The beginning of saved files' names. */
  file: string;
}

/** The singular values of a layer, in three scalings. */
export function SpectrumValuesChart({ view, subject, file }: SpectrumValuesChartProps) {
  const colors = useColors();
  const [values, setValues] = useState<SpectrumValues>('raw');
  const [axis, setAxis] = useState<SpectrumAxis>('log');
  const traces = useMemo(() => valueTraces(view, values, colors), [view, values, colors]);
  const layout = useMemo(() => valueLayout(view, { values, axis, colors }), [view, values, axis, colors]);
  return (
    <section>
      <div className={styles.heading}>
        <h3>Singular values</h3>
        <ToggleGroup
          label="Values"
          hideLabel
          compact
          value={values}
          options={valueOptions}
          onChange={setValues}
        />
        <ToggleGroup label="Axis" hideLabel compact value={axis} options={axisOptions} onChange={setAxis} />
      </div>
      <Plot
        label={`Singular values of the ${view.layer} layer`}
        summary={`The largest is ${formatValue(view.singularValues[0])}; ${view.componentsFor95} of ${view.singularValues.length} carry 95 percent of the sum of squares, not centered.`}
        traces={traces}
        layout={layout}
        height={HEIGHT}
      />
      <SaveChart
        what="the singular values"
        file={`${file}-singular-values`}
        traces={traces}
        layout={pictureLayout(layout, `Singular values: ${subject}`)}
        csv={() => valuesCsv(view)}
      />
      <p className={styles.note}>
        The size of the activations along each direction. If only a few values are large, the images differ in
        few ways at this layer. The participation ratio counts the directions that matter.
      </p>
    </section>
  );
}
