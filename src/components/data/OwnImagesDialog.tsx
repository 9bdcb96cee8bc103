import { useState } from 'react';
import { DEFAULT_HELD_OUT, heldOutOf } from '../../ml/imageFiles/heldOut.ts';
import type { ImagesPreview } from '../../ml/imageFiles/ownData.ts';
import { useLabCore } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { Dialog } from '../shared/Dialog.tsx';
import { formatBytes, formatCount } from '../shared/format.ts';
import { ErrorNotice, Notice } from '../shared/Notice.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import { SeedField } from '../shared/SeedField.tsx';
import { NumberField, TextField } from '../shared/TextField.tsx';
import styles from './OwnImagesDialog.module.css';
import { SampleImages } from './SampleImages.tsx';

/** A person's own images before they are taken: progress, a question, an error, or a preview. */
export default function OwnImagesDialog() {
  const { ownImages } = useLabCore();
  const { name, progress, preview, question, problem } = useStore(ownImages.store);
  return (
    <Dialog title="Your own images" onClose={ownImages.cancel}>
      {progress && !preview && (
        <>
          <ProgressBar
            label={`Reading “${name}”`}
            value={progress.done}
            total={progress.total}
            text={`${formatCount(progress.done)}${progress.total > 0 ? ` of ${formatCount(progress.total)}` : ''} ${progress.what}`}
          />
          <p className={styles.about}>
            The files stay on this machine.
            {progress.bytes !== undefined &&
              ` Reading the images takes ${formatBytes(progress.bytes)} of memory.`}
          </p>
          <Button onClick={ownImages.cancel}>Cancel</Button>
        </>
      )}
      {question && (
        <>
          <p>{question}</p>
          <div className={styles.actions}>
            <Button onClick={() => void ownImages.answer('planes')}>Planes</Button>
            <Button onClick={() => void ownImages.answer('pixels')}>Pixel by pixel</Button>
          </div>
        </>
      )}
      {problem && <ErrorNotice message={problem} />}
      {preview && <Preview preview={preview} />}
    </Dialog>
  );
}

function Preview({ preview }: { preview: ImagesPreview }) {
  const { ownImages, actions } = useLabCore();
  const [name, setName] = useState(preview.name);
  const [percent, setPercent] = useState(100 * DEFAULT_HELD_OUT.heldOut);
  const [seed, setSeed] = useState(DEFAULT_HELD_OUT.seed);
  const [busy, setBusy] = useState(false);
  const { counts, testCounts } = preview;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const held = testCounts
    ? testCounts.reduce((sum, count) => sum + count, 0)
    : counts.reduce((sum, count) => sum + heldOutOf(count, percent / 100), 0);

  const take = async () => {
    setBusy(true);
    const id = await ownImages.take({ heldOut: percent / 100, seed }, name);
    setBusy(false);
    if (id === undefined) return;
    actions.set({ data: id });
    await actions.reset();
  };

  return (
    <>
      <FoundImages preview={preview} />
      <div className={styles.fields}>
        <TextField label="Name" value={name} onCommit={setName} />
        {!testCounts && (
          <>
            <NumberField
              label="Held out for testing, %"
              value={percent}
              minimum={1}
              maximum={99}
              onCommit={setPercent}
            />
            <SeedField label="Seed of the split" value={seed} onCommit={setSeed} />
          </>
        )}
      </div>
      {!testCounts && (
        <p className={styles.about}>
          The files have no test set, so {percent} % of every class, {formatCount(held)} images in all, are
          held out for testing. The other {formatCount(total - held)} are used for training.
        </p>
      )}
      <div className={styles.actions}>
        <Button variant="primary" disabled={busy} onClick={() => void take()}>
          Use these images
        </Button>
        <Button onClick={ownImages.cancel}>Cancel</Button>
      </div>
      <p className={styles.about}>A new run starts. The present run stays among the saved runs.</p>
    </>
  );
}

/** The content of the files: counts, the reader's remarks, a few images, and the classes. */
function FoundImages({ preview }: { preview: ImagesPreview }) {
  const { format, channels, height, width, counts, testCounts, bytes, remarks } = preview;
  const sum = (numbers: readonly number[]) => formatCount(numbers.reduce((total, count) => total + count, 0));
  return (
    <>
      <p>
        Found {format}: {sum(counts)} {channels === 3 ? 'color' : 'gray'} images of {height} × {width} pixels
        in {counts.length} classes
        {testCounts ? `, and ${sum(testCounts)} test images` : ''}. They take {formatBytes(bytes)} of memory.
      </p>
      {remarks.map((remark) => (
        <Notice key={remark}>{remark}</Notice>
      ))}
      <SampleImages preview={preview} />
      <ClassTable preview={preview} />
    </>
  );
}

function ClassTable({ preview: { classNames, counts, testCounts } }: { preview: ImagesPreview }) {
  return (
    <div className={styles.scroll}>
      <table className={styles.classes}>
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col">Images</th>
            {testCounts && <th scope="col">Test images</th>}
          </tr>
        </thead>
        <tbody>
          {classNames.map((name, i) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{formatCount(counts[i])}</td>
              {testCounts && <td>{formatCount(testCounts[i])}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
