const integers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 9370 -> "9,370" */
export function formatCount(value: number): string {
  return integers.format(value);
}

/** Four significant digits, plain where that is short: 0.04123, 2.303, 1.2e-7. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential(2);
  const decimals = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
  return value.toFixed(decimals);
}

/** Always signed, with a true minus sign, for values colored by sign. */
export function formatSigned(value: number, decimals = 4): string {
  const text = Math.abs(value).toFixed(decimals);
  return Number(text) === 0 ? text : `${value < 0 ? '−' : '+'}${text}`;
}

/** 0.9787 -> "97.87 %" */
export function formatShare(value: number, decimals = 2): string {
  return Number.isFinite(value) ? `${(100 * value).toFixed(decimals)} %` : '–';
}

/** 11540000 -> "11.5 MB" */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1e6) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** "1 step", "2,811 steps" */
export function formatQuantity(value: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(value)} ${value === 1 ? singular : plural}`;
}
