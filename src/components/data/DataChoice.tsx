import { useStore } from 'zustand';
import { SHIPPED } from '../../ml/data/shipped.ts';
import { useLab, useLabCore } from '../context/LabContext.tsx';
import { Select } from '../shared/Select.tsx';

interface DataChoiceProps {
  onChange(id: string): void;
}

/** The data set of the next run. */
export function DataChoice({ onChange }: DataChoiceProps) {
  const chosen = useLab((state) => state.settings.data);
  const present = useLab((state) => state.data);
  const shipped = Object.values(SHIPPED).map(({ id, name }) => ({ value: id, label: name }));
  const { dataSets } = useLabCore();
  const kept = useStore(dataSets.store, ({ own }) => own);
  const own =
    present && ![...shipped.map(({ value }) => value), ...kept.map(({ id }) => id)].includes(present.id)
      ? [present]
      : [];
  const options = [...shipped, ...[...kept, ...own].map(({ id, name }) => ({ value: id, label: name }))];
  return <Select label="Data" remark="after a reset" value={chosen} options={options} onChange={onChange} />;
}
