import type { PlotlyLayout, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import type { ReactNode } from 'react';
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
  /** The files' name without its ending. */
  file: string;
  /** Without traces, there is nothing to save, and the buttons are disabled. */
  traces: PlotlyTrace[];
  /** The layout of the picture, which stands alone: with a title and a legend. */
  layout: PlotlyLayout;
  /** The chart's numbers; without them, there is no button for CSV. */
  csv?: () => string;
  /** Class of the row of buttons. */
  className?: string;
  /** A heading in the row, before the buttons. */
  children?: ReactNode;
}

/** Buttons that save a chart as a picture or as numbers. */
export function SaveChart(props: SaveChartProps) {
  const { what, file, traces, layout, csv, className = styles.buttons, children } = props;
  const colors = useColors();
  const { problem, attempt, dismiss } = useAttempt();
  const savePicture = (format: PictureFormat) =>
    void attempt(async () => saveFile(await chartPicture({ traces, layout, colors }, { format, file })));
  const button = (format: string, onClick: () => void) => (
    <Button
      variant="quiet"
      disabled={traces.length === 0}
      aria-label={`Save as ${format}: ${what}`}
      onClick={onClick}
    >
      Save as {format}
    </Button>
  );
  return (
    <>
      <div className={className}>
        {children}
        {button('PNG', () => savePicture('png'))}
        {button('SVG', () => savePicture('svg'))}
        {csv && button('CSV', () => saveFile(new File([csv()], `${file}.csv`, { type: 'text/csv' })))}
      </div>
      {problem && <ErrorNotice message={problem} onDismiss={dismiss} />}
    </>
  );
}

/** The layout of a picture made from a chart's layout: larger margins, a title and a legend. */
export function pictureLayout(layout: PlotlyLayout, title: string): PlotlyLayout {
  return {
    ...layout,
    margin: { l: 80, r: 40, t: 96, b: 72 },
    title: { text: title, font: { size: 20 }, x: 0.02, xanchor: 'left', y: 0.96 },
    showlegend: true,
    legend: { orientation: 'h', x: 0, y: 1.02, yanchor: 'bottom' },
  };
}
