import type { ComponentProps, ComponentType, ReactNode } from 'react';
import { filtersSkeleton } from './filters/FiltersSkeleton.tsx';
import type { Panel } from './shared/Panel.tsx';
import { trainSkeleton } from './train/TrainSkeleton.tsx';

/** A panel of the page. Its module's default export is the body, fetched when the reader comes near. */
export interface PanelEntry {
  id: string;
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
    help: 'The weights of the convolution, one map per filter. Point at a weight for its value; click a filter, or press Enter on it, to see how its weights have changed.',
    span: 6,
    load: () => import('./filters/FiltersPanel.tsx'),
    skeleton: filtersSkeleton,
  },
];

/** What stands at the page's bottom edge, once there is something to scrub. */
export const timeline: ComponentType | undefined = undefined;
