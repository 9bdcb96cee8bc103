/**
 * The article under the lab. In a paragraph, `{testAccuracy}` is a figure of the page's run (`figures.ts`), `[[capacity]]` a
 * term of the glossary, and `[3]` a reference.
 */

/** A figure drawn from the page's run. */
export type ArticleFigure = 'filters' | 'spectrum' | 'capacity' | 'robustness';

interface Section {
  title: string;
  paragraphs: readonly string[];
  figure?: ArticleFigure;
}

export const TITLE = 'How a network untangles';

export const SECTIONS: readonly Section[] = [
  {
    title: 'A network that reads digits',
    paragraphs: [
      'The lab above this text trains a small network to read handwritten digits [1]. It has {parameters} numbers that training can change. At step {shownStep} of the run on this page it reads {testAccuracy} of 10,000 test images correctly, none of which it was trained on. If you train another network, the figures in this text change with it.',
      'The network has two layers that learn. The first, called conv, slides small filters over the image; each of them answers at every place how much the image looks like the filter there. A [[ReLU]] then sets negative answers to zero. The last layer, fc, adds all answers up, with ten different sets of weights: one sum, called a [[logit]], for each digit. The largest of the ten is the network’s reading.',
      'Nobody tells the filters what to look for. Training starts with random numbers, shows 64 images at a time, and moves every number slightly in the direction that makes the right answers more probable. After a few hundred such steps, most filters have become detectors of edges: one side positive, the other negative.',
    ],
    figure: 'filters',
  },
  {
    title: 'Images are points',
    paragraphs: [
      'To see what changed, it helps to think of an image as a point. The image has 784 pixels; take each of them as a coordinate, and the image is a point in a space of 784 dimensions. Show the image to the network, and each layer gives another point: its [[activations]] are the coordinates. A layer thus moves every image to a new place. Two images that a layer brings together are similar to all that follows; two that it moves apart can be told apart more easily.',
      'A hundred images make a cloud of a hundred points. [[Singular values]] tell how far this cloud extends in its longest direction, in the longest direction at right angles to that, and so on. Most of these directions are short. The [[participation ratio]] counts those that matter: it is the number of directions if all are equally long, and 1 if a single one dominates. In the layer {spectrumLayer}, which the panel Spectrum shows now, it is {participationRatio} of {directions}.',
      'A spectrum looks at the cloud as a whole. It does not know which image shows which digit. For reading digits, it matters less how large the cloud is than how the ten digits lie in it.',
    ],
    figure: 'spectrum',
  },
  {
    title: 'The manifold of a digit',
    paragraphs: [
      'All possible images of a 3, slanted, thin or broad, form a connected set of points. It is called the [[manifold]] of that digit. In the space of pixels the ten manifolds are intertwined: a slanted 3 can be nearer to a 5 than to another 3. A good sequence of layers moves them apart until a flat cut, a [[hyperplane]], has all of one digit on one side and all the others on the other. Vision, this view says, is untangling [2].',
      'Whether a given cut exists can be tried. But the answer depends on the question: some groups of digits are easier to separate than others. So theory asks for the average. Give each of P manifolds a label, plus or minus, at random. In N dimensions, up to how many manifolds does a hyperplane through the origin separate plus from minus, for most of such labelings? The largest ratio P/N is called the [[capacity]]. For single points the answer has been known since 1965: two per dimension [3, 4]. Manifolds are larger than points, so their capacity is lower, and it says how well a layer has packed them.',
      'For the digits of this run, the capacity is {capacity input} in pixels and {capacity fc} in the last layer. Before training, the last layer’s capacity was {capacity fc untrained}. A capacity of 0.35 means that ten manifolds of this kind need about 10 / 0.35 = 28 dimensions to be separable for most labelings, and 0.1 means that they need 100.',
    ],
    figure: 'capacity',
  },
  {
    title: 'Why capacity rises',
    paragraphs: [
      'The theory of Chung, Lee and Sompolinsky [5] says which properties of the manifolds matter, and how much. A hyperplane that just separates the labels touches a manifold at one place, its [[anchor point]]. Other labels, other anchor points. Their spread around the manifold’s center, measured in units of the center’s distance, is the manifold’s [[radius]]; the number of directions in which they spread is its [[dimension]]. A third quantity, the [[center correlation]], says how far the centers of different manifolds point in the same directions.',
      'Small, flat manifolds with independent centers are easy to separate. In this run the radius goes from {radius input} in pixels to {radius fc} in the last layer, the dimension from {dimension input} to {dimension fc}. In deep networks the same happens gradually from layer to layer: the manifolds shrink, flatten and turn away from each other, and capacity rises [6]. A network with one convolution, like the notebook’s, shows it only in its last layer. Choose LeNet above to watch it happen over several.',
      'Each figure in the panel Geometry comes with an interval. It covers the choice of the 50 images per digit, the random directions of the method, and the several solutions of one of its steps. Where two moments are compared, the page says “tangled” or “untangled” only if the difference is larger than its own uncertainty, and otherwise that it cannot tell.',
    ],
  },
  {
    title: 'What a theory assumes',
    paragraphs: [
      'The mean-field theory is exact for very many manifolds in very many dimensions. Here there are ten. The lab can also measure the capacity: it draws labels at random and tries how many dimensions are needed. On the pixels of these digits, theory is about a third above the measurement. Both are shown side by side, with the reason.',
      'A newer analysis, called GLUE [7], starts from the problem that the ten manifolds pose together, with their labels, and agrees with the measurement much better. The labelings that it averages over, and whether the points are centered, change its figure by up to five times. That is why the page writes them next to each figure, and why a figure from a paper can only be compared when both are known.',
    ],
  },
  {
    title: 'What the network does not see',
    paragraphs: [
      'Capacity says how well a layer separates what it should. One can also ask what a layer ignores. A [[metamer]] of a layer is a different image with the same activations there. To make one, start from noise and change the pixels until the layer’s answer matches. For an early layer, the result looks like the original. For the last layer it looks like noise to us, and yet the network reads it with confidence as the same digit: ten numbers cannot hold what 784 pixels show.',
      'If a network saw as people do, its metamers should look alike to people too. For late layers of networks trained on photographs they do not, and what one network cannot tell apart, another one can [8]. So the blindness belongs to each network, not to the task.',
      'The opposite question has become famous: by how little must an image change to be misread? Follow the gradient of the loss in the direction that makes the answer worse, and allow each pixel to change by at most [[epsilon]] [9]. In the recorded run, 492 of the first 500 test images are read correctly. After one such step with an epsilon of 0.1, 151 are left; an attack of 40 small steps, [[PGD]], leaves 23 [10]. A person reads all of the changed images without effort.',
      'Training can include the attack: each batch is attacked before the network learns from it. The network becomes much harder to fool, at the price of a little accuracy on ordinary images, and its metamers look more like digits. The panels Adversarial examples and Metamers let you try both.',
    ],
    figure: 'robustness',
  },
  {
    title: 'Try to be wrong',
    paragraphs: [
      'An instrument is useful when it can disagree with you. Before you train a deeper network, draw the curve that you expect from layer to layer. Before you drag in your own handwriting, say which digit will fail. The lessons (key G) are built on this: you predict first, and then your own run shows. Everything can be shared as a link, saved as a file with its seed and settings, and repeated in PyTorch, where the same seed gives the same first weights and the same order of images.',
    ],
  },
];

/** Where a number of the text comes from: the recorded run, on its first 500 test images. */
export const RECORDED_ROBUSTNESS = { images: 500, epsilon: 0.1, clean: 492, fgsm: 151, pgd: 23 } as const;

export const GLOSSARY: Readonly<Record<string, string>> = {
  ReLU: 'Rectified linear unit: negative values become zero, positive ones stay.',
  logit: 'The value of an output unit before it becomes a probability.',
  activations: 'The values of a layer’s units for one image.',
  'Singular values':
    'The lengths of a cloud of points along its main directions, each times the root of the number of points.',
  'participation ratio':
    '(sum of λ)² / sum of λ², where λ are the squared singular values: the number of directions that matter.',
  manifold: 'Here: the set of a layer’s activations for all images of one class.',
  hyperplane: 'A flat cut through a space; a line in two dimensions, a plane in three.',
  capacity:
    'The largest number of manifolds per dimension that a hyperplane separates for most random labels.',
  'anchor point':
    'The point of a manifold that a separating hyperplane touches, for one direction and one labeling.',
  radius:
    'Spread of the anchor points around the manifold’s center, in units of the center’s remaining norm.',
  dimension: 'Number of directions in which the anchor points spread.',
  'center correlation': 'Mean absolute cosine between the centers of two manifolds.',
  metamer: 'An image that gives a layer the same activations as another image.',
  epsilon: 'The largest allowed change of a pixel, where black is 0 and white is 1.',
  PGD: 'Projected gradient descent: many small steps of the attack, each brought back within epsilon.',
};

export const REFERENCES: readonly { text: string; link: string }[] = [
  {
    text: 'LeCun, Y., Bottou, L., Bengio, Y. & Haffner, P. Gradient-based learning applied to document recognition. Proc. IEEE 86, 2278 (1998).',
    link: 'https://doi.org/10.1109/5.726791',
  },
  {
    text: 'DiCarlo, J. J. & Cox, D. D. Untangling invariant object recognition. Trends Cogn. Sci. 11, 333 (2007).',
    link: 'https://doi.org/10.1016/j.tics.2007.06.010',
  },
  {
    text: 'Cover, T. M. Geometrical and statistical properties of systems of linear inequalities with applications in pattern recognition. IEEE Trans. Electron. Comput. EC-14, 326 (1965).',
    link: 'https://doi.org/10.1109/PGEC.1965.264137',
  },
  {
    text: 'Gardner, E. The space of interactions in neural network models. J. Phys. A 21, 257 (1988).',
    link: 'https://doi.org/10.1088/0305-4470/21/1/030',
  },
  {
    text: 'Chung, S., Lee, D. D. & Sompolinsky, H. Classification and geometry of general perceptual manifolds. Phys. Rev. X 8, 031003 (2018).',
    link: 'https://doi.org/10.1103/PhysRevX.8.031003',
  },
  {
    text: 'Cohen, U., Chung, S., Lee, D. D. & Sompolinsky, H. Separability and geometry of object manifolds in deep neural networks. Nat. Commun. 11, 746 (2020).',
    link: 'https://doi.org/10.1038/s41467-020-14578-5',
  },
  {
    text: 'Chou, C.-N. et al. Geometry linked to untangling efficiency reveals structure and computation in neural populations. bioRxiv (2024).',
    link: 'https://doi.org/10.1101/2024.02.26.582157',
  },
  {
    text: 'Feather, J., Leclerc, G., Mądry, A. & McDermott, J. H. Model metamers reveal divergent invariances between biological and artificial neural networks. Nat. Neurosci. 26, 2017 (2023).',
    link: 'https://doi.org/10.1038/s41593-023-01442-0',
  },
  {
    text: 'Goodfellow, I. J., Shlens, J. & Szegedy, C. Explaining and harnessing adversarial examples. ICLR (2015).',
    link: 'https://arxiv.org/abs/1412.6572',
  },
  {
    text: 'Mądry, A. et al. Towards deep learning models resistant to adversarial attacks. ICLR (2018).',
    link: 'https://arxiv.org/abs/1706.06083',
  },
];

/** A part of a paragraph. */
export type ArticlePart =
  | { kind: 'words'; text: string }
  | { kind: 'figure'; text: string }
  | { kind: 'term'; term: string }
  | { kind: 'reference'; numbers: readonly number[] };

/** Splits a paragraph into words, figures, terms and references. */
export function articleParts(paragraph: string): ArticlePart[] {
  return paragraph
    .split(/(\{[^}]+\}|\[\[[^\]]+\]\]|\[\d+(?:, \d+)*\])/)
    .filter((part) => part !== '')
    .map((part): ArticlePart => {
      if (part.startsWith('{')) return { kind: 'figure', text: part };
      if (part.startsWith('[[')) return { kind: 'term', term: part.slice(2, -2) };
      if (part.startsWith('['))
        return { kind: 'reference', numbers: part.slice(1, -1).split(', ').map(Number) };
      return { kind: 'words', text: part };
    });
}
