import { type ComponentType, useMemo, useRef, useState } from 'react';
import type { Magnitudes } from '../../lab/images/magnitudes.ts';
import { chosenLayer } from '../../lab/state/chosenLayer.ts';
import { sentenceOf } from '../../lab/state/errorText.ts';
import { shapeOf } from '../../lab/state/networkShape.ts';
import { presetNetwork, presetOf } from '../../ml/model/presets.ts';
import { networkText } from '../../ml/model/text.ts';
import { isHidden } from '../context/hidden.ts';
import { useLab, useLabActions, useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { formatCount, formatQuantity, formatValue } from '../shared/format.ts';
import { ErrorNotice, Notice } from '../shared/Notice.tsx';
import { pictureShape } from '../shared/pictureShape.ts';
import { pixelsUrl } from '../shared/pixelsUrl.ts';
import { useWhileInView } from '../shared/useWhileInView.ts';
import { applyNetwork, type Undo } from './applyNetwork.ts';
import type { DraftReading } from './draft.ts';
import { LayerGlyph } from './LayerGlyph.tsx';
import { type LayerView, layerViews, shapeText } from './layerViews.ts';
import styles from './NetworkStrip.module.css';

type EditorProps = { onApply: (reading: DraftReading) => Promise<void> };

/** The page's map: the image and every layer of the network. A click chooses the layer in every panel. */
export default function NetworkStrip() {
  const { magnitudes: follow } = useLabHandle();
  const place = useRef<HTMLDivElement>(null);
  const network = useLab((state) => state.network);
  const chosen = useLab(chosenLayer);
  const isFrozen = useLab(({ hidden }) => isHidden(hidden, 'settings') || isHidden(hidden, 'reset'));
  const found = useStore(follow.store, (state) => state.magnitudes);
  useWhileInView(place, follow.watch);
  const [problem, setProblem] = useState<string>();
  const report = (error: unknown) => setProblem(sentenceOf(error));
  const { editor, isOpen, toggle, undoNotice } = useEditor(report);
  const views = useMemo(() => layerViews(network), [network]);
  // Until the new network's magnitudes are known, the boxes have no tint.
  const magnitudes = found?.network === network ? found : undefined;
  const parameters = views.reduce((sum, view) => sum + view.parameters, 0);

  return (
    <div ref={place} className={styles.strip}>
      <header className={styles.header}>
        <h2 className={styles.title}>{presetOf(network)?.title ?? 'Own network'}</h2>
        <p className={styles.summary} title={networkText(network)}>
          {formatQuantity(parameters, 'parameter')}
        </p>
        <Reading views={views} chosen={chosen} magnitudes={magnitudes} />
        {!isFrozen && <RecordedLenet onProblem={report} />}
        {!isFrozen && (
          <Button aria-expanded={isOpen} onClick={toggle}>
            {isOpen ? 'Close the editor' : 'Edit network'}
          </Button>
        )}
      </header>
      {problem && <ErrorNotice message={problem} onDismiss={() => setProblem(undefined)} />}
      <ol className={styles.boxes} aria-label="Layers of the network">
        {views.map((view) => (
          <li key={view.name}>
            <Box view={view} imageSide={network.input.height} chosen={chosen} magnitudes={magnitudes} />
          </li>
        ))}
      </ol>
      {undoNotice}
      {editor}
    </div>
  );
}

/** The editor, fetched at its first use, with Undo for the network that the editor has applied. */
function useEditor(report: (error: unknown) => void) {
  const lab = useLabHandle();
  const [undo, setUndo] = useState<Undo>();
  const [Editor, setEditor] = useState<ComponentType<EditorProps>>();
  const close = () => setEditor(undefined);
  const open = () =>
    void import('./NetworkEditor.tsx').then((module) => setEditor(() => module.default), report);
  const take = async ({ network }: DraftReading) => {
    setUndo(await applyNetwork(lab, network));
    close();
  };
  const undoNotice = undo && (
    <Notice
      action={
        <>
          <Button onClick={() => void undo.take().then(() => setUndo(undefined), report)}>Undo</Button>
          <Button variant="quiet" onClick={() => setUndo(undefined)}>
            Dismiss
          </Button>
        </>
      }
    >
      The new network begins a new run. Undo goes back to {undo.run}.
    </Notice>
  );
  return {
    isOpen: Editor !== undefined,
    toggle: Editor ? close : open,
    editor: Editor && <Editor onApply={take} />,
    undoNotice,
  };
}

interface BoxProps {
  view: LayerView;
  imageSide: number;
  chosen?: string;
  magnitudes?: Magnitudes;
}

function Box({ view, imageSide, chosen, magnitudes }: BoxProps) {
  const { chooseLayer } = useLabActions();
  const input = useLab((state) => state.network.input);
  const { name, kind, shape, parameters } = view;
  const isSmall = kind !== 'input' && kind !== 'conv' && kind !== 'linear';
  return (
    <button
      type="button"
      className={`${styles.box} ${isSmall ? styles.small : ''}`}
      aria-pressed={name === chosen}
      title={layerText(view, magnitudes)}
      onClick={() => chooseLayer(name)}
    >
      {kind === 'input' && magnitudes ? (
        <img
          className={styles.image}
          src={pixelsUrl(magnitudes.image.pixels, pictureShape(magnitudes.image.pixels.length, input))}
          alt=""
        />
      ) : (
        <LayerGlyph
          shape={shape}
          imageSide={imageSide}
          activations={shareOf(magnitudes?.activations, name)}
          weights={parameters > 0 ? (shareOf(magnitudes?.weights, name) ?? 0) : undefined}
        />
      )}
      <span className={styles.name}>{name}</span>
      <span className={styles.shape}>{shapeText(shape)}</span>
      <span className={styles.parameters}>{parameters > 0 ? formatCount(parameters) : '\u00a0'}</span>
    </button>
  );
}

/** A layer's magnitude as a share of the largest. The input's would hide the others. */
function shareOf(magnitudes: ReadonlyMap<string, number> | undefined, name: string): number | undefined {
  const own = magnitudes?.get(name);
  if (!magnitudes || own === undefined) return undefined;
  const others = [...magnitudes].filter(([layer]) => layer !== 'input' && layer !== 'logSoftmax');
  const most = Math.max(...others.map(([, value]) => value));
  return most > 0 ? Math.min(1, own / most) : 0;
}

/** The chosen layer's numbers. The line is always there, so that nothing moves. */
function Reading({
  views,
  chosen,
  magnitudes,
}: Omit<BoxProps, 'view' | 'imageSide'> & { views: LayerView[] }) {
  const view = views.find(({ name }) => name === chosen);
  return (
    <p className={styles.reading} role="status">
      {view ? layerText(view, magnitudes) : 'Choose a layer to see it in every panel.'}
    </p>
  );
}

function layerText({ name, settings, shape, parameters }: LayerView, magnitudes?: Magnitudes): string {
  const weight = magnitudes?.weights.get(name);
  const activation = magnitudes?.activations.get(name);
  return [
    settings ? `${name}: ${settings}` : name,
    `output ${shapeText(shape)}`,
    parameters > 0 && formatQuantity(parameters, 'parameter'),
    weight !== undefined && `mean |weight| ${formatValue(weight)}`,
    activation !== undefined && `mean |activation| ${formatValue(activation)}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** Offers the recorded run of a deeper network, as long as no training would be lost. */
function RecordedLenet({ onProblem }: { onProblem: (error: unknown) => void }) {
  const { files, actions } = useLabHandle();
  const isOffered = useLab(
    ({ step, recorded, status }) =>
      recorded !== 'lenet' && (recorded !== false || (step === 0 && status === 'idle')),
  );
  const [opening, setOpening] = useState(false);
  if (!isOffered) return null;
  const open = async () => {
    setOpening(true);
    try {
      await files.openRecorded({ id: 'lenet' });
      // Training then begins with the network that is shown.
      actions.set(shapeOf(presetNetwork('lenet')));
    } catch (error) {
      onProblem(error);
    }
    setOpening(false);
  };
  return (
    <Button disabled={opening} onClick={() => void open()}>
      {opening ? 'Opening …' : 'Show a recorded run of LeNet'}
    </Button>
  );
}
