import type { Lesson } from './lesson.ts';

/** Lesson 1: the notebook's network, from its first step to its filters and activations. */
export const notebookLesson: Lesson = {
  id: 'notebook',
  title: 'A network learns',
  steps: [
    {
      id: 'start',
      title: 'Before the first step',
      text: [
        'This network looks at an image of 28 × 28 pixels and says which digit it shows. It has {parameters} numbers, called parameters, and all of them start as small random numbers.',
        'One layer of 32 small filters slides over the image. A second layer adds up what the filters found, once for each of the ten digits. The largest of the ten sums, called logits, is the network’s answer.',
      ],
      state: 'seed=111&panel=train',
      target: 'train',
      ask: {
        kind: 'choice',
        question:
          'How many of 100 test images will the network read correctly before it has learned anything?',
        options: ['About 0', 'About 10', 'About 50'],
        right: 1,
      },
      todo: 'Choose an answer.',
      seen: [
        'A network that guesses is right for about one image in ten, because there are ten digits. Its loss is then about ln 10 = 2.30: the loss is the mean of −ln of the probability that the network gives the true digit.',
      ],
    },
    {
      id: 'first-steps',
      title: 'Learning is many small steps',
      text: [
        'A training step takes 64 images, computes the loss, and moves every parameter a little in the direction that lowers the loss. The method is called Adam; its step size is the learning rate.',
      ],
      target: 'header',
      ask: {
        kind: 'number',
        question: 'How many training steps does the network need to read 9 of 10 training images correctly?',
        unit: ' steps',
        range: [10, 2000],
        resolution: 10,
      },
      todo: 'Press Train, and press Pause when the training accuracy in the header stays above 90 %.',
      done: ({ step, status, trainAccuracy }, before) =>
        step > before.step && status !== 'training' && (trainAccuracy ?? 0) > 0.8 && step >= 60,
      seen: [
        'Your run stopped at step {step} with a loss of {trainLoss}; it began at {firstLoss}. Each step saw 64 images, so the network had seen only a small part of the 60,000 images.',
      ],
    },
    {
      id: 'epoch',
      title: 'One pass over all images',
      text: [
        'An epoch is one pass over all 60,000 training images: 937 steps here. After it, the network is tested on 10,000 images that it never trains on. They are green everywhere on this page.',
      ],
      target: 'train',
      ask: {
        kind: 'number',
        question: 'Which test accuracy do you expect after one epoch?',
        unit: ' %',
        range: [80, 100],
        resolution: 0.1,
        shown: ({ testAccuracy }) => (testAccuracy === undefined ? undefined : 100 * testAccuracy),
      },
      todo: 'Press Train again and let the first epoch finish.',
      done: ({ epoch }) => epoch >= 1,
      seen: [
        'Your run reads {testAccuracy} of the test images correctly and gets {testErrors} of 10,000 wrong. PyTorch, run with the same seed on the same images, reaches 97.29 %.',
      ],
    },
    {
      id: 'filters',
      title: 'The filters take shape',
      text: [
        'Each square is one filter of 3 × 3 weights: blue is positive, orange is negative. A filter answers strongly where the image looks like it.',
        'Drag the timeline at the bottom to the left end and back. The filters began as noise.',
      ],
      state: 'panel=filters',
      target: 'filters',
      ask: {
        kind: 'choice',
        question: 'What do most filters look like after training?',
        options: ['Whole digits', 'Edges: one side positive, the other negative', 'Single bright points'],
        right: 1,
      },
      todo: 'Drag the timeline to an earlier moment.',
      done: ({ moment, step }) => moment !== 'live' && moment < step,
      seen: [
        'The page now shows step {shownStep}. A 3 × 3 filter is too small to see a digit. It can only find strokes and edges; the layer above puts them together.',
      ],
    },
    {
      id: 'activations',
      title: 'What the filters answer',
      text: [
        'Here is one test image and the answer of every filter at every place, called activations. Point at any place of a map: the sum below shows the nine products that make it.',
      ],
      state: 'panel=activations&at=live&image=test:7',
      target: 'activations',
      ask: {
        kind: 'choice',
        question: 'Does the network read this image correctly?',
        options: ['Yes', 'No'],
        shown: ({ image }) =>
          image?.prediction === undefined ? undefined : image.prediction === image.label ? 0 : 1,
      },
      todo: 'Look at the bars under the maps, then open another image: draw a digit in the left square, or choose a test image.',
      done: ({ image }, before) =>
        image !== undefined && image.id !== before.image?.id && image.prediction !== undefined,
      seen: [
        'Your network reads “{imageName}” as {prediction}, with a probability of {probability}. The maps under conv keep the sign of each answer; relu sets all negative answers to zero.',
      ],
    },
  ],
  sources: [
    'Kingma, D. P. & Ba, J. Adam: a method for stochastic optimization. ICLR 2015. arXiv:1412.6980',
    'LeCun, Y. et al. Gradient-based learning applied to document recognition. Proc. IEEE 86, 2278 (1998). doi:10.1109/5.726791',
  ],
  notes: {
    expect: [
      'Seed 111: a test accuracy of 97.29 % after one epoch in every browser that was tested.',
      'The training accuracy passes 90 % after some 100 to 300 steps.',
    ],
    misunderstandings: [
      'The filters are not chosen by a person: they come only from lowering the loss.',
      'A high probability is not a guarantee: the network has no answer for “not a digit”.',
    ],
  },
};
