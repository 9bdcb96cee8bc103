import type { PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { useMemo } from 'react';
import { presetOf } from '../../ml/model/presets.ts';
import { useLab } from '../context/LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { chartPicture, type PictureFormat } from '../shared/chartPicture.ts';
import { type Colors, useColors } from '../shared/colors.ts';
import { formatCount } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { Plot } from '../shared/Plot.tsx';
import { saveFile } from '../shared/saveFile.ts';
import { useAttempt } from '../shared/useAttempt.ts';
import styles from './GeometryPanel.module.css';
import { hasUntrained, type Story, storyCsv, storyLayout, storyText, storyTraces } from './storyFigure.ts';

interface StoryChartProps {
  story: Story;
  /** The estimator's name, with its ensemble and centering. */
  label: string;
}

/** Capacity and dimension from layer to layer, untrained and trained, as one chart for a slide. */
export function StoryChart({ story, label }: StoryChartProps) {
  const network = useLab((state) => state.network);
  const colors = useColors();
  const { layers, trained } = story;
  const name = presetOf(network)?.title ?? 'Network';
  const knowsUntrained = hasUntrained(story);
  const after = `after ${formatCount(trained)} steps`;
  const moments = trained === 0 ? 'untrained' : knowsUntrained ? `untrained and ${after}` : after;
  const title = `${name}, ${moments}. ${label}`;
  const traces = useMemo(() => storyTraces(story, colors), [story, colors]);
  const layout = useMemo(() => storyLayout({ layers }, colors), [layers, colors]);
  const text = useMemo(() => storyText(story), [story]);
  const lineColors = traces.map(({ yaxis }) => colors[yaxis === 'y' ? 'class-0' : 'class-1']);

  return (
    <section className={styles.story} aria-label="Capacity and dimension from layer to layer">
      <SaveButtons {...{ story, title, traces, colors }} />
      <ul className={styles.key} aria-label="Lines of the chart">
        {traces.length > 0 && <li>{title}</li>}
        {traces.map(({ name }, i) => (
          <li key={name}>
            <span className="data-color" aria-hidden="true" style={{ color: lineColors[i] }}>
              {keyOf(name ?? '')}
            </span>{' '}
            {name}
          </li>
        ))}
      </ul>
      <Plot
        label="Capacity and dimension from layer to layer, untrained and trained"
        summary={text ?? 'Nothing computed yet.'}
        traces={traces}
        layout={layout}
        height={340}
      />
      {text && <p className={styles.note}>{text}</p>}
      {trained > 0 && !knowsUntrained && (
        <p className={styles.note}>
          The untrained network has no figures yet. “Curves over all snapshots”, or the timeline at step 0,
          computes them.
        </p>
      )}
    </section>
  );
}

interface Picture {
  story: Story;
  title: string;
  traces: PlotlyTrace[];
  colors: Colors;
}

/** The chart's heading, with buttons that save the chart as a picture or as numbers. */
function SaveButtons({ story, title, traces, colors }: Picture) {
  const { problem, attempt, dismiss } = useAttempt();
  const disabled = traces.length === 0;
  const file = `layers-step-${story.trained}`;
  const save = (format: PictureFormat) =>
    void attempt(async () => {
      const layout = storyLayout(story, colors, title);
      saveFile(await chartPicture({ traces, layout, colors }, { format, file }));
    });
  return (
    <>
      <div className={styles.heading}>
        <h3>From layer to layer</h3>
        <Button
          variant="quiet"
          disabled={disabled}
          aria-label="Save as PNG: from layer to layer"
          onClick={() => save('png')}
        >
          Save as PNG
        </Button>
        <Button
          variant="quiet"
          disabled={disabled}
          aria-label="Save as SVG: from layer to layer"
          onClick={() => save('svg')}
        >
          Save as SVG
        </Button>
        <Button
          variant="quiet"
          disabled={disabled}
          aria-label="Save as CSV: from layer to layer"
          onClick={() => saveFile(new File([storyCsv(story)], `${file}.csv`, { type: 'text/csv' }))}
        >
          Save as CSV
        </Button>
      </div>
      {problem && <ErrorNotice message={problem} onDismiss={dismiss} />}
    </>
  );
}

/** The mark of a line: its symbol, hollow before training, and its dash. */
function keyOf(name: string): string {
  const isCapacity = name.startsWith('Capacity');
  return name.endsWith('untrained') ? `┄${isCapacity ? '○' : '□'}` : `━${isCapacity ? '●' : '■'}`;
}
