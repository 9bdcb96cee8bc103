import type { LabImage } from '../../lab/images/labImage.ts';
import type { Lab } from './LabContext.tsx';

/** A panel that accepts images, from the menu of any image or by a drop. */
export interface Destination {
  /** The panel's id. */
  panel: string;
  /** Text of the menu item. */
  label: string;
  open(lab: Lab, image: LabImage): void;
}

export const destinations: readonly Destination[] = [
  {
    panel: 'activations',
    label: 'Open in Activations',
    open: ({ images }, image) => images.open(image),
  },
  {
    panel: 'activations',
    label: 'Pin in Activations',
    open: ({ images }, image) => images.pin(image),
  },
  {
    panel: 'metamers',
    label: 'Make its metamers',
    open: ({ metamers }, image) => metamers.open(image),
  },
  {
    panel: 'metamers',
    label: 'Start a metamer here',
    open: ({ metamers }, image) => metamers.startFrom(image),
  },
  {
    panel: 'adversarial',
    label: 'Attack this image',
    open: ({ attacks }, image) => attacks.open(image),
  },
];

/** Opens an image in a panel and brings the panel into view. */
export function sendTo({ panel, open }: Destination, lab: Lab, image: LabImage): void {
  open(lab, image);
  document.getElementById(panel)?.scrollIntoView({ block: 'start' });
}
