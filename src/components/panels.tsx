import type { ComponentProps, ComponentType, ReactNode } from 'react';
import type { PanelId } from '../lab/share/hash.ts';
import { activationsSkeleton } from './activations/ActivationsSkeleton.tsx';
import { adversarialSkeleton } from './adversarial/AdversarialSkeleton.tsx';
import { confusionSkeleton } from './confusion/ConfusionSkeleton.tsx';
import { filtersSkeleton } from './filters/FiltersSkeleton.tsx';
import { gallerySkeleton } from './gallery/GallerySkeleton.tsx';
import { geometrySkeleton } from './geometry/GeometrySkeleton.tsx';
import { metamersSkeleton } from './metamers/MetamersSkeleton.tsx';
import type { Panel } from './shared/Panel.tsx';
import { spectrumSkeleton } from './spectrum/SpectrumSkeleton.tsx';
import { Timeline } from './timeline/Timeline.tsx';
import { trainSkeleton } from './train/TrainSkeleton.tsx';

/** A panel of the page. Its module's default export is the body, fetched when the reader comes near. */
export interface PanelEntry {
  id: PanelId;
  title: string;
  question: string;
  /** For the help: what it shows and what can be done there. */
  help: string;
  span: ComponentProps<typeof Panel>['span'];
  load: () => Promise<{ default: () => ReactNode }>;
  /** Of the body's size, so that nothing moves when it comes. */
  skeleton: ReactNode;
}

/** In the notebook's order. */
export const panels: readonly PanelEntry[] = [
  {
    id: 'train',
    title: 'Train',
    question: 'How well does the network read digits, and how fast does it learn?',
    help: 'Loss and accuracy of every training batch, and of the test set after every epoch. Drag in the chart to zoom, double-click to see all. Settings change the run as it goes; those marked “after a reset” start a new one.',
    span: 6,
    load: () => import('./train/TrainPanel.tsx'),
    skeleton: trainSkeleton,
  },
  {
    id: 'filters',
    title: 'Filters',
    question: 'What does each filter look for, and how does it change over training?',
    help: 'The weights of the convolution, one map per filter. Point at a weight for its value; click a filter, or press Enter on it, to see how its weights have changed. Compare sets the filters at the timeline’s moment (at the start, while that is live) beside those of now.',
    span: 6,
    load: () => import('./filters/FiltersPanel.tsx'),
    skeleton: filtersSkeleton,
  },
  {
    id: 'confusion',
    title: 'What it gets wrong',
    question: 'Which digits does it take for which?',
    help: 'The confusion matrix of the test set: a row is what the images are, a column what the network reads. Click a cell, or press Enter on it, to see its images. While the timeline moves, it shows the result that is kept, or the last one, dimmed, with its own step.',
    span: 5,
    load: () => import('./confusion/ConfusionPanel.tsx'),
    skeleton: confusionSkeleton,
  },
  {
    id: 'gallery',
    title: 'Images',
    question: 'What do the digits look like, and which are hard?',
    help: 'Every image of the data set, filtered by digit, by index, or by whether the network gets it wrong. Drag an image to a panel, or click it for its menu; arrow keys move from one to the next.',
    span: 7,
    load: () => import('./gallery/GalleryPanel.tsx'),
    skeleton: gallerySkeleton,
  },
  {
    id: 'activations',
    title: 'Activations',
    question: 'What does every filter make of an image?',
    help: 'Draw a digit, drop, paste or choose a picture, or bring an image from the page; beside it is what the network really sees. Point at an activation for the window, the filter and the sum that give it. Pin images to compare them.',
    span: 12,
    load: () => import('./activations/ActivationsPanel.tsx'),
    skeleton: activationsSkeleton,
  },
  {
    id: 'spectrum',
    title: 'Spectrum',
    question: 'In how many directions do a layer’s activations vary?',
    help: 'Singular values and principal components of a layer’s activations. Point at an image for a look, click it to open it in Activations. While the timeline moves, kept results follow it; others are dimmed until it rests.',
    span: 12,
    load: () => import('./spectrum/SpectrumPanel.tsx'),
    skeleton: spectrumSkeleton,
  },
  {
    id: 'geometry',
    title: 'Geometry',
    question: 'How do the classes untangle, layer by layer and over training?',
    help: 'Manifold capacity, radius, dimension and center correlation of the classes, against the layers and against training. It is computed beside training while this panel is in view, the shown moment first; Cancel ends it at once. The theory assumes many manifolds, and ten classes are few: read the figures as a comparison between layers and moments.',
    span: 12,
    load: () => import('./geometry/GeometryPanel.tsx'),
    skeleton: geometrySkeleton,
  },
  {
    id: 'metamers',
    title: 'Metamers',
    question: 'Which images can the network not tell apart?',
    help: 'From noise, pixels are changed until a layer answers as it does to the reference. Drag any image in, choose layers, and run; drag the bar to see every step, with both activations and their difference. It is called a metamer only when its match is far outside that of different images and the class is the same. A second network, of another seed, moment or file, can judge the same images.',
    span: 12,
    load: () => import('./metamers/MetamersPanel.tsx'),
    skeleton: metamersSkeleton,
  },
  {
    id: 'adversarial',
    title: 'Adversarial examples',
    question: 'How small a change makes the network read another digit?',
    help: 'One image attacked live as epsilon is dragged, judged on the exact pixels and as an 8-bit file would hold them; the accuracy against epsilon over many test images, and at every snapshot of the run. Drag any image in. The Train panel can train on attacked images: then the network resists, and its late metamers look more like their reference.',
    span: 12,
    load: () => import('./adversarial/AdversarialPanel.tsx'),
    skeleton: adversarialSkeleton,
  },
];

/** What stands at the page's bottom edge, once there is something to scrub. */
export const timeline: ComponentType | undefined = Timeline;
