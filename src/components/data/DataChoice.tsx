import { SHIPPED } from '../../ml/data/shipped.ts';
import { useLab } from '../context/LabContext.tsx';
import { Select } from '../shared/Select.tsx';

interface DataChoiceProps {
  onChange(id: string): void;
}

/** The data set of the next run. */
export function DataChoice({ onChange }: DataChoiceProps) {
  const chosen = useLab((state) => state.settings.data);
  const present = useLab((state) => state.data);
  const shipped = Object.values(SHIPPED).map(({ id, name }) => ({ value: id, label: name }));
  const own = present && !shipped.some(({ value }) => value === present.id) ? [present] : [];
  const options = [...shipped, ...own.map(({ id, name }) => ({ value: id, label: name }))];
  return <Select label="Data" remark="after a reset" value={chosen} options={options} onChange={onChange} />;
}
