import { sentence } from '../../lab/state/errorText.ts';
import { type InputShape, sameNetwork } from '../../ml/model/network.ts';
import { PRESETS, presetNetwork } from '../../ml/model/presets.ts';
import { networkText, parseNetwork } from '../../ml/model/text.ts';
import { useLab } from '../context/LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { formatCount, formatQuantity } from '../shared/format.ts';
import { useAttempt } from '../shared/useAttempt.ts';
import { DraftRowItem } from './DraftRowItem.tsx';
import type { DraftReading } from './draft.ts';
import styles from './NetworkEditor.module.css';
import { NetworkText } from './NetworkText.tsx';
import { useDraft } from './useDraft.ts';

interface NetworkEditorProps {
  onApply: (reading: DraftReading) => Promise<void>;
}

/** Builds a network: from a preset, from a text, or layer by layer. Nothing changes the run until Apply. */
export default function NetworkEditor({ onApply }: NetworkEditorProps) {
  const present = useLab((state) => state.network);
  const classes = useLab(({ data, network }) => data?.classNames.length ?? classesOf(network.layers));
  const { input } = present;
  const editing = useDraft(present, classes);
  const { reading } = editing;
  const { network } = reading;
  const { isBusy, problem, attempt } = useAttempt();
  const isPresent = sameNetwork(network, present);

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
              onClick={() => editing.replace(preset)}
            >
              {title}
            </Button>
          );
        })}
      </fieldset>
      <NetworkText
        text={networkText(network)}
        read={(text) => editing.replace(parseNetwork(text, { input, classes }))}
      />
      <DraftRows input={input} {...editing} />
      {[...reading.faults, ...(problem ? [problem] : [])].map((fault) => (
        <p key={fault} className={styles.fault} role="alert">
          {sentence(fault)}
        </p>
      ))}
      <footer className={styles.footer}>
        <p role="status">{verdict(reading)}</p>
        <Button disabled={isPresent} onClick={() => editing.replace(present)}>
          Discard changes
        </Button>
        <Button
          variant="primary"
          disabled={!reading.fits || isPresent || isBusy}
          onClick={() => void attempt(() => onApply(reading))}
        >
          Apply and start a new run
        </Button>
      </footer>
    </section>
  );
}

interface DraftRowsProps extends ReturnType<typeof useDraft> {
  input: InputShape;
}

/** The layers being edited, below the input. */
function DraftRows({ input, draft, list, reading, insert, remove, move, change }: DraftRowsProps) {
  return (
    <ol ref={list} className={styles.rows} aria-label="Layers being edited">
      <li className={styles.first}>
        <span>
          <strong>input</strong> {input.channels} × {input.height} × {input.width}
        </span>
        <Button variant="quiet" data-focus="first" onClick={() => insert(undefined)}>
          Add a layer at the start
        </Button>
      </li>
      {reading.rows.map((row) => (
        <DraftRowItem
          key={row.id ?? row.layer.kind}
          row={row}
          imageSide={input.height}
          isFirst={row.id !== undefined && row.id === draft[0]?.id}
          isLast={row.id !== undefined && row.id === draft.at(-1)?.id}
          onInsert={insert}
          onRemove={remove}
          onMove={move}
          onChange={change}
        />
      ))}
    </ol>
  );
}

function verdict({ rows, faults }: DraftReading): string {
  const wrong = rows.filter(({ fault }) => fault !== undefined).length + faults.length;
  if (wrong > 0) return `Fix ${formatQuantity(wrong, 'fault')} before the network can be built.`;
  const parameters = rows.reduce((sum, row) => sum + row.parameters, 0);
  const multiplyAdds = rows.reduce((sum, row) => sum + row.multiplyAdds, 0);
  return `${formatQuantity(parameters, 'parameter')}, ${formatCount(multiplyAdds)} multiply-adds an image.`;
}

function classesOf(layers: readonly { kind: string; outputs?: number }[]): number {
  return layers.findLast(({ kind }) => kind === 'linear')?.outputs ?? 10;
}
