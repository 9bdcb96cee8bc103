import { useId, useState } from 'react';
import { sentence } from '../../lab/state/errorText.ts';
import { readNumber } from '../../ml/expressions/typed.ts';
import type { UnnamedLayer } from '../../ml/model/names.ts';
import { Button } from '../shared/Button.tsx';
import { formatQuantity } from '../shared/format.ts';
import { Icon } from '../shared/Icon.tsx';
import { type DraftRow, type EditedKind, newLayer } from './draft.ts';
import { LayerGlyph } from './LayerGlyph.tsx';
import { shapeText } from './layerViews.ts';
import styles from './NetworkEditor.module.css';

interface DraftRowItemProps {
  row: DraftRow;
  imageSide: number;
  isFirst: boolean;
  isLast: boolean;
  onInsert: (after: number) => void;
  onRemove: (id: number) => void;
  onMove: (id: number, by: 1 | -1) => void;
  onChange: (id: number, layer: UnnamedLayer) => void;
}

const kinds: readonly { value: EditedKind; label: string }[] = [
  { value: 'conv', label: 'Convolution' },
  { value: 'relu', label: 'ReLU' },
  { value: 'maxPool', label: 'Max-pool' },
  { value: 'dropout', label: 'Dropout' },
  { value: 'linear', label: 'Linear (fc)' },
];

/** Descriptions of the layers that every network has and that cannot be edited. */
const implied: Record<string, string> = {
  flatten: 'Turns the maps into one list of units.',
  linear: 'Has one output for each class of the data.',
  logSoftmax: 'Turns the outputs into log-probabilities.',
};

/** One layer being edited: its settings, its output, its fault, and the buttons to move, remove and add. */
export function DraftRowItem({ row, imageSide, ...rest }: DraftRowItemProps) {
  const { id, layer, shape, parameters, fault } = row;
  const faultId = useId();
  return (
    <li className={`${styles.row} ${fault ? styles.wrong : ''}`}>
      <span className={styles.glyph}>{shape && <LayerGlyph shape={shape} imageSide={imageSide} />}</span>
      <strong>{layer.name}</strong>
      {id === undefined ? (
        <span className={styles.implied}>{implied[layer.kind]}</span>
      ) : (
        <Settings id={id} layer={layer} faultId={fault && faultId} onChange={rest.onChange} />
      )}
      <span className={styles.becomes}>
        {shape ? shapeText(shape) : '–'}
        {parameters > 0 && <small>{formatQuantity(parameters, 'parameter')}</small>}
      </span>
      {id !== undefined && <Tools id={id} name={layer.name} {...rest} />}
      {fault && (
        <p id={faultId} className={styles.fault} role="alert">
          {sentence(fault)}
        </p>
      )}
    </li>
  );
}

function Tools({
  id,
  name,
  isFirst,
  isLast,
  onInsert,
  onRemove,
  onMove,
}: { id: number; name: string } & Omit<DraftRowItemProps, 'row' | 'imageSide' | 'onChange'>) {
  return (
    <span className={styles.tools}>
      <Button
        variant="quiet"
        icon
        data-focus={`up ${id}`}
        aria-label={`Move ${name} up`}
        title="Move up"
        aria-disabled={isFirst}
        onClick={() => onMove(id, -1)}
      >
        <Icon name="fold" />
      </Button>
      <Button
        variant="quiet"
        icon
        data-focus={`down ${id}`}
        aria-label={`Move ${name} down`}
        title="Move down"
        aria-disabled={isLast}
        onClick={() => onMove(id, 1)}
      >
        <Icon name="unfold" />
      </Button>
      <Button variant="quiet" icon aria-label={`Remove ${name}`} title="Remove" onClick={() => onRemove(id)}>
        <Icon name="close" />
      </Button>
      <Button variant="quiet" aria-label={`Add after ${name}`} onClick={() => onInsert(id)}>
        Add after
      </Button>
    </span>
  );
}

interface SettingsProps {
  id: number;
  layer: DraftRow['layer'];
  /** Id of the fault's text, if there is one. */
  faultId?: string;
  onChange: DraftRowItemProps['onChange'];
}

function Settings({ id, layer, faultId, onChange }: SettingsProps) {
  const { name, ...settings } = layer;
  const number = (label: string, value: number, take: (value: number) => UnnamedLayer) => (
    <SettingNumber
      label={label}
      owner={name}
      value={value}
      faultId={faultId}
      onChange={(next) => onChange(id, take(next))}
    />
  );
  return (
    <span className={styles.settings}>
      <select
        className={styles.kind}
        data-focus={`kind ${id}`}
        aria-label={`Kind of ${name}`}
        aria-describedby={faultId}
        value={layer.kind}
        onChange={({ target }) => onChange(id, newLayer(kinds[target.selectedIndex].value))}
      >
        {kinds.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      {settings.kind === 'conv' && (
        <>
          {number('filters', settings.filters, (filters) => ({ ...settings, filters }))}
          {number('kernel', settings.kernelSize, (kernelSize) => ({ ...settings, kernelSize }))}
          <label className={styles.check}>
            <input
              type="checkbox"
              aria-label={`keep size of ${name}`}
              checked={settings.padding === 'same'}
              onChange={({ target }) => {
                const { padding: _, ...valid } = settings;
                onChange(id, target.checked ? { ...valid, padding: 'same' } : valid);
              }}
            />
            keep size
          </label>
        </>
      )}
      {settings.kind === 'maxPool' && number('size', settings.size, (size) => ({ ...settings, size }))}
      {settings.kind === 'dropout' && number('rate', settings.rate, (rate) => ({ ...settings, rate }))}
      {settings.kind === 'linear' &&
        number('units', settings.outputs, (outputs) => ({ ...settings, outputs }))}
    </span>
  );
}

interface SettingNumberProps {
  label: string;
  /** The layer's name. */
  owner: string;
  value: number;
  faultId?: string;
  onChange: (value: number) => void;
}

/** A number that takes effect while a person types. Text that is not a number becomes NaN, a fault of the layer. */
function SettingNumber({ label, owner, value, faultId, onChange }: SettingNumberProps) {
  const [typed, setTyped] = useState<string>();
  const shown = typed !== undefined && Object.is(numberIn(typed), value) ? typed : String(value);
  return (
    <label className={styles.number}>
      {label}
      <input
        type="text"
        inputMode="decimal"
        autoComplete="off"
        aria-label={`${label} of ${owner}`}
        aria-invalid={faultId !== undefined}
        aria-describedby={faultId}
        value={shown}
        onChange={({ target }) => {
          setTyped(target.value);
          onChange(numberIn(target.value));
        }}
      />
    </label>
  );
}

function numberIn(text: string): number {
  const typed = readNumber(text, { whole: false });
  return 'value' in typed ? typed.value : Number.NaN;
}
