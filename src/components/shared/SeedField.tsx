import { NumberField } from './TextField.tsx';

interface SeedFieldProps {
  label?: string;
  value: number;
  remark?: string;
  onCommit: (seed: number) => void;
}

/** A seed of the random numbers: any whole number of 32 bits. */
export function SeedField({ label = 'Seed', ...rest }: SeedFieldProps) {
  return <NumberField label={label} minimum={0} maximum={2 ** 32 - 1} integer {...rest} />;
}
