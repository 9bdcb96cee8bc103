/** A sentence about what was checked, and the recorded rows that show it: at least one must match. */
export interface Claim {
  text: string;
  rows: RegExp;
}

export interface Subject {
  title: string;
  claims: readonly Claim[];
  /** Files of tests/verify. */
  files: readonly string[];
}

/** What the checks say, each sentence backed by rows of docs/checks.json. */
export const subjects: readonly Subject[] = [
  {
    title: 'Training',
    claims: [
      {
        text: 'Engines make the same 100 updates as PyTorch in float64, and their losses are compared step by step.',
        rows: /^100 training steps on wasm/,
      },
      {
        text: 'The notebook’s ten epochs are run whole, from its seed.',
        rows: /test accuracies of ten epochs/,
      },
      {
        text: 'Where the GPU is lost at random steps, the weights are those of a run that lost nothing, bit by bit.',
        rows: /device lost before steps/,
      },
    ],
    files: ['trajectory', 'engines', 'webgpuSuite'],
  },
  {
    title: 'Geometry',
    claims: [
      {
        text: 'Capacity, radius and dimension of every class are compared with the original Python code, run with the same Gaussian vectors and directions.',
        rows: /from the original code’s t-vectors and directions/,
      },
      {
        text: 'On the notebook’s own images, the figures over seeds stand beside the notebook’s and the original code’s.',
        rows: /over ten seeds/,
      },
      {
        text: 'The theory’s capacity stands beside the one measured by separating random labelings, which is lower: the theory assumes many classes.',
        rows: /mean-field capacity beside measured separability/,
      },
      {
        text: 'The verdicts of “Tangled or untangled?” are tried on 100 redraws of the images. A verdict is false where its sign contradicts the mean change, or where that mean is within two of its standard errors of zero.',
        rows: /false verdicts on 100 redraws/,
      },
    ],
    files: ['geometryReference', 'verdicts', 'geometry'],
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
        text: 'Readers of what comes from outside are given damaged input: each must read it or say what is wrong, in bounded time and memory.',
        rows: /^mutated inputs/,
      },
      { text: 'Safetensors files come back byte for byte.', rows: /^exported parameters in safetensors/ },
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
        text: 'The page is reloaded, its worker killed and its GPU lost at random steps of a run: every loss shown before is shown again, and the final weights are those of a run that nothing disturbed, bit by bit.',
        rows: /reloads, .* worker kills and .* device losses/,
      },
    ],
    files: ['keep'],
  },
  {
    title: 'Speed',
    claims: [
      { text: 'Measured in the page, on the machine that ran the checks.', rows: /first paint|median frame/ },
    ],
    files: ['arrival', 'mainThread', 'timeline'],
  },
];
