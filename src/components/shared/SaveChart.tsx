import type { PlotlyLayout, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { Button } from './Button.tsx';
import { chartPicture, type PictureFormat } from './chartPicture.ts';
import { useColors } from './colors.ts';
import { ErrorNotice } from './Notice.tsx';
import styles from './SaveChart.module.css';
import { saveFile } from './saveFile.ts';
import { useAttempt } from './useAttempt.ts';

interface SaveChartProps {
  /** The chart's name in the buttons' labels: "the singular values". */
  what: string;
  /** The picture's title. */
  title: string;
  /** The files' name without its ending. */
  file: string;
  traces: PlotlyTrace[];
  layout: PlotlyLayout;
  /** The chart's numbers; without them, there is no button for CSV. */
  csv?: () => string;
}

/** Buttons that save a chart as a picture with a title, or as numbers. */
export function SaveChart({ what, title, file, traces, layout, csv }: SaveChartProps) {
  const colors = useColors();
  const { problem, attempt, dismiss } = useAttempt();
  const save = (format: PictureFormat) =>
    void attempt(async () => {
      const titled = { traces, layout: withTitle(layout, title), colors };
      saveFile(await chartPicture(titled, { format, file }));
    });
  return (
    <>
      <div className={styles.buttons}>
        <Button variant="quiet" aria-label={`Save as PNG: ${what}`} onClick={() => save('png')}>
          Save as PNG
        </Button>
        <Button variant="quiet" aria-label={`Save as SVG: ${what}`} onClick={() => save('svg')}>
          Save as SVG
        </Button>
        {csv && (
          <Button
            variant="quiet"
            aria-label={`Save as CSV: ${what}`}
            onClick={() => saveFile(new File([csv()], `${file}.csv`, { type: 'text/csv' }))}
          >
            Save as CSV
          </Button>
        )}
      </div>
      {problem && <ErrorNotice message={problem} onDismiss={dismiss} />}
    </>
  );
}

/** The layout of a picture that stands alone: larger margins, a title and a legend. */
function withTitle(layout: PlotlyLayout, title: string): PlotlyLayout {
  return {
    ...layout,
    margin: { l: 80, r: 40, t: 96, b: 72 },
    title: { text: title, font: { size: 20 }, x: 0.02, xanchor: 'left', y: 0.96 },
    showlegend: true,
    legend: { orientation: 'h', x: 0, y: 1.02, yanchor: 'bottom' },
  };
}
