import type { Lab } from '../lab/lab.ts';

/**
 * Calls back at most once per `pace` milliseconds while something behind the facts changes. Returns a function that stops.
 */
export function watchFacts(lab: FactsSource, look: () => void, { pace = 150 } = {}): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const changed = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      look();
    }, pace);
  };
  const stores = [
    lab.store,
    lab.images.store,
    lab.imageInspection.store,
    lab.spectrum.query.store,
    lab.geometry.store,
    lab.simulatedCapacities.store,
    lab.metamers.store,
    lab.attacks.store,
  ];
  const stops = stores.map((store) => store.subscribe(changed));
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}

/** The parts of the lab that the facts come from. */
export type FactsSource = Pick<
  Lab,
  | 'store'
  | 'images'
  | 'imageInspection'
  | 'spectrum'
  | 'geometry'
  | 'simulatedCapacities'
  | 'metamers'
  | 'attacks'
>;
