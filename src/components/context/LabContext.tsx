import { createContext, type ReactNode, useCallback, useContext, useRef, useSyncExternalStore } from 'react';
import type { LabCore as WholeCore, Lab as WholeLab } from '../../lab/lab.ts';
import type { LabActions, LabState } from '../../lab/state/state.ts';
import { CallError } from '../../ml/callError.ts';
import { drawing } from '../drawing/drawing.ts';
import type { ReadonlyStore } from './heldStore.ts';
import { useHeld, useStore } from './useStore.ts';

/** The parts of the lab that the first paint's components use, and the bodies of Train, Filters and the timeline. */
export type LabCore = Pick<
  WholeCore,
  | 'whole'
  | 'store'
  | 'actions'
  | 'questions'
  | 'pageUrl'
  | 'files'
  | 'keep'
  | 'comparison'
  | 'openKept'
  | 'dataSets'
  | 'ownImages'
>;

/** The parts of the lab that the other panels use: state to read, actions to call and questions to ask. */
export type Lab = LabCore &
  Pick<
    WholeLab,
    | 'images'
    | 'imageInspection'
    | 'magnitudes'
    | 'momentWeights'
    | 'gallery'
    | 'confusion'
    | 'analysis'
    | 'spectrum'
    | 'layerSpectra'
    | 'geometry'
    | 'metamers'
    | 'secondNetwork'
    | 'attacks'
    | 'overTraining'
    | 'comparedGeometry'
    | 'similarity'
    | 'simulatedCapacities'
    | 'activations'
  >;

const LabContext = createContext<LabCore | undefined>(undefined);

export function LabProvider({ lab, children }: { lab: LabCore; children: ReactNode }) {
  return <LabContext value={lab}>{children}</LabContext>;
}

/** The lab's first part, for actions and for painters that subscribe without a React render. */
export function useLabCore(): LabCore {
  const lab = useContext(LabContext);
  if (!lab) throw new CallError('useLabCore', 'expected a <LabProvider> above this component, found none');
  return lab;
}

/** The whole lab, for bodies that mount after `lab.whole()`. */
export function useLabHandle(): Lab {
  const lab = useLabCore();
  if (!isWhole(lab)) {
    throw new CallError(
      'useLabHandle',
      'expected the whole lab, found its first part. Await lab.whole() first.',
    );
  }
  return lab;
}

function isWhole(lab: LabCore): lab is Lab {
  return 'images' in lab;
}

export function useLabActions(): LabActions {
  return useLabCore().actions;
}

/** `useStore` for the lab's state. */
export function useLab<T>(selector: (state: LabState) => T): T {
  return useStore(useLabCore().store, selector);
}

const noNames: readonly string[] = [];

/** The names of the data's classes; none before the data have arrived. */
export function useClassNames(): readonly string[] {
  return useLab((state) => state.data?.classNames ?? noNames);
}

/** Milliseconds between two renders of texts in a drag: nobody reads 60 numbers a second, and renders cost frames. */
const HAND_PACE = 60;

/**
 * Like `useLab`, but renders within the drawing budget, at most once per `milliseconds`, and always for the last change. Use
 * it for values that change at every step. The selector must depend on the state only.
 */
export function useLabPaced<T>(selector: (state: LabState) => T, milliseconds = 240): T {
  return usePaced(useLabCore().store, selector, milliseconds);
}

/** `useLabPaced` for another store, such as that of an answer that follows training. */
export function usePaced<State, T>(
  store: ReadonlyStore<State>,
  selector: (state: State) => T,
  milliseconds = 240,
  handMilliseconds = HAND_PACE,
): T {
  const held = useHeld(store);
  const select = useRef(selector);
  const kept = useRef<{ store: ReadonlyStore<State>; value: T } | undefined>(undefined);

  const subscribe = useCallback(
    (notify: () => void) => {
      const refresh = () => {
        kept.current = { store: held, value: select.current(held.getState()) };
        notify();
      };
      const drawer = drawing.add(refresh, { pace: milliseconds, handPace: handMilliseconds });
      const unsubscribe = held.subscribe(drawer.request);
      // The state may have changed between the first render and this subscription.
      refresh();
      return () => {
        unsubscribe();
        drawer.remove();
      };
    },
    [held, milliseconds, handMilliseconds],
  );
  const read = useCallback(() => {
    if (kept.current?.store !== held) kept.current = { store: held, value: select.current(held.getState()) };
    return kept.current.value;
  }, [held]);
  return useSyncExternalStore(subscribe, read);
}
