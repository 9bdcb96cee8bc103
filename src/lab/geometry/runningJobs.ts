import type { StoreApi } from 'zustand/vanilla';
import { placeOf } from './geometryFinding.ts';
import type { GeometryState } from './geometryState.ts';
import type { Task } from './schedule.ts';

/** A task on a worker. */
export interface Job extends Task {
  controller: AbortController;
}

/** The tasks on the workers, and their progress in the panel's state. */
export interface RunningJobs {
  readonly size: number;
  isUnderway(task: Task): boolean;
  begin(job: Job): void;
  /** Shows the fraction of the job that is done. */
  show(job: Job, fraction: number): void;
  end(job: Job): void;
  abort(): void;
  /** Aborts error tasks to free the cores for training; they run again when training pauses. */
  abortErrors(): void;
}

/** @param changed called after a job's progress has changed */
export function createRunningJobs(
  { setState }: Pick<StoreApi<GeometryState>, 'setState'>,
  changed: () => void,
): RunningJobs {
  const jobs = new Set<Job>();

  function show(job: Job, fraction: number): void {
    // An aborted job may still report progress.
    if (!jobs.has(job)) return;
    const { kind, layer, step } = job;
    setState(({ running }) => ({
      running: [...running.filter((one) => !isOf(one, job)), { kind, layer, step, fraction }],
    }));
    changed();
  }

  return {
    get size() {
      return jobs.size;
    },
    isUnderway: ({ kind, layer, step }) =>
      [...jobs].some(
        (job) =>
          job.kind === kind && job.layer === layer && placeOf(layer, job.step) === placeOf(layer, step),
      ),
    begin(job) {
      jobs.add(job);
      show(job, 0);
    },
    show,
    end(job) {
      jobs.delete(job);
      setState(({ running }) => ({ running: running.filter((one) => !isOf(one, job)) }));
    },
    abort() {
      for (const { controller } of jobs) controller.abort();
      jobs.clear();
      setState({ running: [] });
    },
    abortErrors() {
      for (const { kind, controller } of jobs) if (kind === 'errors') controller.abort();
    },
  };
}

function isOf(one: Task, job: Job): boolean {
  return one.kind === job.kind && one.step === job.step && one.layer === job.layer;
}
