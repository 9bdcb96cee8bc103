/** The part of Plotly that the page uses; its attributes are documented at plotly.com/javascript/reference. */
declare module 'plotly.js-cartesian-dist-min' {
  export interface PlotlyTrace {
    type: 'scatter' | 'scatter3d' | 'bar' | 'heatmap' | 'histogram' | 'box' | 'violin';
    x?: ArrayLike<number | string>;
    y?: ArrayLike<number | string>;
    name?: string;
    [attribute: string]: unknown;
  }

  export type PlotlyLayout = Record<string, unknown>;

  export interface PlotlyPoint {
    curveNumber: number;
    pointNumber: number;
    x: number | string;
    y: number | string;
    data: PlotlyTrace;
    customdata?: unknown;
  }

  export interface PlotlyElement extends HTMLDivElement {
    data?: PlotlyTrace[];
    /** The given layout with the current ranges. */
    layout?: PlotlyLayout;
    on(
      event: 'plotly_hover' | 'plotly_unhover' | 'plotly_click',
      listener: (event: { points: PlotlyPoint[] }) => void,
    ): void;
    on(event: 'plotly_relayout', listener: (changes: Record<string, unknown>) => void): void;
  }

  interface Plotly {
    react(
      element: HTMLDivElement,
      traces: PlotlyTrace[],
      layout: PlotlyLayout,
      config: Record<string, unknown>,
    ): Promise<PlotlyElement>;
    purge(element: HTMLDivElement): void;
    Fx: {
      hover(element: HTMLDivElement, points: { curveNumber: number; pointNumber: number }[]): void;
      unhover(element: HTMLDivElement): void;
    };
    toImage(
      figure: { data: PlotlyTrace[]; layout: PlotlyLayout },
      options: { format: 'png' | 'svg'; width: number; height: number; scale?: number },
    ): Promise<string>;
  }

  const plotly: Plotly;
  export default plotly;
}
