import { CallError } from '../../ml/callError.ts';
import { type Colors, colorOf, colorTable, readColors, type Scale } from '../shared/colors.ts';
import { saveFile } from '../shared/saveFile.ts';

interface PictureGrid {
  title: string;
  /** [maps, rows, columns] in the order of `names`. */
  weights: Float32Array;
}

interface FilterPicture {
  title: string;
  grids: PictureGrid[];
  names: string[];
  rows: number;
  columns: number;
  scale: Scale;
  /** The meaning of the colors. */
  quantity: 'weight' | 'norm';
  across: number;
  /** CSS font family for text. */
  fontFamily: string;
}

/** Larger side of a map in layout pixels, by the number of maps; the picture is drawn at twice the size. */
const sideOf = (maps: number) => (maps === 1 ? 560 : maps <= 200 ? 72 : 24);
/** Names are written below maps only if there is room. */
const NAMED = 200;
const space = 12;
const nameHeight = 18;
const margin = 28;
const heading = 34;
const ratio = 2;

/** Maps of weights as a PNG in the page's theme, with their names, titles and the color scale. */
async function filterPng(picture: FilterPicture): Promise<Blob> {
  const canvas = document.createElement('canvas');
  draw(canvas, picture, readColors());
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new CallError('filterPng', 'expected the browser to write a PNG, found none. Try again.'));
    }, 'image/png');
  });
}

/** Lets the browser save the picture. */
export async function saveFilterPng(picture: Omit<FilterPicture, 'fontFamily'>, name: string): Promise<void> {
  const blob = await filterPng({ ...picture, fontFamily: getComputedStyle(document.body).fontFamily });
  saveFile(new File([blob], name, { type: 'image/png' }));
}

function draw(canvas: HTMLCanvasElement, picture: FilterPicture, colors: Colors): void {
  const { title, grids, names, rows, columns, scale, quantity, across, fontFamily } = picture;
  const cell = Math.max(1, Math.round(sideOf(names.length) / Math.max(rows, columns)));
  const label = names.length > NAMED ? 0 : nameHeight;
  const pitch = { x: cell * columns + space, y: cell * rows + space + label };
  const gridWidth = pitch.x * across - space;
  const gridHeight = Math.ceil(names.length / across) * pitch.y;
  const width = 2 * margin + grids.length * gridWidth + (grids.length - 1) * 2 * margin;
  const height = 2 * margin + 2 * heading + gridHeight + heading;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(ratio, ratio);
  context.fillStyle = colors.panel;
  context.fillRect(0, 0, width, height);
  context.textBaseline = 'top';
  write(title, margin, margin, `650 18px ${fontFamily}`, colors.ink);

  const table = colorTable('sign', colors);
  grids.forEach(({ title: gridTitle, weights }, place) => {
    const left = margin + place * (gridWidth + 2 * margin);
    const top = margin + heading;
    write(gridTitle, left, top, `14px ${fontFamily}`, colors.muted);
    names.forEach((name, filter) => {
      const x = left + (filter % across) * pitch.x;
      const y = top + heading + Math.floor(filter / across) * pitch.y;
      for (let i = 0; i < rows * columns; i++) {
        context.fillStyle = colorOf(weights[filter * rows * columns + i], scale, table);
        context.fillRect(x + (i % columns) * cell, y + Math.floor(i / columns) * cell, cell, cell);
      }
      if (label > 0) write(name, x, y + cell * rows + 3, `12px ${fontFamily}`, colors.muted);
    });
  });
  drawLegend(margin, height - margin - 12);

  function write(text: string, x: number, y: number, font: string, color: string): void {
    if (!context) return;
    context.font = font;
    context.fillStyle = color;
    context.fillText(text, x, y);
  }

  function drawLegend(x: number, y: number): void {
    if (!context) return;
    const font = `13px ${fontFamily}`;
    const high = String(Number(scale.high.toPrecision(3)));
    // Norms are not negative.
    const low = quantity === 'norm' ? 0 : scale.low;
    const text = `${quantity}  ${low < 0 ? `−${high}` : '0'}`;
    write(text, x, y - 1, font, colors.muted);
    const left = x + context.measureText(text).width + 10;
    for (let i = 0; i < 160; i++) {
      context.fillStyle = colorOf(low + ((scale.high - low) * i) / 159, scale, table);
      context.fillRect(left + i, y, 1, 12);
    }
    write(low < 0 ? `+${high}` : high, left + 170, y - 1, font, colors.muted);
  }
}
