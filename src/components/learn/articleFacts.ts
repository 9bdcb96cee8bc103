import { useEffect, useState } from 'react';
import { type Facts, factsOf } from '../../lessons/facts.ts';
import { watchFacts } from '../../lessons/watchFacts.ts';
import { useLabHandle } from '../context/LabContext.tsx';

/** The facts of the page's run, renewed at a slow pace: an article is read, not watched. */
export function useFacts(): Facts {
  const lab = useLabHandle();
  const [facts, setFacts] = useState(() => factsOf(lab));
  useEffect(() => watchFacts(lab, () => setFacts(factsOf(lab)), { pace: 1000 }), [lab]);
  return facts;
}
