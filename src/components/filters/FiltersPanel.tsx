import { useMemo } from 'react';
import { chosenLayer } from '../../lab/state/chosenLayer.ts';
import { type LabCore, useLab, useLabActions } from '../context/LabContext.tsx';
import { LazyBody } from '../shared/LazyBody.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { filtersSkeleton } from './FiltersSkeleton.tsx';
import { isStreamed, shownWeights, weightShapes } from './layerWeights.ts';
import { StreamedFilters } from './StreamedFilters.tsx';

const loadLayerWeights = async (lab: LabCore) => {
  const [module] = await Promise.all([import('./LayerWeights.tsx'), lab.whole()]);
  return module;
};

/** The weights of the chosen layer: the first convolution's as they are trained, others at the moment shown. */
export default function FiltersPanel() {
  const { chooseLayer } = useLabActions();
  const network = useLab((state) => state.network);
  const chosen = useLab(chosenLayer);
  const shown = useMemo(() => shownWeights(network, chosen), [network, chosen]);
  const layers = useMemo(
    () => weightShapes(network).map(({ layer }) => ({ value: layer, label: layer })),
    [network],
  );
  return (
    <>
      <ToggleGroup
        label="Layer with weights"
        hideLabel
        compact
        value={shown.layer}
        options={layers}
        onChange={chooseLayer}
      />
      {isStreamed(shown, network) ? (
        <StreamedFilters />
      ) : (
        <LazyBody load={loadLayerWeights} skeleton={filtersSkeleton} />
      )}
    </>
  );
}
