import type { OpenedWeights } from '../../ml/formats/weights/openWeights.ts';

/** Maximum number of unused tensors to name. */
const MOST_NAMED = 4;

/**
 * Describes how a file's tensors were matched with the network's parameters; undefined if all names matched and no tensor
 * was left over.
 */
export function remarkOn({ renamed, unused }: Pick<OpenedWeights, 'renamed' | 'unused'>): string | undefined {
  const sentences: string[] = [];
  if (renamed.length > 0) {
    const pairs = renamedLayers(renamed).map(({ name, from }) => `${name} is the file’s “${from}”`);
    sentences.push(`Matched: ${pairs.join(', ')}.`);
  }
  if (unused.length > 0) {
    const names = unused.slice(0, MOST_NAMED).map((name) => `“${name}”`);
    const more = unused.length > MOST_NAMED ? `, and ${unused.length - MOST_NAMED} more` : '';
    const isLayer = unused.some((name) => /(weight|running_mean)$/.test(name));
    const warning = isLayer ? ', so its answers may differ from those of the network in the file' : '';
    sentences.push(`This network has no place for ${names.join(', ')}${more}${warning}.`);
  }
  return sentences.length > 0 ? sentences.join(' ') : undefined;
}

/** Joins a layer's weight and bias if both were renamed alike: `conv` is the file's `conv1`. */
function renamedLayers(renamed: OpenedWeights['renamed']): OpenedWeights['renamed'] {
  const layers = new Map<string, { name: string; from: string }>();
  for (const { name, from } of renamed) {
    const kind = name.slice(name.lastIndexOf('.'));
    const layer = from.endsWith(kind)
      ? { name: name.slice(0, -kind.length), from: from.slice(0, -kind.length) }
      : { name, from };
    layers.set(`${layer.name} ${layer.from}`, layer);
  }
  return [...layers.values()];
}
