import type { LabState } from '../../lab/state/state.ts';
import { clearedCanvas } from '../shared/clearedCanvas.ts';
import { type Colors, readColors } from '../shared/colors.ts';
import { lossProfile, placeOf } from './timelineScale.ts';

/** Width of a sparkline column, in CSS pixels. */
const columnWidth = 2;
/** The sparkline's height spans at least these log losses, so that its limits rarely move during a run. */
const highest = Math.log(3);
const lowest = Math.log(0.01);
/** Height of the snapshot ticks at the bottom and the epoch numbers at the top, in CSS pixels. */
const tickHeight = 7;
const labelHeight = 13;
const leastLabelGap = 18;

export interface TimelineSize {
  width: number;
  height: number;
  /** The step at the right edge. */
  end: number;
}

interface Ink extends TimelineSize {
  context: CanvasRenderingContext2D;
  colors: Colors;
  fontFamily: string;
}

/** The whole run on one canvas: the loss as a sparkline, a tick for every snapshot, a line at the end of every epoch. */
export function paintTimeline(canvas: HTMLCanvasElement, state: LabState, size: TimelineSize): void {
  const context = clearedCanvas(canvas, size.width, size.height);
  if (!context) return;
  const { fontFamily } = getComputedStyle(canvas);
  const ink = { ...size, context, colors: readColors(), fontFamily };
  drawEpochs(ink, state);
  drawLoss(ink, state);
  drawSnapshots(ink, state);
}

function drawLine({ context, width, height, end }: Ink, step: number, top: number, thickness = 1): void {
  context.fillRect(Math.round(placeOf(step, end) * width - thickness / 2), top, thickness, height - top);
}

function drawEpochs(ink: Ink, { history, snapshots }: LabState): void {
  const { context, colors, width, end, fontFamily } = ink;
  const best = snapshots.find((snapshot) => snapshot.best)?.step;
  let labeled = -leastLabelGap;
  context.textBaseline = 'top';
  for (const { epoch, step } of history.epochs) {
    const across = placeOf(step, end) * width;
    const isBest = step === best;
    context.fillStyle = colors.line;
    drawLine(ink, step, labelHeight);
    if (across - labeled < leastLabelGap && !isBest) continue;
    context.font = `${isBest ? '650 ' : ''}11px ${fontFamily}`;
    context.fillStyle = isBest ? colors.test : colors.muted;
    // The best epoch's line extends to the top, so its number goes beside the line.
    context.textAlign = isBest || across > width - 8 ? 'right' : 'center';
    context.fillText(String(epoch), isBest ? across - 4 : across, 0);
    labeled = across;
  }
}

function drawLoss({ context, colors, width, height, end }: Ink, { history }: LabState): void {
  const columns = Math.max(1, Math.floor(width / columnWidth));
  const profile = lossProfile(history.losses, history.length, end, columns);
  const known = profile.filter(Number.isFinite);
  const low = known.reduce((a, b) => Math.min(a, b), lowest);
  const high = known.reduce((a, b) => Math.max(a, b), highest);
  const bottom = height - tickHeight - 2;
  context.beginPath();
  for (let column = 0; column < columns; column++) {
    if (!Number.isFinite(profile[column])) continue;
    const share = (profile[column] - low) / (high - low);
    context.lineTo((column + 0.5) * columnWidth, bottom - share * (bottom - labelHeight));
  }
  context.strokeStyle = colors.train;
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  context.stroke();
}

function drawSnapshots(ink: Ink, { snapshots }: LabState): void {
  const { context, colors, width, height } = ink;
  context.fillStyle = colors.line;
  context.fillRect(0, height - 1, width, 1);
  for (const { step, epochEnd, best } of snapshots) {
    context.fillStyle = best ? colors.test : colors['line-strong'];
    if (best) drawLine(ink, step, 0, 2);
    else drawLine(ink, step, height - tickHeight - (epochEnd ? 5 : 0));
  }
}
