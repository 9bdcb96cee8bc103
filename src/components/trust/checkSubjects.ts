/** A statement about a check, and a pattern for the recorded rows that support it; at least one row must match. */
interface Claim {
  text: string;
  rows: RegExp;
}

export interface Subject {
  title: string;
  claims: readonly Claim[];
  /** Files of tests/verify. */
  files: readonly string[];
}

/** Statements about the checks, each supported by rows of docs/checks.json. */
export const subjects: readonly Subject[] = [
  {
    title: 'Training',
    claims: [
      {
        text: 'Engines make the same 100 updates as PyTorch in float64, and their losses are compared step by step.',
        rows: /^100 training steps on wasm/,
      },
      {
        text: 'The notebook’s ten epochs are run in full, from its seed.',
        rows: /test accuracies of ten epochs/,
      },
      {
        text: 'After losing the GPU at random steps, a run ends with the same weights, bit by bit, as an undisturbed run.',
        rows: /device lost before steps/,
      },
    ],
    files: ['trajectory', 'engines', 'webgpuSuite', 'tfjsGolden', 'dropout'],
  },
  {
    title: 'Geometry',
    claims: [
      {
        text: 'Capacity, radius and dimension of every class are compared with the original Python code, run with the same Gaussian vectors and directions.',
        rows: /from the original code’s t-vectors and directions/,
      },
      {
        text: 'On the notebook’s own images, the figures over several seeds are compared with the notebook’s and the original code’s.',
        rows: /over ten seeds/,
      },
      {
        text: 'The theory’s capacity is compared with the capacity measured by separating random labelings, which is lower because the theory assumes many classes.',
        rows: /mean-field capacity beside measured separability/,
      },
      {
        text: 'The verdicts of “Tangled or untangled?” are tested on 100 redraws of the images. A verdict is false if its sign contradicts the mean change, or if that mean is within two standard errors of zero.',
        rows: /false verdicts on 100 redraws/,
      },
      {
        text: 'GLUE’s errors are compared with the spread over redraws of the images, and its verdicts are tested on them.',
        rows: /GLUE’s .* outside their 95 % interval/,
      },
      {
        text: 'GLUE’s samples and figures are compared with non-negative least squares of scipy on the same t-vectors and labels, and with other implementations and simulation on MNIST’s pixels.',
        rows: /^GLUE, /,
      },
      {
        text: 'The errors of debiased CKA are compared with the spread over draws of the images; layers of noise are tested to have no value.',
        rows: /^debiased CKA, /,
      },
    ],
    files: ['geometryReference', 'verdicts', 'glueErrors', 'geometry', 'glue', 'similarityErrors'],
  },
  {
    title: 'Metamers',
    claims: [
      {
        text: 'Losses and images are compared with PyTorch’s after 100 and 1,000 iterations from the same noise.',
        rows: /metamer on wasm: losses; image after 100, 1000/,
      },
    ],
    files: ['metamers'],
  },
  {
    title: 'Adversarial examples',
    claims: [
      { text: 'The sign of every pixel’s gradient is compared with float64.', rows: /^FGSM signs/ },
      {
        text: 'The number of images that an attack leaves correct is compared with PyTorch’s, on the exact pixels and as an 8-bit file would hold them.',
        rows: /^correct of 1000 after pgd/,
      },
    ],
    files: ['adversarial', 'adversarialTraining'],
  },
  {
    title: 'Files and links',
    claims: [
      {
        text: 'Readers of files and links are given damaged input. Each must read it or say what is wrong, in bounded time and memory.',
        rows: /^mutated inputs/,
      },
      {
        text: 'Safetensors files are reproduced byte for byte.',
        rows: /^exported parameters in safetensors/,
      },
      {
        text: 'The exported notebook was run with PyTorch and the original manifold code.',
        rows: /manifold geometry by the reference code/,
      },
    ],
    files: ['fuzz', 'notebook'],
  },
  {
    title: 'Kept runs',
    claims: [
      {
        text: 'At random steps of a run, the page is reloaded, its worker killed or its GPU lost. Every loss shown before is shown again, and the final weights equal those of an undisturbed run, bit by bit.',
        rows: /reloads, .* worker kills and .* device losses/,
      },
    ],
    files: ['keep'],
  },
  {
    title: 'Speed',
    claims: [
      {
        text: 'These numbers were measured in the page, on the machine that ran the checks.',
        rows: /first paint|median frame/,
      },
    ],
    files: ['arrival', 'mainThread', 'timeline', 'besideTraining'],
  },
];
