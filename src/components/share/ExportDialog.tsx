import { type ReactNode, useState } from 'react';
import type { ExportKind } from '../../lab/share/fileKinds.ts';
import type { LabState } from '../../lab/state/state.ts';
import { isShippedId } from '../../ml/data/shipped.ts';
import { type LabCore, useLab, useLabCore } from '../context/LabContext.tsx';
import { openRunFile } from '../intake/runIntake.ts';
import { Button } from '../shared/Button.tsx';
import { Dialog } from '../shared/Dialog.tsx';
import { FileButton } from '../shared/FileButton.tsx';
import { formatCount } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { Row, RowList } from '../shared/RowList.tsx';
import { saveFile } from '../shared/saveFile.ts';
import { useAttempt } from '../shared/useAttempt.ts';
import styles from './ExportDialog.module.css';
import { printPage } from './printPage.ts';

const offers: readonly { kind: ExportKind; name: string; extension: string; what: string }[] = [
  {
    kind: 'run',
    name: 'Whole run',
    extension: '.untangle.zip',
    what: 'Settings, seed, curves, snapshots, results and figures. Opened here, the run continues exactly where it stopped.',
  },
  {
    kind: 'parameters',
    name: 'Parameters',
    extension: '.safetensors',
    what: 'The weights at the moment shown, with PyTorch’s names and layouts.',
  },
  {
    kind: 'activations',
    name: 'Activations',
    extension: '.npz',
    what: 'Every layer’s activations for the first 100 training images at that moment, for NumPy.',
  },
  {
    kind: 'notebook',
    name: 'Notebook',
    extension: '.ipynb',
    what: 'Rebuilds the network in PyTorch, loads the parameters saved beside it, and checks accuracy and logits.',
  },
  {
    kind: 'data',
    name: 'Images',
    extension: '.npz',
    what: 'Your own images and labels, split into training and test sets, for NumPy. The notebook is saved with this file.',
  },
];

/** Saves the run or its parts as files, and opens such files. */
export default function ExportDialog({ onClose }: { onClose: () => void }) {
  const lab = useLabCore();
  const ready = useLab(({ status }) => status !== 'starting');
  const moment = useLab((state) => state.moment);
  const own = useLab(isOwn);
  const shown = offers.filter(({ kind }) => own || kind !== 'data');
  const { isBusy, problem, attempt, dismiss } = useAttempt();
  const [latest, setLatest] = useState<ExportKind | 'open'>();
  const disabled = !ready || isBusy;
  const begin = (what: ExportKind | 'open', work: () => Promise<void>) => {
    setLatest(what);
    void attempt(work);
  };

  return (
    <Dialog title="Export" onClose={onClose}>
      {moment !== 'live' && (
        <p className={styles.moment}>
          The page shows step {formatCount(moment)}; files are saved for that moment.
        </p>
      )}
      <RowList>
        {shown.map(({ kind, name, extension, what }) => (
          <Offer key={kind} name={name} extension={extension} what={what}>
            <Button
              aria-label={`Save ${name.toLowerCase()}`}
              disabled={disabled}
              onClick={() => begin(kind, () => save(lab, kind))}
            >
              {isBusy && latest === kind ? 'Saving' : 'Save'}
            </Button>
          </Offer>
        ))}
        <PrintOffer onClose={onClose} />
      </RowList>
      <OpenFile
        disabled={disabled}
        label={isBusy && latest === 'open' ? 'Opening' : 'Open a file…'}
        onFile={(file) =>
          begin('open', async () => {
            await openRunFile(lab, file);
            onClose();
          })
        }
      />
      {problem && <ErrorNotice message={problem} onDismiss={dismiss} />}
    </Dialog>
  );
}

/** Prints the page. The dialog closes first, so that only the page is printed. */
function PrintOffer({ onClose }: { onClose: () => void }) {
  return (
    <Offer
      name="Page"
      extension="on paper, or as PDF"
      what="All panels with their figures. Each panel is shown until its figures are complete."
    >
      <Button
        aria-label="Print all panels"
        onClick={() => {
          onClose();
          void printPage();
        }}
      >
        Print
      </Button>
    </Offer>
  );
}

function Offer(props: { name: string; extension: string; what: string; children: ReactNode }) {
  const { name, extension, what, children } = props;
  return (
    <Row className={styles.offer}>
      <div>
        <h3>
          {name} <span className={styles.extension}>{extension}</span>
        </h3>
        <p>{what}</p>
      </div>
      {children}
    </Row>
  );
}

function OpenFile(props: { disabled: boolean; label: string; onFile: (file: File) => void }) {
  const { disabled, label, onFile } = props;
  return (
    <Row as="div">
      <p>
        Open a run’s file here or drop it anywhere on the page. You can also open parameters of the same
        network trained elsewhere: PyTorch’s .pt and .pth, safetensors, and NumPy’s .npz. The opened file
        replaces the present run.
      </p>
      <FileButton name="A run or parameters to open" disabled={disabled} onFiles={([file]) => onFile(file)}>
        {label}
      </FileButton>
    </Row>
  );
}

/** Whether the run's data are a person's own images. */
function isOwn({ data }: LabState): boolean {
  return data !== undefined && !isShippedId(data.id);
}

async function save({ files, store }: LabCore, kind: ExportKind): Promise<void> {
  const options = { at: store.getState().moment };
  saveFile(await files.export(kind, options));
  if (kind !== 'notebook') return;
  // The notebook loads parameters, and images that no site has, from its own folder.
  saveFile(await files.export('parameters', options));
  if (isOwn(store.getState())) saveFile(await files.export('data', options));
}
