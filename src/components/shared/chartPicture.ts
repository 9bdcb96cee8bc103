import type { PlotlyLayout, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import type { Colors } from './colors.ts';
import { loadPlotly } from './loadPlotly.ts';
import { themedLayout } from './plotTheme.ts';

export type PictureFormat = 'png' | 'svg';

/** Size of an exported picture, in CSS pixels; a PNG has twice as many pixels a side. */
const PICTURE = { width: 1280, height: 720 };

/** A chart in the page's theme as a file. @param layout with the picture's title. */
export async function chartPicture(
  { traces, layout, colors }: { traces: PlotlyTrace[]; layout: PlotlyLayout; colors: Colors },
  { format, file }: { format: PictureFormat; file: string },
): Promise<File> {
  const plotly = await loadPlotly();
  const family = getComputedStyle(document.body).fontFamily;
  const themed = { ...themedLayout(layout, colors, family), paper_bgcolor: colors.panel, ...PICTURE };
  const address = await plotly.toImage(
    { data: traces, layout: themed },
    { format, ...PICTURE, ...(format === 'png' && { scale: 2 }) },
  );
  return fileOf(address, `${file}.${format}`);
}

/** The file of a data URL: base64, or text in percent encoding. */
function fileOf(address: string, name: string): File {
  const comma = address.indexOf(',');
  const [head, body] = [address.slice(5, comma), address.slice(comma + 1)];
  const type = head.split(';')[0];
  if (!head.endsWith('base64')) return new File([decodeURIComponent(body)], name, { type });
  const bytes = Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
  return new File([bytes], name, { type });
}
