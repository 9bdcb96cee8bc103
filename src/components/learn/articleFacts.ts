import { useContext, useEffect, useState } from 'react';
import { type Facts, factsOf } from '../../lessons/facts.ts';
import { watchFacts } from '../../lessons/watchFacts.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { PlaceContext } from '../context/place.ts';
import { drawing } from '../drawing/drawing.ts';

/** Milliseconds between two renewals. */
const PACE = 1000;

/** The facts of the page's run, renewed at a slow pace: an article is read, not watched. */
export function useFacts(): Facts {
  const lab = useLabHandle();
  const [facts, setFacts] = useState(() => factsOf(lab));
  const place = useContext(PlaceContext);
  useEffect(() => {
    const renew = () => setFacts(factsOf(lab));
    const drawer = drawing.add(renew, { element: place?.element.current, pace: PACE, handPace: PACE });
    const stop = watchFacts(lab, drawer.request);
    return () => {
      stop();
      drawer.remove();
    };
  }, [lab, place]);
  return facts;
}
