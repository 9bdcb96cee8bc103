import { createContext, type ReactNode, useCallback, useContext, useRef, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import type { Lab as WholeLab } from '../../lab/lab.ts';
import type { LabActions, LabState } from '../../lab/state/state.ts';
import { CallError } from '../../ml/callError.ts';

/** What the components get: the state to read, the actions to call and the questions to ask. */
export type Lab = Pick<
  WholeLab,
  | 'store'
  | 'actions'
  | 'questions'
  | 'images'
  | 'looking'
  | 'gallery'
  | 'confusion'
  | 'spectrum'
  | 'geometry'
  | 'metamers'
  | 'secondNetwork'
  | 'attacks'
  | 'overTraining'
  | 'pageUrl'
  | 'files'
  | 'keep'
  | 'comparison'
  | 'comparedGeometry'
  | 'simulatedCapacities'
  | 'openKept'
>;

const LabContext = createContext<Lab | undefined>(undefined);

export function LabProvider({ lab, children }: { lab: Lab; children: ReactNode }) {
  return <LabContext value={lab}>{children}</LabContext>;
}

/** The lab itself, for actions and for painters that subscribe without re-rendering React. */
export function useLabHandle(): Lab {
  const lab = useContext(LabContext);
  if (!lab) throw new CallError('useLabHandle', 'expected a <LabProvider> above this component, found none');
  return lab;
}

export function useLabActions(): LabActions {
  return useLabHandle().actions;
}

/** Re-renders when the selected value changes; select small, stable values. */
export function useLab<T>(selector: (state: LabState) => T): T {
  return useStore(useLabHandle().store, selector);
}

/**
 * Like `useLab`, but at most once in so many milliseconds, the last change included: for what changes with
 * every step. The selector must depend on the state only.
 */
export function useLabPaced<T>(selector: (state: LabState) => T, milliseconds = 200): T {
  const { store } = useLabHandle();
  const select = useRef(selector);
  const kept = useRef<{ value: T } | undefined>(undefined);

  const subscribe = useCallback(
    (notify: () => void) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let last = 0;
      const refresh = () => {
        timer = undefined;
        last = performance.now();
        kept.current = { value: select.current(store.getState()) };
        notify();
      };
      const unsubscribe = store.subscribe(() => {
        timer ??= setTimeout(refresh, Math.max(0, last + milliseconds - performance.now()));
      });
      // The state may have changed between the first render and this subscription.
      refresh();
      return () => {
        unsubscribe();
        clearTimeout(timer);
      };
    },
    [store, milliseconds],
  );
  const read = useCallback(() => {
    kept.current ??= { value: select.current(store.getState()) };
    return kept.current.value;
  }, [store]);
  return useSyncExternalStore(subscribe, read);
}
