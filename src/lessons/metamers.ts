import type { Lesson } from './lesson.ts';

/** Lesson 4: model metamers, images that a layer cannot tell apart. */
export const metamersLesson: Lesson = {
  id: 'metamers',
  title: 'What a network cannot tell apart',
  steps: [
    {
      id: 'idea',
      title: 'Two images, one answer',
      text: [
        'A metamer of a layer is an image that gives this layer the same activations as another image. For everything that comes after the layer, the two are the same.',
        'We make one by starting from noise and changing its pixels until the activations match. The network’s parameters stay as they are: only the image learns.',
      ],
      state: 'run=recorded&panel=metamers&at=live',
      target: 'metamers',
      ask: {
        kind: 'curve',
        question:
          'How similar to the original image will the metamer of each layer look? 1 is the same image, 0 has nothing in common.',
        places: ['conv', 'fc'],
        unit: '',
        range: [0, 1],
        resolution: 0.05,
        shown: ({ metamers }) =>
          ['conv', 'fc'].map((layer) => metamers.find((made) => made.layer === layer)?.similarity),
      },
      todo: 'Draw your guess. Then check conv and fc in the panel, and press Make metamers.',
      done: ({ metamers }, before) =>
        ['conv', 'fc'].every((layer) => metamers.some((made) => made.layer === layer)) &&
        (metamers.length !== before.metamers.length ||
          metamers.some(({ similarity }, i) => similarity !== before.metamers[i]?.similarity)),
      seen: [
        'The structural similarity of your metamers to the original: {similarity conv} for conv and {similarity fc} for fc. An early layer’s metamer looks like the digit. A late layer’s does not, yet the network reads it as the same digit.',
      ],
    },
    {
      id: 'why',
      title: 'Why the late layer forgets',
      text: [
        'conv has 32 × 26 × 26 = 21,632 units, and the image only 784 pixels. Enough answers determine the image.',
        'fc has ten. Ten numbers cannot determine 784 pixels: an enormous set of images shares them, and most of those look like noise.',
      ],
      target: 'metamers',
      ask: {
        kind: 'choice',
        question: 'If you make the fc metamer again from other noise, will it be the same image?',
        options: ['Yes, the same', 'No, another image with the same ten numbers'],
        shown: ({ metamers }) => (metamers.some(({ layer }) => layer === 'fc') ? 1 : undefined),
      },
      todo: 'Change the panel’s seed and press Make metamers again.',
      done: ({ metamers }, before) => {
        const fc = metamers.find(({ layer }) => layer === 'fc');
        const old = before.metamers.find(({ layer }) => layer === 'fc');
        return fc !== undefined && fc.pixelCorrelation !== old?.pixelCorrelation;
      },
      seen: [
        'The pixels of the new fc metamer correlate with the original’s by {pixelCorrelation fc}; another start gives another image. The conv metamer comes back to the digit from every start.',
      ],
    },
    {
      id: 'test',
      title: 'When is it a metamer?',
      text: [
        'Activations never match perfectly. The page calls an image a metamer only if it matches better than any pair of different natural images does, by three measures, and if the network reads it as the same digit. The table under the images shows each part of this test, with its threshold.',
        'People are a network too. A good model of human vision should have metamers that people cannot tell apart either. For deep networks this fails at late layers, which is what this method was made to show.',
      ],
      target: 'metamers',
      ask: {
        kind: 'choice',
        question: 'An fc metamer looks like noise to you, and like the digit to the network. What follows?',
        options: [
          'The network has made a mistake in its training',
          'The network’s late layer ignores differences that people see',
          'The metamer was not made long enough',
        ],
        right: 1,
      },
      todo: 'Choose an answer.',
      seen: [
        'The network reads test images almost as well as people do, and still it is blind to differences that are obvious to us. The same accuracy does not mean the same way of seeing.',
      ],
    },
  ],
  sources: [
    'Feather, J., Leclerc, G., Mądry, A. & McDermott, J. H. Model metamers reveal divergent invariances between biological and artificial neural networks. Nat. Neurosci. 26, 2017 (2023). doi:10.1038/s41593-023-01442-0',
    'Wang, Z. et al. Image quality assessment: from error visibility to structural similarity. IEEE Trans. Image Process. 13, 600 (2004). doi:10.1109/TIP.2003.819861',
  ],
  notes: {
    expect: [
      'conv: similarity above .9 from every start. fc: below .3, and different for each seed.',
      'A metamer of 1,000 iterations takes a second or two.',
    ],
    misunderstandings: [
      'The network is not trained here; the image is.',
      'A metamer is not an adversarial example: it keeps the answer and changes the image as much as it can, an attack changes the answer and the image as little as it can.',
    ],
  },
};
