import { analyzedLayers } from '../../lab/ask/layers.ts';
import { expectedMilliseconds } from '../../lab/geometry/schedule.ts';
import { shapeAt, sizeOf } from '../../ml/model/network.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Checkbox } from '../shared/Checkbox.tsx';
import { formatCount } from '../shared/format.ts';
import styles from './GeometryPanel.module.css';

/** The layers to analyze, each with its size and the time that one moment takes. */
export function LayerChoice() {
  const { geometry } = useLabHandle();
  const network = useLab((state) => state.network);
  const classes = useLab((state) => state.data?.classNames.length ?? 10);
  const settings = useStore(geometry.store, (state) => state.settings);
  const { layers } = settings;
  const known = analyzedLayers(network);
  const costOf = (layer: string) => {
    const kinds = settings.resamples > 0 ? (['figures', 'errors'] as const) : (['figures'] as const);
    const milliseconds = kinds.reduce(
      (sum, kind) => sum + expectedMilliseconds({ kind, layer }, settings, { network, classes }),
      0,
    );
    const seconds = milliseconds / 1000;
    const time = seconds < 10 ? `${seconds.toPrecision(2)} s` : `${Math.round(seconds)} s`;
    return `${formatCount(sizeOf(shapeAt(network, layer)))} units, ${time}`;
  };
  return (
    <fieldset className={styles.layers}>
      <legend>Layers, with the time that one moment and its errors take</legend>
      {known.map((layer) => (
        <Checkbox
          key={layer}
          checked={layers.includes(layer)}
          disabled={layers.length === 1 && layers[0] === layer}
          onChange={(checked) =>
            geometry.set({
              layers: known.filter((other) => (other === layer ? checked : layers.includes(other))),
            })
          }
        >
          {layer} <small>{costOf(layer)}</small>
        </Checkbox>
      ))}
    </fieldset>
  );
}
