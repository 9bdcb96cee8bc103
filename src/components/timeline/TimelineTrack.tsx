import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import type { Moment } from '../../lab/state/state.ts';
import { type LabCore, useLab, useLabCore, useLabPaced } from '../context/LabContext.tsx';
import { setScrubbed } from '../drawing/dragged.ts';
import { paint } from '../painter/paint.ts';
import { readColors } from '../shared/colors.ts';
import { keepDrawn } from '../shared/keepDrawn.ts';
import { moveOf } from '../shared/moveOf.ts';
import { spokenMoment } from './momentText.ts';
import styles from './TimelineTrack.module.css';
import { timelineEnd } from './timelineEnd.ts';
import { TimelinePicture } from './timelinePicture.ts';
import { placeOf, stepAt } from './timelineScale.ts';

interface TimelineTrackProps {
  /** Called when a person starts to move the timeline. */
  onTake: () => void;
  onPlay: () => void;
}

/** Milliseconds between two drawings of the run, as for the readings beside the track. Only the cursor follows a drag. */
const PACE = 240;
/** Snapshots from Page Up to Page Down. */
const page = 10;

/** A slider over the run's snapshots; the rightmost position is live. */
export function TimelineTrack({ onTake, onPlay }: TimelineTrackProps) {
  const lab = useLabCore();
  const { store, actions } = lab;
  const { track, canvas, cursor } = useTrackDrawing(store);
  const dragging = useDragging((place) => actions.seek(momentNear(lab, place)), onTake);
  useLabPaced(({ step, moment }) => `${step} ${moment}`);
  // Read at each render: a few times a second, and at the end of a drag.
  const { step: newest, moment } = store.getState();
  const spoken = spokenMoment(store.getState());
  // The hint would cover an existing curve, such as that of a run being opened.
  const empty = useLab((state) => state.snapshots.length < 2 && state.history.length === 0);

  const steer = (event: KeyboardEvent) => {
    const plays = event.key === ' ' || event.key === 'Enter';
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = plays ? undefined : momentAfterKey(lab, event);
    if (plays || next !== undefined) event.preventDefault();
    if (plays) onPlay();
    if (next === undefined) return;
    onTake();
    actions.seek(next);
  };

  return (
    <div
      ref={track}
      className={`${styles.track} ${moment === 'live' ? styles.live : ''}`}
      role="slider"
      tabIndex={0}
      aria-label="Moment of the run"
      aria-valuemin={0}
      aria-valuemax={newest}
      aria-valuenow={moment === 'live' ? newest : moment}
      aria-valuetext={spoken}
      {...dragging}
      onKeyDown={steer}
    >
      <canvas ref={canvas} className={styles.canvas} />
      {empty && (
        <p className={styles.empty}>
          Snapshots of the run appear here during training; drag to go back in time.
        </p>
      )}
      <div ref={cursor} className={styles.cursor} />
    </div>
  );
}

/** Draws the run and the cursor of the moment shown. Returns the elements to place. */
function useTrackDrawing(store: LabCore['store']) {
  const track = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const cursor = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current: paper } = canvas;
    const { current: line } = cursor;
    const { current: area } = track;
    if (!paper || !line || !area) return;
    const picture = new TimelinePicture();
    // Read once: reading a style in a drawing may lay out the page.
    const { fontFamily: family } = getComputedStyle(area);
    /** The right edge of the drawn run, by which the cursor goes too: the run's own edge may have moved since. */
    let end = timelineEnd(store.getState());
    const run = keepDrawn(area, {
      draw({ width, height }) {
        const state = store.getState();
        end = timelineEnd(state);
        place.request();
        const size = { width, height, end };
        if (width > 0) paint(paper, picture.read(state, size, { colors: readColors(), family }));
      },
      subscribe: (redraw) =>
        store.subscribe((now, before) => {
          const isOther =
            now.history !== before.history ||
            now.snapshots !== before.snapshots ||
            now.settings !== before.settings;
          if (isOther) redraw();
        }),
      pace: PACE,
      handPace: PACE,
    });
    const place = keepDrawn(area, {
      draw({ width }) {
        const state = store.getState();
        const step = state.moment === 'live' ? state.step : state.moment;
        line.style.transform = `translateX(${placeOf(step, end) * width}px)`;
      },
      subscribe: (redraw) =>
        store.subscribe((now, before) => {
          const isOther =
            now.moment !== before.moment || now.step !== before.step || now.settings !== before.settings;
          if (isOther) redraw();
        }),
      pace: PACE,
    });
    for (const drawer of [run, place]) drawer.request();
    return () => {
      for (const drawer of [run, place]) drawer.stop();
    };
  }, [store]);
  return { track, canvas, cursor };
}

/**
 * A drag along the track seeks the place under the pointer, as a share of the track's width. Its start and its end render the
 * component.
 */
function useDragging(seek: (place: number) => void, onTake: () => void) {
  const drag = useRef<{ left: number; width: number } | undefined>(undefined);
  const [, setDragging] = useState(false);
  const seekTo = (clientX: number) => {
    if (drag.current) seek((clientX - drag.current.left) / drag.current.width);
  };
  const release = () => {
    drag.current = undefined;
    setDragging(false);
    setScrubbed(false);
  };
  return {
    onPointerDown(event: PointerEvent<HTMLDivElement>) {
      if (event.button !== 0) return;
      onTake();
      const { left, width } = event.currentTarget.getBoundingClientRect();
      drag.current = { left, width };
      setDragging(true);
      setScrubbed(true);
      event.currentTarget.setPointerCapture(event.pointerId);
      seekTo(event.clientX);
    },
    onPointerMove: (event: PointerEvent) => seekTo(event.clientX),
    onPointerUp: release,
    onPointerCancel: release,
    onLostPointerCapture: release,
  };
}

/** The snapshot nearest to a position on the track; live beyond the last snapshot. */
function momentNear({ store }: LabCore, place: number): Moment {
  const state = store.getState();
  const step = stepAt(place, timelineEnd(state));
  const last = state.snapshots.at(-1)?.step ?? 0;
  return step > (last + state.step) / 2 || step >= state.step ? 'live' : step;
}

function momentAfterKey({ store }: LabCore, event: KeyboardEvent): Moment | undefined {
  const { snapshots, moment, step } = store.getState();
  // Live is one stop after the last snapshot, and replaces a snapshot of the same step.
  const stops: Moment[] = snapshots.filter((snapshot) => snapshot.step < step).map(({ step }) => step);
  stops.push('live');
  const found = stops.findIndex((stop) => stop === 'live' || (moment !== 'live' && stop >= moment));
  const here = moment === 'live' ? stops.length - 1 : found;
  const next = moveOf(event, {
    ArrowLeft: here - 1,
    ArrowDown: here - 1,
    ArrowRight: here + 1,
    ArrowUp: here + 1,
    PageDown: here - page,
    PageUp: here + page,
    Home: 0,
    End: stops.length - 1,
  });
  return next === undefined ? undefined : stops[Math.min(stops.length - 1, Math.max(0, next))];
}
