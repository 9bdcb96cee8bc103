import {
  createContext,
  type ReactNode,
  type RefObject,
  useCallback,
  useContext,
  useRef,
  useSyncExternalStore,
} from 'react';
import { type StoreApi, useStore } from 'zustand';
import type { LabCore as WholeCore, Lab as WholeLab } from '../../lab/lab.ts';
import type { LabActions, LabState } from '../../lab/state/state.ts';
import { CallError } from '../../ml/callError.ts';
import { drawing } from '../drawing/drawing.ts';

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

type ReadonlyStore<State> = Pick<StoreApi<State>, 'getState' | 'subscribe'>;

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

/** Re-renders when the selected value changes; select small, stable values. */
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

/** The element whose parts need no render while it is out of view. */
export const PlaceContext = createContext<RefObject<HTMLElement | null> | undefined>(undefined);

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
): T {
  const place = useContext(PlaceContext);
  const select = useRef(selector);
  const kept = useRef<{ store: ReadonlyStore<State>; value: T } | undefined>(undefined);

  const subscribe = useCallback(
    (notify: () => void) => {
      const refresh = () => {
        kept.current = { store, value: select.current(store.getState()) };
        notify();
      };
      const element = place?.current ?? undefined;
      const drawer = drawing.add(refresh, { element, pace: milliseconds, handPace: HAND_PACE });
      const unsubscribe = store.subscribe(drawer.request);
      // The state may have changed between the first render and this subscription.
      refresh();
      return () => {
        unsubscribe();
        drawer.remove();
      };
    },
    [store, milliseconds, place],
  );
  const read = useCallback(() => {
    if (kept.current?.store !== store) kept.current = { store, value: select.current(store.getState()) };
    return kept.current.value;
  }, [store]);
  return useSyncExternalStore(subscribe, read);
}

/** The whole state, for `usePaced`. */
export function everything<State>(state: State): State {
  return state;
}
