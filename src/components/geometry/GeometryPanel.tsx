import { useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { ActivationsSource } from '../data/ActivationsSource.tsx';
import { ActivationsGeometry } from './ActivationsGeometry.tsx';
import { NetworkGeometry } from './NetworkGeometry.tsx';

/** The geometry of the page's network, or of activations from elsewhere. */
export default function GeometryPanel() {
  const { activations } = useLabHandle();
  const shown = useStore(activations.store, (state) => (state.shown ? state.info : undefined));
  return (
    <>
      <ActivationsSource />
      {shown ? <ActivationsGeometry key={shown.name} info={shown} /> : <NetworkGeometry />}
    </>
  );
}
