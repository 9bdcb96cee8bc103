import { useLayoutEffect, useRef } from 'react';
import { pixelRatio } from '../painter/clearedCanvas.ts';
import { useColors } from '../shared/colors.ts';
import styles from './Mark.module.css';

const width = 60;
const height = 24;
const reach = 7.5;
const samples = 90;
const crossings = 4;

interface Strands {
  first: string;
  second: string;
  /** The segments where the first strand passes over the second. */
  over: string;
}

/** Two strands that cross up to a point and separate after it; `untangled` moves that point left. */
function strands(untangled: number): Strands {
  const end = 1.02 - 0.68 * untangled;
  const x = (share: number) => (2 + share * (width - 4)).toFixed(2);
  const angle = (share: number) => Math.PI * crossings * Math.max(0, end - share);
  const y = (share: number, side: 1 | -1) => (height / 2 - side * reach * Math.cos(angle(share))).toFixed(2);
  const path = (side: 1 | -1, from: number, to: number) => {
    const points = [];
    for (let i = from; i <= to; i++) points.push(`${x(i / samples)} ${y(i / samples, side)}`);
    return points.length > 1 ? `M${points.join('L')}` : '';
  };
  let over = '';
  let start: number | undefined;
  for (let i = 0; i <= samples; i++) {
    const above = i < samples && angle(i / samples) > 0 && Math.sin(angle(i / samples)) > 0;
    if (above && start === undefined) start = i;
    if (!above && start !== undefined) {
      over += path(1, start, i);
      start = undefined;
    }
  }
  return { first: path(1, 0, samples), second: path(-1, 0, samples), over };
}

/** The logo, which untangles as the network learns: 0 is tangled, 1 is separated. */
export function Mark({ untangled }: { untangled: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colors = useColors();
  // A canvas, because each new path in the document would lay out the page.
  useLayoutEffect(() => {
    const paper = canvas.current;
    const context = paper?.getContext('2d');
    if (!paper || !context) return;
    const ratio = pixelRatio();
    paper.width = Math.round(width * ratio);
    paper.height = Math.round(height * ratio);
    context.scale(ratio, ratio);
    context.lineJoin = 'round';
    const { first, second, over } = strands(untangled);
    const draw = (path: string, color: string) => {
      const line = new Path2D(path);
      context.lineCap = 'butt';
      context.lineWidth = 5.6;
      context.strokeStyle = colors.panel;
      context.stroke(line);
      context.lineCap = 'round';
      context.lineWidth = 2.6;
      context.strokeStyle = color;
      context.stroke(line);
    };
    draw(first, colors.negative);
    draw(second, colors.positive);
    draw(over, colors.negative);
  }, [untangled, colors]);
  return (
    <span className={styles.mark} aria-hidden="true">
      <canvas ref={canvas} style={{ width, height }} />
    </span>
  );
}

/** Errors fall by orders of magnitude, so the scale is logarithmic: 90 % errors is 0, 2 % errors is 1. */
export function untangledShare(accuracy: number | undefined): number {
  if (accuracy === undefined) return 0;
  const wrong = Math.max(1 - accuracy, 1e-3);
  const share = Math.log(0.9 / wrong) / Math.log(0.9 / 0.02);
  // Steps of 2 % look smooth and spare the header a new path for every reading.
  return Math.round(Math.min(1, Math.max(0, share)) * 50) / 50;
}
