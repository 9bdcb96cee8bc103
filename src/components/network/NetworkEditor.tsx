import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { sentence, sentenceOf } from '../../lab/state/errorText.ts';
import { sameNetwork } from '../../ml/model/network.ts';
import { PRESETS, presetNetwork } from '../../ml/model/presets.ts';
import { networkText, parseNetwork } from '../../ml/model/text.ts';
import { useLab } from '../context/LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { formatCount, formatQuantity } from '../shared/format.ts';
import { DraftRowItem } from './DraftRowItem.tsx';
import {
  type Draft,
  type DraftReading,
  draftOf,
  layerToFollow,
  readDraft,
  withChanged,
  withInserted,
  withMoved,
  withoutLayer,
} from './draft.ts';
import styles from './NetworkEditor.module.css';
import { NetworkText } from './NetworkText.tsx';

interface NetworkEditorProps {
  onApply: (reading: DraftReading) => Promise<void>;
}

/** Builds a network: from a preset, from a text, or layer by layer. Nothing changes the run until Apply. */
export default function NetworkEditor({ onApply }: NetworkEditorProps) {
  const present = useLab((state) => state.network);
  const classes = useLab(({ data, network }) => data?.classNames.length ?? classesOf(network.layers));
  const { input } = present;
  const [draft, setDraft] = useState<Draft>(() => draftOf(present));
  const [applying, setApplying] = useState(false);
  const [problem, setProblem] = useState<string>();
  const list = useRef<HTMLOListElement>(null);
  /** The control to focus after the next render, because a layer was added, moved or removed. */
  const focus = useRef<string>(undefined);
  const reading = useMemo(() => readDraft(draft, { input, classes }), [draft, input, classes]);
  const { network, rows, faults, fits } = reading;
  const isPresent = sameNetwork(network, present);

  useLayoutEffect(() => {
    if (focus.current === undefined) return;
    list.current?.querySelector<HTMLElement>(`[data-focus="${focus.current}"]`)?.focus();
    focus.current = undefined;
  });

  const insert = (after: number | undefined) => {
    const added = withInserted(draft, after, layerToFollow(draft, after));
    setDraft(added.draft);
    focus.current = `kind ${added.id}`;
  };
  const remove = (id: number) => {
    const place = draft.findIndex((each) => each.id === id);
    const next = (draft[place + 1] ?? draft[place - 1])?.id;
    setDraft(withoutLayer(draft, id));
    focus.current = next === undefined ? 'first' : `kind ${next}`;
  };
  const move = (id: number, by: 1 | -1) => {
    setDraft(withMoved(draft, id, by));
    focus.current = `${by < 0 ? 'up' : 'down'} ${id}`;
  };
  const apply = async () => {
    setApplying(true);
    setProblem(undefined);
    await onApply(reading).catch((error: unknown) => setProblem(sentenceOf(error)));
    setApplying(false);
  };

  return (
    <section className={styles.editor} aria-label="Network editor">
      <fieldset className={styles.presets}>
        <legend>Begin with</legend>
        {PRESETS.map(({ id, title }) => {
          const preset = presetNetwork(id, { input, classes });
          return (
            <Button
              key={id}
              aria-pressed={sameNetwork(preset, network)}
              onClick={() => setDraft(draftOf(preset))}
            >
              {title}
            </Button>
          );
        })}
      </fieldset>
      <NetworkText
        text={networkText(network)}
        read={(text) => setDraft(draftOf(parseNetwork(text, { input, classes })))}
      />
      <ol ref={list} className={styles.rows} aria-label="Layers being edited">
        <li className={styles.first}>
          <span>
            <strong>input</strong> {input.channels} × {input.height} × {input.width}
          </span>
          <Button variant="quiet" data-focus="first" onClick={() => insert(undefined)}>
            Add a layer first
          </Button>
        </li>
        {rows.map((row) => (
          <DraftRowItem
            key={row.id ?? row.layer.kind}
            row={row}
            imageSide={input.height}
            isFirst={row.id !== undefined && row.id === draft[0]?.id}
            isLast={row.id !== undefined && row.id === draft.at(-1)?.id}
            onInsert={insert}
            onRemove={remove}
            onMove={move}
            onChange={(id, layer) => setDraft(withChanged(draft, id, layer))}
          />
        ))}
      </ol>
      {[...faults, ...(problem ? [problem] : [])].map((fault) => (
        <p key={fault} className={styles.fault} role="alert">
          {sentence(fault)}
        </p>
      ))}
      <footer className={styles.footer}>
        <p role="status">{verdict(reading)}</p>
        <Button disabled={isPresent} onClick={() => setDraft(draftOf(present))}>
          Discard changes
        </Button>
        <Button variant="primary" disabled={!fits || isPresent || applying} onClick={() => void apply()}>
          Apply, with a new run
        </Button>
      </footer>
    </section>
  );
}

function verdict({ rows, faults }: DraftReading): string {
  const wrong = rows.filter(({ fault }) => fault !== undefined).length + faults.length;
  if (wrong > 0) return `${formatQuantity(wrong, 'fault')} to mend before the network can be built.`;
  const parameters = rows.reduce((sum, row) => sum + row.parameters, 0);
  const multiplyAdds = rows.reduce((sum, row) => sum + row.multiplyAdds, 0);
  return `${formatQuantity(parameters, 'parameter')}, ${formatCount(multiplyAdds)} multiply-adds an image.`;
}

function classesOf(layers: readonly { kind: string; outputs?: number }[]): number {
  return layers.findLast(({ kind }) => kind === 'linear')?.outputs ?? 10;
}
