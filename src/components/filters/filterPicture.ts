import { CallError } from '../../ml/callError.ts';
import { type Colors, colorOf, colorTable, readColors, type Scale } from '../shared/colors.ts';

interface PictureGrid {
  title: string;
  /** [filters, side, side] in the order of `names`. */
  weights: Float32Array;
}

interface FilterPicture {
  title: string;
  grids: PictureGrid[];
  names: string[];
  side: number;
  scale: Scale;
  across: number;
  /** CSS font family for text. */
  fontFamily: string;
}

/** Side of a map in layout pixels; the picture is drawn at twice the size. */
const map = 72;
const space = 12;
const label = 18;
const margin = 28;
const heading = 34;
const ratio = 2;

/** The filters as a PNG in the page's theme, with their indices, titles and the color scale. */
export async function filterPng(picture: FilterPicture): Promise<Blob> {
  const canvas = document.createElement('canvas');
  draw(canvas, picture, readColors());
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new CallError('filterPng', 'expected the browser to write a PNG, found none. Try again.'));
    }, 'image/png');
  });
}

function draw(canvas: HTMLCanvasElement, picture: FilterPicture, colors: Colors): void {
  const { title, grids, names, side, scale, across, fontFamily } = picture;
  const rows = Math.ceil(names.length / across);
  const cell = Math.max(1, Math.round(map / side));
  const pitch = cell * side + space;
  const gridWidth = pitch * across - space;
  const gridHeight = rows * (pitch + label);
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
      const x = left + (filter % across) * pitch;
      const y = top + heading + Math.floor(filter / across) * (pitch + label);
      for (let i = 0; i < side * side; i++) {
        context.fillStyle = colorOf(weights[filter * side * side + i], scale, table);
        context.fillRect(x + (i % side) * cell, y + Math.floor(i / side) * cell, cell, cell);
      }
      write(name, x, y + cell * side + 3, `12px ${fontFamily}`, colors.muted);
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
    const low = `weight  −${scale.high}`;
    write(low, x, y - 1, font, colors.muted);
    const left = x + context.measureText(low).width + 10;
    for (let i = 0; i < 160; i++) {
      context.fillStyle = colorOf(scale.low + ((scale.high - scale.low) * i) / 159, scale, table);
      context.fillRect(left + i, y, 1, 12);
    }
    write(`+${scale.high}`, left + 170, y - 1, font, colors.muted);
  }
}
