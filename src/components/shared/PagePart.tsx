import { type HTMLAttributes, useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import { Place, PlaceContext } from '../context/place.ts';
import { onPrint } from '../drawing/onPrint.ts';
import styles from './PagePart.module.css';

interface PagePartProps extends HTMLAttributes<HTMLElement> {
  as?: 'section' | 'div';
}

/** A part of the page that renders nothing new while it is out of view. */
export function PagePart({ as: Element = 'section', className = '', ...props }: PagePartProps) {
  const [place] = useState(() => new Place());
  // The browser prints what is out of view too.
  useEffect(() => onPrint((isPrinting) => isPrinting && flushSync(place.renew)), [place]);
  return (
    <PlaceContext value={place}>
      <Element ref={place.attach} className={`${styles.part} ${className}`} {...props} />
    </PlaceContext>
  );
}
