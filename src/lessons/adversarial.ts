import type { Lesson } from './lesson.ts';

/** Lesson 5: adversarial examples, and what training on them changes. */
export const adversarialLesson: Lesson = {
  id: 'adversarial',
  title: 'Images that fool a network',
  steps: [
    {
      id: 'small',
      title: 'A small change in the wrong direction',
      text: [
        'Training follows the gradient of the loss to make the parameters better. An attack follows the gradient with respect to the image to make the answer worse. Epsilon limits by how much each pixel may change, where black is 0 and white is 1.',
        'This is the recorded run, which reads 98 % of the test images correctly.',
      ],
      state: 'run=recorded&panel=adversarial&at=live',
      target: 'adversarial',
      ask: {
        kind: 'number',
        question: 'From which epsilon on will the network misread this image?',
        unit: '',
        range: [0.01, 0.3],
        resolution: 0.01,
      },
      todo: 'Move the slider Epsilon until the network’s answer changes.',
      done: ({ attack }) =>
        attack !== undefined && attack.before === attack.truth && attack.after !== attack.truth,
      seen: [
        'At epsilon {epsilon} the network reads the {truth} as {attacked}. Look at the attacked image: you still read the {truth}.',
      ],
    },
    {
      id: 'curve',
      title: 'Not one image, but most of them',
      text: [
        'One image proves little. The curve attacks several hundred test images at each epsilon and counts how many the network still reads correctly.',
      ],
      target: 'adversarial',
      ask: {
        kind: 'curve',
        question: 'What share of the test images is still read correctly, in percent?',
        places: ['0', '0.1', '0.2', '0.3'],
        unit: ' %',
        range: [0, 100],
        resolution: 1,
        shown: ({ robustness }) =>
          [0, 0.1, 0.2, 0.3].map((epsilon) => {
            const at = robustness?.epsilons.findIndex((one) => Math.abs(one - epsilon) < 1e-6) ?? -1;
            return robustness && at >= 0 ? 100 * robustness.accuracies[at] : undefined;
          }),
      },
      todo: 'Draw your guess. Then press “Draw the curve” in the panel.',
      done: ({ robustness }, before) => robustness !== undefined && robustness.id !== before.robustness?.id,
      seen: [
        'A network that is nearly perfect on the test set fails on nearly all of the same images after a change that hardly matters to a person. With PGD, an attack of many small steps, the curve falls even faster than with FGSM, which makes one step.',
      ],
    },
    {
      id: 'training',
      title: 'Train on attacks',
      text: [
        'In adversarial training every batch is attacked before its update, so the network learns from the hardest images within epsilon. A step then costs several times as much.',
      ],
      state: 'seed=111&attack=linf:0.1:5:0.03:r:0&panel=train',
      target: 'header',
      ask: {
        kind: 'choice',
        question: 'The accuracy on ordinary test images, compared with plain training, will be:',
        options: ['A little lower', 'The same', 'Higher'],
      },
      todo: 'Press Train and let it make at least 300 steps, then press Pause.',
      done: ({ step, status, adversarialTraining }) =>
        adversarialTraining && step >= 300 && status !== 'training',
      seen: [
        'At step {step} the header shows the training accuracy on attacked images. Plain training passes 90 % within some 100 to 300 steps; here it takes longer, because the attacked images are harder. On ordinary test images, networks trained on attacks are often a little less accurate: robustness has a price.',
      ],
    },
    {
      id: 'compare',
      title: 'Attack the trained network again',
      text: [
        'The same attack, on the network that has seen attacks. At an epsilon of 0.1 the recorded run read about 30 % of the attacked images correctly.',
      ],
      state: 'panel=adversarial&at=live',
      target: 'adversarial',
      ask: {
        kind: 'choice',
        question: 'At epsilon 0.1, the new curve will lie:',
        options: ['Below the first', 'On the first', 'Above the first'],
        shown: ({ robustness }) => {
          const at = robustness?.epsilons.findIndex((one) => Math.abs(one - 0.1) < 1e-6) ?? -1;
          return robustness && at >= 0 ? (robustness.accuracies[at] > 0.5 ? 2 : 1) : undefined;
        },
      },
      todo: 'Choose an answer. Then press “Draw the curve” again.',
      done: ({ robustness, adversarialTraining }, before) =>
        adversarialTraining && robustness !== undefined && robustness.id !== before.robustness?.id,
      seen: [
        'After a few hundred steps of adversarial training the network withstands most attacks of an epsilon that fooled the recorded run on two of three images. Look at its filters: they differ from those of plain training.',
      ],
    },
  ],
  sources: [
    'Goodfellow, I. J., Shlens, J. & Szegedy, C. Explaining and harnessing adversarial examples. ICLR 2015. arXiv:1412.6572',
    'Madry, A. et al. Towards deep learning models resistant to adversarial attacks. ICLR 2018. arXiv:1706.06083',
    'Tsipras, D. et al. Robustness may be at odds with accuracy. ICLR 2019. arXiv:1805.12152',
  ],
  notes: {
    expect: [
      'Recorded run, first 500 test images: 492 correct; FGSM leaves 403, 151, 1 and 0 at epsilon .05, .1, .2 and .3; PGD leaves 375, 23, 0 and 0.',
    ],
    misunderstandings: [
      'An attack needs the network’s gradients; it is not noise. Random noise of the same size hardly changes the answer.',
      'Robustness is measured only for the attack and the epsilon that were tried.',
    ],
  },
};
