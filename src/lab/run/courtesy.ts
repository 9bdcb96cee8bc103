import type { StoreApi } from 'zustand/vanilla';
import type { Background } from '../../workers/background.ts';
import type { LabState } from '../state/state.ts';

/** Training keeps at least this share of its speed; below it the other work rests more. */
const KEPT = 0.91;
/** Above this share of the speed, the other work may do more. */
const ROOM = 0.96;
/** Factor and summand by which the share of the other work falls and grows, at each look. */
const LESS = 0.7;
const MORE = 0.04;
const LEAST_SHARE = 0.05;
/** The share with which work beside training begins. */
const FIRST_SHARE = 0.2;
/** Milliseconds between two looks: several chunks of steps. */
const LOOK = 200;
/** Milliseconds without other work after which training has its whole speed again. */
const ALONE = 300;
/** Other work that does not end rests so long, so often, to measure training alone. */
const PROBE = 450;
const PROBE_EVERY = 15_000;
/** Weight of the newest speed in the mean speed alone. */
const NEWEST = 0.3;

interface Parts {
  labStore: StoreApi<LabState>;
  background: Background;
  now?(): number;
}

/**
 * Lets the work beside training (geometry, spectrum, metamers, attacks) rest so much that training keeps most of its speed.
 * Compares the speed with that of training alone, at every frame of the trainer.
 */
export function createCourtesy({ labStore, background, now = () => performance.now() }: Parts): void {
  let share = 1;
  /** Steps a second without other work. */
  let alone: number | undefined;
  let lastLook = Number.NEGATIVE_INFINITY;
  let aloneSince: number | undefined;
  let probeUntil = Number.NEGATIVE_INFINITY;
  let nextProbe = 0;
  let run = -1;

  const setShare = (next: number) => {
    share = Math.min(1, Math.max(LEAST_SHARE, next));
    background.setShare(share);
  };

  labStore.subscribe((state, before) => {
    if (state.status !== before.status) {
      // Work that was there before training must not have the machine until the first looks.
      setShare(state.status === 'training' ? FIRST_SHARE : 1);
      if (state.status !== 'training') return;
    }
    if (state.run !== run) {
      run = state.run;
      alone = undefined;
    }
    if (state.status !== 'training' || state.stepsPerSecond === undefined || state.step === before.step)
      return;
    look(state.stepsPerSecond);
  });

  function look(speed: number): void {
    const time = now();
    if (time - lastLook < LOOK) return;
    lastLook = time;
    const isAlone = background.underway === 0 || time < probeUntil;
    if (!isAlone) {
      aloneSince = undefined;
      give(speed, time);
      return;
    }
    aloneSince ??= time;
    if (time - aloneSince < ALONE) return;
    alone = alone === undefined ? speed : alone + NEWEST * (speed - alone);
    nextProbe = time + PROBE_EVERY;
    if (background.underway === 0) setShare(FIRST_SHARE);
  }

  function give(speed: number, time: number): void {
    if (alone === undefined || time >= nextProbe) {
      probeUntil = time + PROBE;
      nextProbe = time + PROBE_EVERY;
      background.setShare(LEAST_SHARE);
      return;
    }
    if (speed < KEPT * alone) setShare(share * LESS);
    else setShare(speed > ROOM * alone ? share + MORE : share);
  }
}
