import { NumberField } from './TextField.tsx';

interface SeedFieldProps {
  label?: string;
  value: number;
  remark?: string;
  onCommit: (seed: number) => void;
}

/** A field for the seed of random numbers: a whole number from 0 to 2³² − 1. */
export function SeedField({ label = 'Seed', ...rest }: SeedFieldProps) {
  return <NumberField label={label} minimum={0} maximum={2 ** 32 - 1} integer {...rest} />;
}
