import type { Lesson } from './lesson.ts';

/** Lesson 6: the reader's own digits, and the reader's own network. */
export const ownLesson: Lesson = {
  id: 'own',
  title: 'Your digits, your network',
  steps: [
    {
      id: 'draw',
      title: 'Draw a digit',
      text: [
        'The network has learned from digits that other people wrote, about 30 years ago. Now it reads yours. This is the recorded run, which reads 98 % of the test images correctly.',
      ],
      state: 'run=recorded&panel=activations&at=live&image=test:0',
      target: 'activations',
      ask: {
        kind: 'choice',
        question: 'Will the network read the digit that you draw?',
        options: ['Yes, and it will be sure', 'Yes, but it will hesitate', 'No'],
      },
      todo: 'Choose an answer. Then draw one large digit in the left square of the panel Activations, where the first test image stands.',
      done: ({ image }) => image?.origin === 'drawing' && image.prediction !== undefined,
      seen: [
        'The network reads your drawing as {prediction}, with a probability of {probability}. The right square shows what it sees: 28 × 28 gray pixels, cleaned, scaled and centered as in MNIST. Draw more digits if you like, and try to confuse it.',
      ],
    },
    {
      id: 'center',
      title: 'Why the place of a digit matters',
      text: [
        'Every digit of MNIST was scaled into a square of 20 × 20 pixels and moved so that its center of mass is the center of the image. The network has seen nothing else. This page does the same with your drawing, unless you turn it off.',
      ],
      target: 'activations',
      ask: {
        kind: 'choice',
        question: 'What happens if a digit stays small and in a corner?',
        options: [
          'The network reads it all the same: filters slide over the whole image',
          'The network is less sure or misreads it: fc has a weight for every place',
        ],
      },
      todo: 'Draw a small digit in a corner: press Clear first, then draw. Then choose “Scale only” under Normalize.',
      done: ({ image, normalizing }) => image?.origin === 'drawing' && normalizing === 'whole',
      seen: [
        'Now the network reads your drawing as {prediction}, with a probability of {probability}. A filter finds the same stroke anywhere, but fc adds up what it found with a separate weight for every place. Try other digits in other corners: some are read, many are not.',
      ],
    },
    {
      id: 'picture',
      title: 'From paper',
      text: [
        'Write digits on white paper with a dark pen and take a picture. The page finds the paper, the lines and each digit, and shows every step from your picture to 28 × 28 pixels.',
      ],
      target: 'activations',
      ask: {
        kind: 'choice',
        question: 'What will be hardest for the page in your picture?',
        options: [
          'The light: shadows over the paper',
          'The lines of the paper',
          'To tell where a digit ends and the next begins',
        ],
      },
      todo: 'Choose “Center as in MNIST” again under Normalize. Then press “Choose a picture” and open your picture, or drop it on the panel. Without a camera, press Skip.',
      done: ({ image, normalizing }) =>
        image?.origin === 'picture' && image.prediction !== undefined && normalizing === 'digit',
      seen: [
        'The network reads “{imageName}” as {prediction}, with a probability of {probability}. A network has no answer for “this is not a digit”: it always chooses one of ten.',
      ],
    },
    {
      id: 'network',
      title: 'Build a network',
      text: [
        'The boxes at the top of the page are the network’s layers. You can put others in their place. LeNet of 1998 has two convolutions with few filters, two pools that halve the image, and three linear layers.',
        'The notebook’s network, which you see now, has {parameters} parameters.',
      ],
      state: 'seed=111&panel=train',
      target: 'network',
      ask: {
        kind: 'choice',
        question: 'How many parameters does LeNet have?',
        options: ['Fewer: about 60,000', 'About as many: 200,000', 'More: about a million'],
        right: 0,
      },
      todo: 'Press “Edit network”. Under “Begin with”, press LeNet; change its layers if you like. Then press “Apply and start a new run”.',
      done: ({ parameters, step }, before) => step === 0 && parameters !== before.parameters,
      seen: [
        'Your network has {parameters} parameters. LeNet has 61,706. Nearly all parameters of the notebook’s network are in fc, because 21,632 units each have ten weights. Pools and a small number of filters keep LeNet’s linear layers small.',
      ],
    },
    {
      id: 'train',
      title: 'Train it',
      text: [
        'Your network now learns from the same images, in the same order, as the notebook’s did. The notebook’s network reads 97.29 % of the test images correctly after one epoch from this seed.',
      ],
      target: 'header',
      ask: {
        kind: 'number',
        question: 'Which test accuracy will your network have after one epoch?',
        unit: ' %',
        range: [80, 100],
        resolution: 0.1,
        shown: ({ testAccuracy }) => (testAccuracy === undefined ? undefined : 100 * testAccuracy),
      },
      todo: 'Make a guess. Then press Train, let the first epoch finish, and press Pause.',
      done: ({ epoch, status }) => epoch >= 1 && status !== 'training',
      seen: [
        'Your network reads {testAccuracy} of the test images correctly and gets {testErrors} of 10,000 wrong. One run is one draw: another seed gives another accuracy. Compare several seeds before you say that one network is better.',
      ],
    },
    {
      id: 'again',
      title: 'Your digit, your network',
      text: ['All panels now show your network. Ask it what it makes of your handwriting.'],
      state: 'panel=activations&at=live&image=test:0',
      target: 'activations',
      ask: {
        kind: 'choice',
        question: 'Compared with the first network, yours will read your digits:',
        options: ['Worse', 'About as well', 'Better'],
      },
      todo: 'Choose an answer. Then draw a digit in the left square.',
      done: ({ image }) => image?.origin === 'drawing' && image.prediction !== undefined,
      seen: [
        'Your network reads your drawing as {prediction}, with a probability of {probability}. One drawing decides nothing: draw every digit once, and count. When you leave the lesson, your network stays in the list of runs.',
      ],
    },
  ],
  sources: [
    'LeCun, Y. et al. Gradient-based learning applied to document recognition. Proc. IEEE 86, 2278 (1998). doi:10.1109/5.726791',
    'LeCun, Y., Cortes, C. & Burges, C. J. C. The MNIST database of handwritten digits (1998). http://yann.lecun.com/exdb/mnist/',
  ],
  notes: {
    expect: [
      'The notebook’s network has 216,650 parameters, LeNet 61,706.',
      'LeNet from seed 111 reads 97.64 % of the test images correctly after one epoch in the recorded run; other engines differ by some hundredths. After ten epochs the recorded runs read 98.85 % (LeNet) and 98.05 % (the notebook’s network).',
    ],
    misunderstandings: [
      'A convolution finds a pattern anywhere, but a network that ends in a linear layer still depends on where the pattern is.',
      'More parameters do not mean a better network: LeNet has fewer, and its recorded run reads more test images correctly.',
      'Accuracy on MNIST is not accuracy on your handwriting: other pens, other people and other cameras make other images.',
    ],
  },
};
