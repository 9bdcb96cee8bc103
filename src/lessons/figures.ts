import type { Facts, GeometryFact } from './facts.ts';

/** The figures that a lesson's text can name, as text; undefined until the reader's run has them. */
const FIGURES = {
  seed: ({ seed }) => String(seed),
  step: ({ step }) => count(step),
  shownStep: ({ shownStep }) => count(shownStep),
  epoch: ({ epoch }) => count(epoch),
  parameters: ({ parameters }) => count(parameters),
  firstLoss: ({ firstLoss }) => fixed(firstLoss, 2),
  trainLoss: ({ trainLoss }) => fixed(trainLoss, 3),
  trainAccuracy: ({ trainAccuracy }) => percent(trainAccuracy),
  testLoss: ({ testLoss }) => fixed(testLoss, 4),
  testAccuracy: ({ testAccuracy }) => percent(testAccuracy),
  testErrors: ({ testAccuracy }) =>
    testAccuracy === undefined ? undefined : count(Math.round((1 - testAccuracy) * 10_000)),
  imageName: ({ image }) => image?.name,
  prediction: ({ image }) => whole(image?.prediction),
  probability: ({ image }) => percent(image?.probability),
  spectrumLayer: ({ spectrum }) => spectrum?.layer,
  largestSingularValue: ({ spectrum }) => fixed(spectrum?.largest, 1),
  participationRatio: ({ spectrum }) => fixed(spectrum?.participationRatio, 2),
  componentsFor95: ({ spectrum }) => whole(spectrum?.componentsFor95),
  directions: ({ spectrum }) => whole(spectrum?.directions),
  epsilon: ({ attack }) => fixed(attack?.epsilon, 2),
  attacked: ({ attack }) => whole(attack?.after),
  truth: ({ attack }) => whole(attack?.truth),
} satisfies Record<string, (facts: Facts) => string | undefined>;

/** Measures of a layer's geometry, named as `{capacity fc}`: at the step shown, `{capacity fc untrained}` at step 0, or `{capacity fc trained}` at the last. */
const MEASURES = ['capacity', 'radius', 'dimension', 'centerCorrelation'] as const;
/** Classes of every data set of the lessons. */
const CLASSES = 10;
/** Measures of the panel's metamers, named as `{similarity conv}`. */
const MATCHES = ['similarity', 'pixelCorrelation'] as const;

/** A part of a text: words, or a figure with its value. */
export type TextPart = { words: string } | { figure: string; value?: string };

/** Splits a text into words and figures. @throws if a figure has no such name. */
export function textParts(text: string, facts: Facts): TextPart[] {
  return text.split(/(\{[^}]+\})/).flatMap((part): TextPart[] => {
    if (part === '') return [];
    if (!part.startsWith('{')) return [{ words: part }];
    const figure = part.slice(1, -1);
    return [{ figure, value: figureText(figure, facts) }];
  });
}

function figureText(figure: string, facts: Facts): string | undefined {
  if (isFigure(figure)) return FIGURES[figure](facts);
  const [name, layer, when] = figure.split(' ');
  const measure = MEASURES.find((one) => one === name);
  if (measure && layer) {
    const step = when === 'untrained' ? 0 : when === 'trained' ? facts.step : facts.shownStep;
    return fixed(geometryAt(facts, layer, step)?.[measure], measure === 'dimension' ? 1 : 3);
  }
  if (name === 'glue' && layer) return fixed(geometryAt(facts, layer)?.glue, 3);
  if (name === 'simulated' && layer) return fixed(facts.simulated.get(layer), 3);
  if (name === 'simulatedDimensions' && layer) {
    const capacity = facts.simulated.get(layer);
    return capacity === undefined ? undefined : count(Math.round(CLASSES / capacity));
  }
  const match = MATCHES.find((one) => one === name);
  if (match && layer) return fixed(facts.metamers.find((made) => made.layer === layer)?.[match], 2);
  throw new Error(
    `Expected a figure of figures.ts in braces, found {${figure}}. Add the figure, or mend its name.`,
  );
}

function isFigure(name: string): name is keyof typeof FIGURES {
  return Object.hasOwn(FIGURES, name);
}

/** A layer's geometry, by default at the step shown; the input's is the same at every step. */
export function geometryAt(
  { geometry, shownStep }: Facts,
  layer: string,
  step = shownStep,
): GeometryFact | undefined {
  const place = layer === 'input' ? 0 : step;
  return geometry.find((one) => one.layer === layer && one.step === place);
}

function fixed(value: number | undefined, digits: number): string | undefined {
  return value === undefined ? undefined : value.toFixed(digits);
}

function whole(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function percent(share: number | undefined): string | undefined {
  return share === undefined ? undefined : `${(100 * share).toFixed(2)} %`;
}
