import type { Lesson } from './lesson.ts';

/** Lesson 2: what singular values and principal components say about a layer. */
export const spectrumLesson: Lesson = {
  id: 'spectrum',
  title: 'What a spectrum says',
  steps: [
    {
      id: 'cloud',
      title: 'A layer is a cloud of points',
      text: [
        'Show the network an image, and a layer answers with one number per unit. These numbers are the coordinates of a point. A hundred images make a cloud of a hundred points, in a space with as many dimensions as the layer has units.',
        'The layer fc has ten units, one for each digit. This page shows the recorded run: the network after ten epochs. Singular values say how far the cloud extends along its directions, the longest first.',
      ],
      state: 'run=recorded&panel=spectrum&layer=fc&at=live',
      target: 'spectrum',
      ask: {
        kind: 'number',
        question: 'How many of the ten directions carry 95 % of the cloud’s sum of squares?',
        unit: '',
        range: [1, 10],
        resolution: 1,
        shown: ({ spectrum }) => (spectrum?.layer === 'fc' ? spectrum.componentsFor95 : undefined),
      },
      todo: 'Make a guess, then look at the panel.',
      done: ({ spectrum }) => spectrum?.layer === 'fc',
      seen: [
        'At step {shownStep}, {componentsFor95} directions carry 95 %. The largest singular value is {largestSingularValue}. The participation ratio puts the whole spectrum into one number: here {participationRatio} of {directions}. It would be {directions} if all directions were equally long, and 1 if only one mattered.',
      ],
    },
    {
      id: 'pixels',
      title: 'More units, more directions?',
      text: [
        'The input layer is the image itself: 784 pixels, so the cloud of 100 images lives in a space of 784 dimensions. A hundred points span at most a hundred directions.',
      ],
      target: 'spectrum',
      ask: {
        kind: 'choice',
        question: 'How large is the participation ratio of the pixels, as measured here, without centering?',
        options: ['Near 100: every image is different', 'About 20', 'Below 10: a few directions dominate'],
        shown: ({ spectrum }) =>
          spectrum?.layer === 'input'
            ? spectrum.participationRatio < 10
              ? 2
              : spectrum.participationRatio < 60
                ? 1
                : 0
            : undefined,
      },
      todo: 'Choose the layer input in the panel.',
      done: ({ spectrum }) => spectrum?.layer === 'input',
      seen: [
        'It is {participationRatio} of {directions}. The longest direction is the mean image: all digits share the dark border and the bright middle. The panel also gives the ratio after centering, which takes the mean away: PCA does the same, and there about twenty directions remain.',
      ],
    },
    {
      id: 'untrained',
      title: 'What training does to the cloud',
      text: [
        'Before training, fc is ten random sums of what random filters found. After training, each of the ten should answer to one digit.',
      ],
      state: 'panel=spectrum&layer=fc&at=live',
      target: 'spectrum',
      ask: {
        kind: 'choice',
        question: 'Compared with the trained network, the cloud of the untrained one is:',
        options: ['Much smaller', 'About as large', 'Much larger'],
        shown: ({ spectrum }) =>
          spectrum?.step === 0 ? (spectrum.largest < 100 ? 0 : spectrum.largest > 400 ? 2 : 1) : undefined,
      },
      todo: 'Drag the timeline to step 0 and wait for the panel.',
      done: ({ spectrum }) => spectrum?.layer === 'fc' && spectrum.step === 0,
      seen: [
        'At step 0 the largest singular value is {largestSingularValue}, and the participation ratio is {participationRatio}. Training made the cloud more than a hundred times longer: the network became confident, so its logits lie far from zero. The number of directions changed much less.',
      ],
    },
    {
      id: 'components',
      title: 'Where the digits lie',
      text: [
        'The chart of principal components looks at the same cloud along its longest centered directions. Each point is an image; color and mark are its digit. Point at one to see the image.',
        'Between moments the chart turns the cloud so that it stays comparable: only distances mean something, not the axes’ names.',
      ],
      target: 'spectrum',
      ask: {
        kind: 'choice',
        question: 'At which moment do images of the same digit lie closer together?',
        options: ['At step 0', 'At the end of training', 'There is no difference'],
        right: 1,
      },
      todo: 'Press Live on the timeline to come back to the trained network.',
      done: ({ moment, spectrum, step }) =>
        moment === 'live' && spectrum?.layer === 'fc' && spectrum.step === step,
      seen: [
        'After training the digits form groups. Two directions show only a part of it: the next lesson measures in all directions how well a layer keeps the digits apart.',
      ],
    },
  ],
  sources: [
    'Gao, P. et al. A theory of multineuronal dimensionality, dynamics and measurement. bioRxiv (2017). doi:10.1101/214262',
    'Jolliffe, I. T. & Cadima, J. Principal component analysis: a review and recent developments. Phil. Trans. R. Soc. A 374, 20150202 (2016). doi:10.1098/rsta.2015.0202',
  ],
  notes: {
    expect: [
      'Recorded run, first 100 training images: fc after training 6 directions for 95 %, participation ratio 2.81 of 10; before training 7 and 1.91.',
      'Pixels: participation ratio 4.53 of 100 not centered, 20.5 centered.',
      'The largest singular value of fc grows from 2.65 to 349.',
    ],
    misunderstandings: [
      'A large space does not mean many directions: 784 pixels, but few of them vary on their own.',
      'The sum of squares is not the variance: without centering, the mean image counts as a direction.',
      'Principal components are found without the labels; that the digits separate is a result.',
    ],
  },
};
