import type { MetamerAnswer, MetamerProgress, NetworkMoment } from '../../workers/protocol.ts';
import type { LabImage } from '../images/images.ts';
import type { FoundMetamer } from './metamersFinding.ts';
import type { MetamerControls, MetamerRecipe } from './recipe.ts';

/** One layer's metamer, as it comes into being. */
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
  /** What the rows are about. */
  made?: {
    reference: LabImage;
    step: number;
    /** Unknown where a kept run's snapshots do not have it: what is kept is shown, and nothing more is asked. */
    moment?: NetworkMoment;
    recipe: MetamerRecipe;
  };
  rows: readonly MetamerRow[];
  running: boolean;
  /** Running, but waiting until a person goes on. */
  paused: boolean;
  problem?: string;
  /** What the last run found wrong with a person's own loss, such as NaN. */
  lossProblem?: string;
}

/** The row of a layer whose metamer has just begun. */
export function newRow(layer: string): MetamerRow {
  return { layer, status: 'running', iteration: 0, losses: [], frames: [] };
}

/** What a message of the worker adds to a row. @param size pixels of an image */
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

/** What is kept of a row: nothing before its metamer is made. */
export function foundIn({ layer, losses, answer }: MetamerRow): FoundMetamer[] {
  return answer ? [{ layer, losses, answer }] : [];
}

/** The row as it stood when its metamer was made, with the iterates that are kept. */
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
