import type { Facts } from './facts.ts';
import { geometryAt } from './figures.ts';
import type { Lesson } from './lesson.ts';

/** Layers of LeNet, early to late, where its manifolds are compared. */
const PLACES = ['input', 'pool1', 'pool2', 'relu3', 'relu4', 'fc3'];

/** The classes behind every capacity here: the digits. */
const DIGITS = 10;

/** Lesson 3: what manifold capacity means, and how layers raise it. */
export const capacityLesson: Lesson = {
  id: 'capacity',
  title: 'What capacity means',
  steps: [
    {
      id: 'labeling',
      title: 'One labeling',
      text: [
        'All images of one digit make a cloud of points in a layer: the digit’s manifold. Now toss a coin for every digit: heads is plus, tails is minus. Such a choice of ten signs is a labeling.',
        'Can a flat plane separate the two sides, with every image of every plus digit on one side and every image of every minus digit on the other? With many dimensions it nearly always can. With few it nearly never can.',
        'The page can try this for you. A simulation draws 50 labelings, keeps fewer and fewer random dimensions of the layer, and looks for the number at which a plane still separates half of the labelings.',
      ],
      state: 'run=recorded&panel=geometry&at=live',
      target: 'geometry',
      ask: {
        kind: 'number',
        question:
          'The layer relu has 21,632 units. How many dimensions are needed to separate the digits in half of all labelings?',
        unit: ' dimensions',
        range: [10, 500],
        resolution: 1,
        shown: ({ simulated }) => dimensionsOf(simulated.get('relu')),
      },
      todo: 'Make a guess. Then scroll down in the panel Geometry to “Tangled or untangled?”, choose relu, and press the first “Measure by simulation”, under “plane through the overall mean”.',
      done: ({ simulated }) => simulated.get('relu') !== undefined,
      seen: [
        'About {simulatedDimensions relu} dimensions are enough for ten digits with 50 images each. The capacity is the number of digits divided by this number of dimensions: {simulated relu}. A layer with a higher capacity needs fewer dimensions to tell its digits apart, whatever the labels are.',
      ],
    },
    {
      id: 'hand',
      title: 'One t, one labeling',
      text: [
        'The theory finds the capacity without any search for planes. It draws a labeling and a random arrow t, and asks for v: the nearest arrow to t across which a plane separates the classes as labeled. The square of the distance from t to v is called a.',
        'You can do this by hand, for two classes and the two longest directions of fc. The shaded part of the picture holds all arrows whose planes separate the two classes as labeled. The points that keep v from being t are the anchor points, drawn as diamonds.',
      ],
      state: 'panel=geometry&at=live&geometry=t:50,redraws:0',
      target: 'geometry',
      ask: {
        kind: 'choice',
        question: 'How large is a while t lies inside the shaded part?',
        options: ['0', 'As large as the square of t’s length', 'It depends on the anchor points'],
        right: 0,
      },
      todo: 'Choose an answer. In the panel Geometry, choose GLUE under Estimator, and wait until all layers are analyzed. Scroll down to “Tangled or untangled?”, choose fc, and open “One t, one labeling” below the table. Choose 7 as the second class. Drag t into the shaded part and out of it. Then press “Draw 100 random t and labels”.',
      done: (facts) => ['relu', 'fc'].every((layer) => geometryAt(facts, layer)?.glue !== undefined),
      seen: [
        'Inside the shaded part v is t itself, so a is 0: this plane separates the classes already. Outside, t must move, and some points hold it back. Over many t and labelings, the capacity is the number of classes divided by the mean of a. Classes that are easy to separate leave much room for t: a small mean of a, and a high capacity.',
        'This method is called GLUE. With all ten digits and all directions it gives relu a capacity of {glue relu}: compare this with what the simulation measured for relu.',
      ],
    },
    {
      id: 'theory',
      title: 'From clouds to one number',
      text: [
        'The older mean-field theory, which the panel shows first, treats every class on its own: its capacity is 1 divided by the mean of the square of the distance that t must move until all points of the class lie on the plus side. Radius and dimension are measured on the anchor points, the part of the cloud that matters to a plane.',
        'If every class were a single image, the capacity would be 2: a plane in N dimensions separates 2N points, for half of all labelings.',
      ],
      state: 'panel=geometry&at=live&geometry=each:50',
      target: 'geometry',
      ask: {
        kind: 'choice',
        question: 'Every class here is a cloud of 50 images instead of one point. How large is its capacity?',
        options: ['More than 2', '2, as for points', 'Less than 2'],
        shown: (facts) => {
          const found = geometryAt(facts, 'input')?.capacity;
          return found === undefined ? undefined : found > 2 ? 0 : 2;
        },
      },
      todo: 'Choose an answer, and compare it with Capacity in the panel.',
      done: (facts) => geometryAt(facts, 'input') !== undefined,
      seen: [
        'The capacity of the pixels is {capacity input}, far below 2, because a plane must have the whole cloud on one side. The theory gives {capacity relu trained} for relu, where the simulation measured {simulated relu}. It assumes very many classes, and ten are few, so its values are 22 to 50 % above the measured ones in this network. The order of layers and moments is what you can trust.',
      ],
    },
    {
      id: 'radius',
      title: 'Radius and dimension',
      text: [
        'Two things make a cloud hard to separate. Its radius says how far it spreads around its center, in units of the center’s distance. Its dimension says in how many directions this spread matters to a plane. A small and flat cloud is easy.',
        'fc holds the ten logits. The page shows it after ten epochs: radius {radius fc trained}, dimension {dimension fc trained}, capacity {capacity fc trained}.',
      ],
      state: 'run=recorded&panel=geometry&at=live&geometry=each:50',
      target: 'geometry',
      ask: {
        kind: 'choice',
        question: 'How did the clouds in fc look before training?',
        options: [
          'Larger radius, larger dimension',
          'Larger radius, smaller dimension',
          'Smaller radius, larger dimension',
          'Smaller in both',
        ],
        shown: (facts) => {
          const before = geometryAt(facts, 'fc', 0);
          const after = geometryAt(facts, 'fc', facts.step);
          if (!before || !after) return undefined;
          const isWider = before.radius > after.radius;
          const hasMore = before.dimension > after.dimension;
          return isWider ? (hasMore ? 0 : 1) : hasMore ? 2 : 3;
        },
      },
      todo: 'Choose an answer. Then drag the timeline at the bottom to its left end, step 0, and look at the rightmost points, those of fc, in the charts of Radius and Dimension.',
      done: (facts) => facts.step > 0 && facts.shownStep === 0 && geometryAt(facts, 'fc', 0) !== undefined,
      seen: [
        'Untrained, fc had radius {radius fc untrained}, dimension {dimension fc untrained} and capacity {capacity fc untrained}. Training drew the images of each digit together around their center and flattened the clouds, and the capacity rose.',
      ],
    },
    {
      id: 'layers',
      title: 'From layer to layer',
      text: [
        'Your next network is LeNet: two convolutions, each with a ReLU and a max-pool, and three linear layers. Its row of boxes stands at the top of the page. The run that you see was recorded over ten epochs.',
        'Each layer gets the clouds from the layer before it and changes their shape.',
      ],
      state: 'run=recorded-lenet&panel=geometry&at=live&geometry=each:50',
      target: 'network',
      ask: {
        kind: 'curve',
        question: 'What is the capacity in each of these layers of the trained LeNet?',
        places: PLACES,
        unit: '',
        range: [0, 0.6],
        resolution: 0.01,
        shown: (facts) => PLACES.map((layer) => geometryAt(facts, layer, trained(facts))?.capacity),
      },
      todo: 'Draw your guess from the input to fc3, and press “This is my guess”.',
      done: (facts) => isLenet(facts) && PLACES.every((layer) => geometryAt(facts, layer, trained(facts))),
      seen: [
        'The capacity rises from {capacity input} in the pixels to {capacity fc3 trained} in fc3. It changes little in the convolutions and most in the linear layers. Depth untangles the classes: the dimension falls from {dimension input} to {dimension fc3 trained}. Scroll to “From layer to layer” in Geometry for both curves in one chart.',
      ],
    },
    {
      id: 'untrained',
      title: 'Is it the shape of the network, or its training?',
      text: [
        'The same layers with random weights, before the first step of training, also turn one cloud into the next. Do they untangle the classes too?',
      ],
      target: 'network',
      ask: {
        kind: 'curve',
        question: 'What is the capacity in each layer of the untrained LeNet?',
        places: PLACES,
        unit: '',
        range: [0, 0.6],
        resolution: 0.01,
        shown: (facts) => PLACES.map((layer) => geometryAt(facts, layer, 0)?.capacity),
      },
      todo: 'Draw your guess. Then drag the timeline at the bottom to its left end, step 0.',
      done: (facts) =>
        isLenet(facts) && facts.shownStep === 0 && PLACES.every((layer) => geometryAt(facts, layer, 0)),
      seen: [
        'Without training the capacity stays near that of the pixels, {capacity input untrained}, through most layers; fc3 has {capacity fc3 untrained}. The architecture alone does not untangle the digits: training does.',
        'Studies of larger networks for photos and for speech found the same: capacity grows along the layers of trained networks, and radius and dimension shrink.',
      ],
    },
  ],
  sources: [
    'Chung, S., Lee, D. D. & Sompolinsky, H. Classification and geometry of general perceptual manifolds. Phys. Rev. X 8, 031003 (2018). doi:10.1103/PhysRevX.8.031003',
    'Cohen, U., Chung, S., Lee, D. D. & Sompolinsky, H. Separability and geometry of object manifolds in deep neural networks. Nat. Commun. 11, 746 (2020). doi:10.1038/s41467-020-14578-5',
    'Chou, C.-N. et al. Geometry linked to untangling efficiency reveals structure and computation in neural populations. bioRxiv (2024). doi:10.1101/2024.02.26.582157',
    'Stephenson, C. et al. Untangling in invariant speech recognition. NeurIPS 2019. arXiv:2003.01787',
    'Cover, T. M. Geometrical and statistical properties of systems of linear inequalities with applications in pattern recognition. IEEE Trans. Electron. Comput. EC-14, 326 (1965). doi:10.1109/PGEC.1965.264137',
    'LeCun, Y. et al. Gradient-based learning applied to document recognition. Proc. IEEE 86, 2278 (1998). doi:10.1109/5.726791',
  ],
  notes: {
    expect: [
      'Recorded run, 50 training images of each digit: capacity of input 0.100, conv 0.103, relu 0.089, fc 0.351 after ten epochs; fc before training 0.167.',
      'fc: radius 2.145 before training and 0.838 after, dimension 7.0 and 4.7.',
      'Recorded LeNet, capacity of input, pool1, pool2, relu3, relu4, fc3: 0.100, 0.112, 0.131, 0.276, 0.381, 0.535 after ten epochs; 0.100, 0.124, 0.102, 0.114, 0.116, 0.185 before training. The standard errors over the draw of images are 0.007 to 0.042.',
    ],
    misunderstandings: [
      'Capacity is not accuracy: it asks about all labelings of the classes, not only about the task’s own.',
      'Capacity is not the number of classes that a layer can hold: it is the number of classes per dimension.',
      'A simulation cannot reach the capacity of fc: ten classes at 0.35 need 28 dimensions, and fc has 10. The page then gives a bound.',
      'Dimension here is measured on the anchor points; it is not the number of principal components.',
    ],
  },
};

/** The dimensions at which half of the labelings are separable: the number of classes divided by the capacity. */
function dimensionsOf(capacity: number | undefined): number | undefined {
  return capacity === undefined ? undefined : Math.round(DIGITS / capacity);
}

function isLenet({ layers }: Facts): boolean {
  return layers.includes('fc3');
}

/** The last step of the run, wherever the timeline stands. */
function trained({ step }: Facts): number {
  return step;
}
