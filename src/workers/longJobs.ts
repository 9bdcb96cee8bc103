import { attack, type RobustnessPoint, robustnessCurve } from '../ml/adversarial/attack.ts';
import type { Engine } from '../ml/engines/engine.ts';
import { generateMetamers, type MetamerIterate } from '../ml/metamers/generate.ts';
import { clippedToUnit, judgeMetamers } from '../ml/metamers/judge.ts';
import { type NullDistribution, nullDistribution } from '../ml/metamers/nulls.ts';
import { chooseEngine, createEngine } from './engines.ts';
import type {
  AttackJob,
  JudgeJob,
  MetamerAnswer,
  MetamerJob,
  MetamerProgress,
  NetworkMoment,
  RobustnessJob,
} from './protocol.ts';
import type { CallContext } from './rpc.ts';

/** Milliseconds between progress messages, and between checks for a cancel. */
const PACE = 60;

/** The calls of long jobs and their shared state: the held groups, and the null distribution of the last network. */
export function createLongJobs() {
  const groups = new HeldGroups();
  const nulls = new LastNulls();
  return {
    metamer: (job: MetamerJob, context: CallContext<MetamerProgress>) =>
      metamerJob(job, context, { groups, nulls }),
    /** Holds the runs of a group at their next message, or releases them. */
    hold: async ({ group, held }: { group: string; held: boolean }) => groups.hold(group, held),
    judge: ({ moment, references, metamers, layer, nullImages, classNames }: JudgeJob) =>
      onOwnEngine(moment, async (engine) =>
        judgeMetamers(engine, references, metamers, {
          layer,
          classNames,
          nulls: await nulls.of(engine, moment.key, nullImages),
        }),
      ),
  };
}

/** Generates metamers on a separate engine and judges the results. */
function metamerJob(
  { moment, references, starts, settings, group, keep, frameEvery, nullImages, classNames }: MetamerJob,
  { signal, progress, turn }: CallContext<MetamerProgress>,
  { groups, nulls }: { groups: HeldGroups; nulls: LastNulls },
): Promise<MetamerAnswer> {
  return onOwnEngine(moment, async (engine) => {
    const pixels = references.length;
    let frames: MetamerIterate[] = [];
    let losses: number[] = [];
    let iteration = 0;
    let posted = performance.now();
    const post = () => {
      const images = new Float32Array(frames.length * pixels);
      for (const [i, frame] of frames.entries()) images.set(frame.images, i * pixels);
      progress(
        { iteration, losses, frameIterations: frames.map((frame) => frame.iteration), frames: images },
        [images.buffer],
      );
      frames = [];
      losses = [];
    };
    const result = await generateMetamers(engine, references, starts, settings, {
      keep,
      signal,
      async onIterate(iterate) {
        iteration = iterate.iteration;
        losses.push(iterate.losses[0]);
        const isKept = keep.includes(iteration) || iteration === settings.iterations;
        if (isKept || iteration % frameEvery === 0) frames.push(iterate);
        if (performance.now() - posted < PACE) return;
        post();
        await turn();
        if (group !== undefined) await groups.released(group, signal);
        posted = performance.now();
      },
    });
    post();
    await turn();
    signal.throwIfAborted();
    const distribution = await nulls.of(engine, moment.key, nullImages);
    const by = { layer: settings.layer, nulls: distribution, classNames };
    const judgements = await judgeMetamers(engine, references, result.last.images, by);
    // Other panels and image files get the clipped image.
    const shown = clippedToUnit(result.last.images);
    const clipped = shown && (await judgeMetamers(engine, references, shown, by));
    return { ...result, judgements, clipped, pairs: distribution.pairs };
  });
}

/** Groups of runs that a person pauses together. */
class HeldGroups {
  /** The functions that release held runs, by group. */
  readonly #waiting = new Map<string, Set<() => void>>();

  hold(group: string, held: boolean): void {
    if (held) {
      if (!this.#waiting.has(group)) this.#waiting.set(group, new Set());
      return;
    }
    const goOn = this.#waiting.get(group);
    this.#waiting.delete(group);
    for (const release of goOn ?? []) release();
  }

  /** Resolves at once unless the group is held. Canceling also ends the wait. */
  released(group: string, signal: AbortSignal): Promise<void> {
    const others = this.#waiting.get(group);
    if (!others || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      others.add(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

/** The null distribution of the last network. */
class LastNulls {
  #last?: { key: string; images: number; nulls: Promise<NullDistribution> };

  of(engine: Engine, key: string, images: Float32Array): Promise<NullDistribution> {
    if (this.#last?.key === key && this.#last.images === images.length) return this.#last.nulls;
    // Store the promise, so that rows that end at the same time share one computation.
    const own = { key, images: images.length, nulls: nullDistribution(engine, images) };
    this.#last = own;
    own.nulls.catch(() => {
      if (this.#last === own) this.#last = undefined;
    });
    return own.nulls;
  }
}

/** Attacks images on an engine that is already loaded. */
export function attackJob(
  engine: Engine,
  { images, labels, settings }: AttackJob,
  { signal, progress, turn }: CallContext<{ done: number; count: number }>,
) {
  return attack(engine, images, labels, settings, {
    signal,
    async onProgress(done, count) {
      progress({ done, count });
      await turn();
    },
  });
}

export function robustnessJob(
  { moment, images, labels, settings }: RobustnessJob,
  { signal, progress, turn }: CallContext<{ done: number; count: number; points: RobustnessPoint[] }>,
) {
  const points: RobustnessPoint[] = [];
  return onOwnEngine(moment, (engine) =>
    robustnessCurve(engine, images, labels, settings, {
      signal,
      async onProgress(done, count) {
        progress({ done, count, points });
        await turn();
      },
      onPoint: (point) => points.push(point),
    }),
  );
}

/** Runs a long job on a separate engine, so that other calls do not wait. */
async function onOwnEngine<Result>(
  { network, parameters }: NetworkMoment,
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const { id } = await chooseEngine('auto', {});
  const engine = await createEngine(id, network);
  try {
    await engine.load({ parameters });
    return await work(engine);
  } finally {
    await engine.dispose();
  }
}
