import { useCallback, useEffect, useRef, useState } from 'react';
import { type LabCore, useLabCore } from '../context/LabContext.tsx';
import { drawing } from '../drawing/drawing.ts';
import { timelineEnd } from './timelineEnd.ts';
import { placeOf, stepAt } from './timelineScale.ts';

/** Milliseconds to play the whole timeline. */
const wholeRun = 12_000;

/** Plays the snapshots from the moment shown (from the start if live) to the newest. */
export function usePlayback(): { playing: boolean; play(): void; stop(): void } {
  const lab = useLabCore();
  const [playing, setPlaying] = useState(false);
  const cancel = useRef<() => void>(() => {});
  const stop = useCallback(() => {
    cancel.current();
    setPlaying(false);
  }, []);
  const play = useCallback(() => {
    cancel.current();
    setPlaying(true);
    cancel.current = follow(lab, () => setPlaying(false));
  }, [lab]);
  useEffect(() => () => cancel.current(), []);
  return { playing, play, stop };
}

function follow({ store, actions }: LabCore, onEnd: () => void): () => void {
  const { moment } = store.getState();
  let place = moment === 'live' ? 0 : placeOf(moment, timelineEnd(store.getState()));
  let before = performance.now();
  let request = requestAnimationFrame(advance);

  function advance(now: number): void {
    place += (now - before) / wholeRun;
    before = now;
    const state = store.getState();
    const step = stepAt(place, timelineEnd(state));
    if (step >= state.step) {
      actions.seek('live');
      onEnd();
      return;
    }
    // A person watches it move.
    drawing.hand();
    actions.seek(step);
    request = requestAnimationFrame(advance);
  }

  return () => cancelAnimationFrame(request);
}
