import type { MetamerAnswer, MetamerProgress, NetworkMoment } from '../../workers/protocol.ts';
import type { LabImage } from '../images/labImage.ts';
import type { FoundMetamer } from './metamersFinding.ts';
import type { MetamerControls, MetamerRecipe } from './recipe.ts';

/** One layer's metamer in progress. */
export interface MetamerRow {
  layer: string;
  status: 'running' | 'done' | 'canceled' | 'failed';
  problem?: string;
  iteration: number;
  losses: readonly number[];
  frames: readonly { iteration: number; image: Float32Array }[];
  answer?: MetamerAnswer;
}

export interface MetamersState {
  controls: MetamerControls;
  reference?: LabImage;
  /** The reference and network of the rows. */
  made?: {
    reference: LabImage;
    step: number;
    /** Undefined if no snapshot of a saved run has the moment; the rows then show only saved results. */
    moment?: NetworkMoment;
    recipe: MetamerRecipe;
  };
  rows: readonly MetamerRow[];
  running: boolean;
  /** Running, but paused by a person. */
  paused: boolean;
  problem?: string;
  /** The problem of the last run with a custom loss, such as NaN. */
  lossProblem?: string;
}

/** The row of a layer whose metamer has just started. */
export function newRow(layer: string): MetamerRow {
  return { layer, status: 'running', iteration: 0, losses: [], frames: [] };
}

/** The row after a message of the worker. @param size pixels per image */
export function grown(
  row: MetamerRow,
  { iteration, losses, frames, frameIterations }: MetamerProgress,
  size: number,
): Partial<MetamerRow> {
  const images = frameIterations.map((iteration, i) => ({
    iteration,
    image: frames.slice(i * size, (i + 1) * size),
  }));
  return { iteration, losses: [...row.losses, ...losses], frames: [...row.frames, ...images] };
}

/** The saved form of a row; undefined until its metamer is finished. */
export function foundIn({ layer, losses, answer }: MetamerRow): FoundMetamer[] {
  return answer ? [{ layer, losses, answer }] : [];
}

/** The finished row of a saved metamer, with its kept iterates. */
export function rowOf({ layer, losses, answer }: FoundMetamer): MetamerRow {
  const { last, kept } = answer;
  const stages = kept.map(({ iteration, images }) => ({ iteration, image: images }));
  const end = { iteration: last.iteration, image: last.images };
  return {
    layer,
    status: 'done',
    iteration: last.iteration,
    losses,
    frames: [...stages.filter(({ iteration }) => iteration < last.iteration), end],
    answer,
  };
}
