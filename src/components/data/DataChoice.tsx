import { type ChangeEvent, useRef } from 'react';
import { useStore } from 'zustand';
import { SHIPPED } from '../../ml/data/shipped.ts';
import { useLab, useLabCore } from '../context/LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { Select } from '../shared/Select.tsx';
import styles from './DataChoice.module.css';

interface DataChoiceProps {
  onChange(id: string): void;
}

/** The data set of the next run. */
export function DataChoice({ onChange }: DataChoiceProps) {
  const { dataSets } = useLabCore();
  const chosen = useLab((state) => state.settings.data);
  const present = useLab((state) => state.data);
  const own = useStore(dataSets.store, (state) => state.own);
  const known = [...Object.values(SHIPPED), ...own];
  const all = present && !known.some(({ id }) => id === present.id) ? [...known, present] : known;
  const options = all.map(({ id, name }) => ({ value: id, label: name }));
  return <Select label="Data" remark="after a reset" value={chosen} options={options} onChange={onChange} />;
}

/** Chooses a person's own images: files, or a folder with a folder for each class. */
export function OwnImagesButtons() {
  const { ownImages } = useLabCore();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const offer = ({ target }: ChangeEvent<HTMLInputElement>) => {
    const given = [...(target.files ?? [])].map((file) => ({
      path: file.webkitRelativePath || file.name,
      file,
    }));
    if (given.length > 0) void ownImages.offer(given);
    // Without this, choosing the same files again would fire no event.
    target.value = '';
  };
  return (
    <div className={styles.own}>
      <span>Your own images:</span>
      <Button onClick={() => files.current?.click()}>Choose files</Button>
      <Button onClick={() => folder.current?.click()}>Choose a folder</Button>
      <span className={styles.hint}>
        or drop them anywhere: IDX, .npz, CSV, CIFAR-10’s batches, or pictures in one folder (or .zip) per
        class
      </span>
      <input ref={files} type="file" multiple hidden aria-label="Choose files of images" onChange={offer} />
      <input
        ref={(input) => {
          folder.current = input;
          // React's types lack the attribute.
          input?.setAttribute('webkitdirectory', '');
        }}
        type="file"
        hidden
        aria-label="Choose a folder of images"
        onChange={offer}
      />
    </div>
  );
}
