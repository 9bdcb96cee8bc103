import { useMemo } from 'react';
import { presetOf } from '../../ml/model/presets.ts';
import { useLab } from '../context/LabContext.tsx';
import { useColors } from '../shared/colors.ts';
import { formatCount } from '../shared/format.ts';
import { LiveText } from '../shared/LiveText.tsx';
import { Plot } from '../shared/Plot.tsx';
import { SaveChart } from '../shared/SaveChart.tsx';
import { estimatorFileName, estimatorLabel } from './estimatorView.ts';
import styles from './GeometryPanel.module.css';
import { hasUntrained, type Story, storyCsv, storyLayout, storyText, storyTraces } from './storyFigure.ts';

/** Capacity and dimension from layer to layer, untrained and trained, as one chart for a slide. */
export function StoryChart({ story }: { story: Story }) {
  const network = useLab((state) => state.network);
  const colors = useColors();
  const { layers, method, trained } = story;
  const name = presetOf(network)?.title ?? 'Network';
  const knowsUntrained = hasUntrained(story);
  const after = `after ${formatCount(trained)} steps`;
  const moments = trained === 0 ? 'untrained' : knowsUntrained ? `untrained and ${after}` : after;
  const title = `${name}, ${moments}. ${estimatorLabel(method)}`;
  const traces = useMemo(() => storyTraces(story, colors), [story, colors]);
  const layout = useMemo(() => storyLayout({ layers }, colors), [layers, colors]);
  const picture = useMemo(() => storyLayout({ layers }, colors, title), [layers, colors, title]);
  const text = useMemo(() => storyText(story), [story]);
  const lineColors = traces.map(({ yaxis }) => colors[yaxis === 'y' ? 'class-0' : 'class-1']);

  return (
    <section className={styles.story} aria-label="Capacity and dimension from layer to layer">
      <SaveChart
        what="from layer to layer"
        file={`layers-step-${trained}-${estimatorFileName(method)}`}
        traces={traces}
        layout={picture}
        csv={() => storyCsv(story)}
        className={styles.heading}
      >
        <h3>From layer to layer</h3>
      </SaveChart>
      <ul className={styles.key} aria-label="Lines of the chart">
        {traces.length > 0 && (
          <li>
            <LiveText text={title} flows />
          </li>
        )}
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

/** The mark of a line: its symbol, hollow before training, and its dash. */
function keyOf(name: string): string {
  const isCapacity = name.startsWith('Capacity');
  return name.endsWith('untrained') ? `┄${isCapacity ? '○' : '□'}` : `━${isCapacity ? '●' : '■'}`;
}
