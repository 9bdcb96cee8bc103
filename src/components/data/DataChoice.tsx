import { SHIPPED } from '../../ml/data/shipped.ts';
import { useLab, useLabCore } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { FileButton } from '../shared/FileButton.tsx';
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

/** Browsers of phones may have no picker for folders: the control would then ask for files. */
const PICKS_FOLDERS = 'webkitdirectory' in HTMLInputElement.prototype;

/** Chooses a person's own images: files, or a folder with a folder for each class. */
export function OwnImagesButtons() {
  const { ownImages } = useLabCore();
  const offer = (files: File[]) =>
    void ownImages.offer(files.map((file) => ({ path: file.webkitRelativePath || file.name, file })));
  return (
    <div className={styles.own}>
      <span>Your own images:</span>
      <FileButton name="Choose files of images" multiple onFiles={offer}>
        Choose files
      </FileButton>
      {PICKS_FOLDERS && (
        <FileButton name="Choose a folder of images" folder onFiles={offer}>
          Choose a folder
        </FileButton>
      )}
      <span className={styles.hint}>
        or drop them anywhere: IDX, .npz, CSV, CIFAR-10’s batches, or pictures in one folder (or .zip) per
        class{!PICKS_FOLDERS && '. This browser cannot choose a folder: choose a .zip of the folder instead'}
      </span>
    </div>
  );
}
