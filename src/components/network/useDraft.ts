import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { UnnamedLayer } from '../../ml/model/names.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';
import {
  type Draft,
  draftOf,
  layerToFollow,
  readDraft,
  withChanged,
  withInserted,
  withMoved,
  withoutLayer,
} from './draft.ts';

/** A network being edited. Its changes move the focus to the control of the layer that was added, moved or removed. */
export function useDraft(present: NetworkDescription, classes: number) {
  const { input } = present;
  const [draft, setDraft] = useState<Draft>(() => draftOf(present));
  const list = useRef<HTMLOListElement>(null);
  /** The control to focus after the next render. */
  const focus = useRef<string>(undefined);
  const reading = useMemo(() => readDraft(draft, { input, classes }), [draft, input, classes]);

  useLayoutEffect(() => {
    if (focus.current === undefined) return;
    list.current?.querySelector<HTMLElement>(`[data-focus="${focus.current}"]`)?.focus();
    focus.current = undefined;
  });

  return {
    draft,
    list,
    reading,
    replace: (network: NetworkDescription) => setDraft(draftOf(network)),
    change: (id: number, layer: UnnamedLayer) => setDraft(withChanged(draft, id, layer)),
    insert(after: number | undefined) {
      const added = withInserted(draft, after, layerToFollow(draft, after));
      setDraft(added.draft);
      focus.current = `kind ${added.id}`;
    },
    remove(id: number) {
      const place = draft.findIndex((each) => each.id === id);
      const next = (draft[place + 1] ?? draft[place - 1])?.id;
      setDraft(withoutLayer(draft, id));
      focus.current = next === undefined ? 'first' : `kind ${next}`;
    },
    move(id: number, by: 1 | -1) {
      setDraft(withMoved(draft, id, by));
      focus.current = `${by < 0 ? 'up' : 'down'} ${id}`;
    },
  };
}
