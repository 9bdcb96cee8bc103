import { createContext, type ReactNode, useCallback, useContext, useRef, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import type { Lab as WholeLab } from '../../lab/lab.ts';
import type { LabActions, LabState } from '../../lab/state/state.ts';
import { CallError } from '../../ml/callError.ts';

/** The part of the lab that components use: state to read, actions to call and questions to ask. */
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

/** The lab, for actions and for painters that subscribe without a React render. */
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
 * Like `useLab`, but renders at most once per `milliseconds`, and always for the last change. Use it for values that change
 * at every step. The selector must depend on the state only.
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
