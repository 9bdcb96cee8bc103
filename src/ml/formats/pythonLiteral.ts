import type { JsonValue } from './json.ts';

const WIDTH = 100;

/**
 * Writes a value as Python source. JSON strings are valid in Python; true, false, null and non-finite numbers are
 * replaced by Python's names. Long lists are broken into lines.
 */
export function pythonLiteral(value: JsonValue, indent = ''): string {
  if (value === null) return 'None';
  switch (typeof value) {
    case 'boolean':
      return value ? 'True' : 'False';
    case 'number':
      return Number.isFinite(value) ? String(value) : `float("${value}")`;
    case 'string':
      return JSON.stringify(value);
    default: {
      const inner = `${indent}    `;
      const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
      const items = Array.isArray(value)
        ? value.map((item) => pythonLiteral(item, inner))
        : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${pythonLiteral(item, inner)}`);
      const line = `${open}${items.join(', ')}${close}`;
      if (indent.length + line.length <= WIDTH && !line.includes('\n')) return line;
      return `${open}\n${inner}${filled(items, inner)},\n${indent}${close}`;
    }
  }
}

/** Puts as many items on each line as fit. */
function filled(items: string[], indent: string): string {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.length - 1;
    if (last >= 0 && !item.includes('\n') && indent.length + lines[last].length + item.length + 2 <= WIDTH) {
      lines[last] += `, ${item}`;
    } else {
      lines.push(item);
    }
  }
  return lines.join(`,\n${indent}`);
}
