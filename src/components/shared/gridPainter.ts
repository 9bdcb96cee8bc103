import { pixelRatio } from '../painter/clearedCanvas.ts';
import { type Colors, colorIndex, colorTable, readColors } from './colors.ts';
import { type MapBox, type MapCell, type MapFrame, mapCount, scaleOf } from './mapFrame.ts';

export interface GridMarks {
  selected?: number;
  /** The map to highlight because a person points at its unit in another panel. */
  highlighted?: number;
  /** The cell under the pointer or the keyboard cursor. */
  cursor?: MapCell;
  box?: MapBox;
}

interface GridShape {
  across: number;
  down: number;
  count: number;
  rows: number;
  columns: number;
  /**
   * Sizes in device pixels: a map's sides, a cell's side (at least 1, possibly fractional) and the distance between
   * maps.
   */
  width: number;
  height: number;
  cell: number;
  strideX: number;
  strideY: number;
}

export interface GridOptions {
  /** Maps per row; by default as many as give maps a good size. */
  across?: number;
  /** Space between maps in CSS pixels. */
  gap: number;
  /** Largest side of a map in CSS pixels. */
  largestMap: number;
}

/**
 * With cells smaller than this (in device pixels), a difference of one pixel between neighboring cells is visible.
 */
const SMALL_CELL = 4;

/** Draws a stack of maps on a canvas, each value one square. */
export class GridPainter {
  readonly #canvas: HTMLCanvasElement;
  readonly #atlas = document.createElement('canvas');
  readonly #enlarged = document.createElement('canvas');
  #shape: GridShape | undefined;
  #ratio = 1;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  paint(frame: MapFrame, width: number, options: GridOptions, marks: GridMarks): void {
    this.#ratio = pixelRatio();
    const shape = shapeFor(frame, Math.floor(width * this.#ratio), this.#ratio, options);
    this.#shape = shape;
    const pixelWidth = (shape.across - 1) * shape.strideX + shape.width;
    const pixelHeight = (shape.down - 1) * shape.strideY + shape.height;
    // One pixel of margin on each side leaves room for outlines.
    this.#resize(pixelWidth + 2 * this.#margin, pixelHeight + 2 * this.#margin);
    const context = this.#canvas.getContext('2d');
    if (!context) return;
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    // Between two data sets, the values of the earlier one may not fill a single map of the later one's shape.
    if (!(shape.count > 0)) return;
    const colors = readColors();
    this.#fillAtlas(frame, shape, colors);
    const scale = this.#enlarge(shape);
    context.imageSmoothingEnabled = scale > 1;
    const [columns, rows] = [shape.columns * scale, shape.rows * scale];
    const image = scale > 1 ? this.#enlarged : this.#atlas;
    for (let map = 0; map < shape.count; map++) {
      const { x, y } = this.#origin(shape, map);
      context.drawImage(image, 0, map * rows, columns, rows, x, y, shape.width, shape.height);
    }
    this.#mark(context, shape, colors, marks);
  }

  /** The cell under a point of the canvas, in CSS pixels. */
  cellAt(x: number, y: number): MapCell | undefined {
    const shape = this.#shape;
    if (!shape) return undefined;
    const pixelX = x * this.#ratio - this.#margin;
    const pixelY = y * this.#ratio - this.#margin;
    if (pixelX < 0 || pixelY < 0) return undefined;
    const across = Math.floor(pixelX / shape.strideX);
    const map = Math.floor(pixelY / shape.strideY) * shape.across + across;
    const column = Math.floor((pixelX % shape.strideX) / shape.cell);
    const row = Math.floor((pixelY % shape.strideY) / shape.cell);
    const outside =
      across >= shape.across || map >= shape.count || column >= shape.columns || row >= shape.rows;
    return outside ? undefined : { map, row, column };
  }

  /** The cell one step away; past a map's edge, a cell of the neighboring map. */
  neighbor({ map, row, column }: MapCell, down: number, right: number): MapCell {
    const shape = this.#shape;
    if (!shape) return { map, row, column };
    const gridRow = Math.floor(map / shape.across) * shape.rows + row + down;
    const gridColumn = (map % shape.across) * shape.columns + column + right;
    const next: MapCell = {
      map: Math.floor(gridRow / shape.rows) * shape.across + Math.floor(gridColumn / shape.columns),
      row: gridRow % shape.rows,
      column: gridColumn % shape.columns,
    };
    const outside =
      gridRow < 0 || gridColumn < 0 || gridColumn >= shape.across * shape.columns || next.map >= shape.count;
    return outside ? { map, row, column } : next;
  }

  /** A cell's position in CSS pixels from the canvas's top left corner. */
  place(cell: MapCell): { x: number; y: number } {
    if (!this.#shape) return { x: 0, y: 0 };
    const { x, y } = this.#origin(this.#shape, cell.map);
    return {
      x: (x + (cell.column + 0.5) * this.#shape.cell) / this.#ratio,
      y: (y + (cell.row + 0.5) * this.#shape.cell) / this.#ratio,
    };
  }

  get #margin(): number {
    return Math.ceil(3 * this.#ratio);
  }

  #origin(shape: GridShape, map: number): { x: number; y: number } {
    return {
      x: this.#margin + (map % shape.across) * shape.strideX,
      y: this.#margin + Math.floor(map / shape.across) * shape.strideY,
    };
  }

  #resize(width: number, height: number): void {
    if (this.#canvas.width === width && this.#canvas.height === height) return;
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#canvas.style.width = `${width / this.#ratio}px`;
    this.#canvas.style.height = `${height / this.#ratio}px`;
  }

  #fillAtlas(frame: MapFrame, shape: GridShape, colors: Colors): void {
    const { rows, columns, count } = shape;
    const atlas = this.#atlas;
    if (atlas.width !== columns || atlas.height !== rows * count) {
      atlas.width = columns;
      atlas.height = rows * count;
    }
    const image = new ImageData(columns, rows * count);
    const pixels = new Uint32Array(image.data.buffer);
    if (frame.isColor) fillColor(pixels, frame, count);
    else fillMaps(pixels, frame, { count, colors });
    atlas.getContext('2d')?.putImageData(image, 0, 0);
  }

  /**
   * For small cells of a fractional size, draws the maps with cells of the next larger whole size, to be scaled down
   * smoothly: a mixture of one- and two-pixel cells would distort a map. Returns the cell size to draw with,
   * otherwise 1.
   */
  #enlarge({ cell, columns, rows, count }: GridShape): number {
    if (cell >= SMALL_CELL || Number.isInteger(cell)) return 1;
    const scale = Math.ceil(cell);
    const enlarged = this.#enlarged;
    const [width, height] = [columns * scale, rows * count * scale];
    if (enlarged.width !== width || enlarged.height !== height) {
      enlarged.width = width;
      enlarged.height = height;
    }
    const context = enlarged.getContext('2d');
    if (!context) return 1;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#atlas, 0, 0, width, height);
    return scale;
  }

  #mark(context: CanvasRenderingContext2D, shape: GridShape, colors: Colors, marks: GridMarks): void {
    const { cell } = shape;
    const line = Math.max(1, Math.round(2 * this.#ratio));
    const outline = (x: number, y: number, width: number, height: number, color: string) => {
      const [left, top] = [Math.round(x), Math.round(y)];
      context.strokeStyle = color;
      context.lineWidth = line;
      context.strokeRect(
        left - line / 2,
        top - line / 2,
        Math.round(x + width) - left + line,
        Math.round(y + height) - top + line,
      );
    };
    for (const [map, color] of [
      [marks.highlighted, colors['line-strong']],
      [marks.selected, colors.ink],
    ] as const) {
      if (map === undefined || map >= shape.count) continue;
      const { x, y } = this.#origin(shape, map);
      outline(x, y, shape.width, shape.height, color);
    }
    if (marks.box && marks.box.map < shape.count) {
      const { map, row, column, rows, columns } = marks.box;
      const { x, y } = this.#origin(shape, map);
      outline(x + column * cell, y + row * cell, columns * cell, rows * cell, colors.positive);
    }
    if (marks.cursor && marks.cursor.map < shape.count) {
      const { map, row, column } = marks.cursor;
      const { x, y } = this.#origin(shape, map);
      const inset = Math.min(line, Math.floor(cell / 4));
      outline(
        x + column * cell + inset,
        y + row * cell + inset,
        cell - 2 * inset,
        cell - 2 * inset,
        colors.ink,
      );
    }
  }
}

/** Colors every value by its map's scale. */
function fillMaps(
  pixels: Uint32Array,
  frame: MapFrame,
  { count, colors }: { count: number; colors: Colors },
): void {
  const table = colorTable(frame.colors, colors);
  const size = frame.rows * frame.columns;
  for (let map = 0; map < count; map++) {
    const scale = scaleOf(frame, map);
    for (let i = map * size; i < (map + 1) * size; i++) pixels[i] = table[colorIndex(frame.values[i], scale)];
  }
}

/** Mixes every pixel of the color images from red, green and blue. */
function fillColor(pixels: Uint32Array, { values, rows, columns }: MapFrame, count: number): void {
  const size = rows * columns;
  const level = (at: number) => Math.round(255 * Math.min(1, Math.max(0, values[at])));
  for (let i = 0; i < count * size; i++) {
    const red = Math.floor(i / size) * 3 * size + (i % size);
    pixels[i] = (255 << 24) | (level(red + 2 * size) << 16) | (level(red + size) << 8) | level(red);
  }
}

function shapeFor(frame: MapFrame, width: number, ratio: number, options: GridOptions): GridShape {
  const count = mapCount(frame);
  const { rows, columns } = frame;
  const gap = Math.round(options.gap * ratio);
  const largest = Math.round(options.largestMap * ratio);
  const room = width - 2 * Math.ceil(3 * ratio);
  // A column of a map takes at least one device pixel; more maps in a row would leave the page's width.
  const most = Math.floor((room + gap) / (columns + gap));
  const wanted = options.across ?? Math.ceil((room + gap) / (largest + gap));
  const across = Math.max(1, Math.min(wanted, count, most));
  const side = Math.min(largest, Math.floor((room - gap * (across - 1)) / across));
  const cell = Math.max(1, side / columns);
  const mapWidth = Math.round(cell * columns);
  const mapHeight = Math.round(cell * rows);
  return {
    across,
    down: Math.ceil(count / across),
    count,
    rows,
    columns,
    width: mapWidth,
    height: mapHeight,
    cell,
    strideX: mapWidth + gap,
    strideY: mapHeight + gap,
  };
}
