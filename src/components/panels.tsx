import type { ComponentProps, ReactNode } from 'react';
import type { PanelId } from '../lab/state/pageParts.ts';
import { activationsSkeleton } from './activations/ActivationsSkeleton.tsx';
import { adversarialSkeleton } from './adversarial/AdversarialSkeleton.tsx';
import { confusionSkeleton } from './confusion/ConfusionSkeleton.tsx';
import type { LabCore } from './context/LabContext.tsx';
import { filtersSkeleton } from './filters/FiltersSkeleton.tsx';
import { gallerySkeleton } from './gallery/GallerySkeleton.tsx';
import { geometrySkeleton } from './geometry/GeometrySkeleton.tsx';
import { metamersSkeleton } from './metamers/MetamersSkeleton.tsx';
import { networkSkeleton } from './network/NetworkSkeleton.tsx';
import type { Panel } from './shared/Panel.tsx';
import { spectrumSkeleton } from './spectrum/SpectrumSkeleton.tsx';
import { timelineSkeleton } from './timeline/TimelineSkeleton.tsx';
import { trainSkeleton } from './train/TrainSkeleton.tsx';

type BodyModule = Promise<{ default: () => ReactNode }>;
type LoadBody = (lab: LabCore) => BodyModule;

/** Fetches a panel body that needs the whole lab. */
function withWhole(load: () => BodyModule): LoadBody {
  return async (lab) => {
    const [module] = await Promise.all([load(), lab.whole()]);
    return module;
  };
}

/** A panel of the page. Its module's default export is the body, fetched when the reader comes near. */
export interface PanelEntry {
  id: PanelId;
  title: string;
  question: string;
  span: ComponentProps<typeof Panel>['span'];
  load: LoadBody;
  /** A placeholder of the body's size, so that nothing moves when the body loads. */
  skeleton: ReactNode;
}

/** In the notebook's order. */
export const panels: readonly PanelEntry[] = [
  {
    id: 'train',
    title: 'Train',
    question: 'How well does the network read its images, and how fast does it learn?',
    span: 6,
    load: () => import('./train/TrainPanel.tsx'),
    skeleton: trainSkeleton,
  },
  {
    id: 'filters',
    title: 'Filters',
    question: 'What does each filter look for, and how does it change over training?',
    span: 6,
    load: () => import('./filters/FiltersPanel.tsx'),
    skeleton: filtersSkeleton,
  },
  {
    id: 'confusion',
    title: 'Mistakes',
    question: 'Which classes does the network confuse?',
    span: 5,
    load: withWhole(() => import('./confusion/ConfusionPanel.tsx')),
    skeleton: confusionSkeleton,
  },
  {
    id: 'gallery',
    title: 'Images',
    question: 'What do the images look like, and which are hard?',
    span: 7,
    load: withWhole(() => import('./gallery/GalleryPanel.tsx')),
    skeleton: gallerySkeleton,
  },
  {
    id: 'activations',
    title: 'Activations',
    question: 'What does every filter make of an image?',
    span: 12,
    load: withWhole(() => import('./activations/ActivationsPanel.tsx')),
    skeleton: activationsSkeleton,
  },
  {
    id: 'spectrum',
    title: 'Spectrum',
    question: 'In how many directions do a layer’s activations vary?',
    span: 12,
    load: withWhole(() => import('./spectrum/SpectrumPanel.tsx')),
    skeleton: spectrumSkeleton,
  },
  {
    id: 'geometry',
    title: 'Geometry',
    question: 'How do the classes untangle, layer by layer and over training?',
    span: 12,
    load: withWhole(() => import('./geometry/GeometryPanel.tsx')),
    skeleton: geometrySkeleton,
  },
  {
    id: 'metamers',
    title: 'Metamers',
    question: 'Which images can the network not tell apart?',
    span: 12,
    load: withWhole(() => import('./metamers/MetamersPanel.tsx')),
    skeleton: metamersSkeleton,
  },
  {
    id: 'adversarial',
    title: 'Adversarial examples',
    question: 'How small a change makes the network read another class?',
    span: 12,
    load: withWhole(() => import('./adversarial/AdversarialPanel.tsx')),
    skeleton: adversarialSkeleton,
  },
];

/** The network's layers, above the panels. */
export const network: Pick<PanelEntry, 'load' | 'skeleton'> = {
  load: withWhole(() => import('./network/NetworkStrip.tsx')),
  skeleton: networkSkeleton,
};

/** The article, under the panels. */
export const article: Pick<PanelEntry, 'load' | 'skeleton'> = {
  load: withWhole(() => import('./learn/Article.tsx')),
  skeleton: null,
};

/** The timeline, at the bottom edge of the page. */
export const timeline: Pick<PanelEntry, 'load' | 'skeleton'> = {
  load: () => import('./timeline/Timeline.tsx'),
  skeleton: timelineSkeleton,
};
