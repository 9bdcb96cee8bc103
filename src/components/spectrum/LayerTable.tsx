import { firstLayers } from '../../lab/ask/layers.ts';
import { expectedSeconds, type LayerSpectrum } from '../../lab/spectrum/layerSpectra.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { formatCount, formatQuantity } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import { Table } from '../shared/Table.tsx';
import styles from './SpectrumPanel.module.css';

interface LayerTableProps {
  /** Number of images. */
  count: number;
  /** The layer shown above. */
  layer: string;
  onLayer: (layer: string) => void;
}

/** How many directions matter at each layer, in the network's order, on request. */
export function LayerTable({ count, layer, onLayer }: LayerTableProps) {
  const { layerSpectra } = useLabHandle();
  const network = useLab((state) => state.network);
  const { found, step, count: images, progress, problem } = useStore(layerSpectra.store);
  const compute = () => void layerSpectra.compute(count);
  return (
    <section className={styles.across} aria-label="Directions from layer to layer">
      <div className={styles.heading}>
        <h3>From layer to layer</h3>
        {progress ? (
          <>
            <ProgressBar label="Computing the layers" value={progress.done} total={progress.count} />
            <Button onClick={layerSpectra.cancel}>Cancel</Button>
          </>
        ) : (
          <Button onClick={compute}>
            Compute {formatQuantity(firstLayers(network).length, 'layer')}, about{' '}
            {Math.max(1, Math.ceil(expectedSeconds(network, count)))} s
          </Button>
        )}
      </div>
      {problem && <ErrorNotice message={problem} onRetry={compute} />}
      {found.length > 0 && (
        <>
          <DirectionsTable {...{ found, layer, onLayer }} />
          <p className={styles.note}>
            At step {formatCount(step)}, of {formatQuantity(images, 'training image')}. The participation
            ratio counts the directions that matter; “centered” leaves out the mean, as PCA does.
          </p>
        </>
      )}
    </section>
  );
}

interface DirectionsTableProps extends Omit<LayerTableProps, 'count'> {
  found: readonly LayerSpectrum[];
}

function DirectionsTable({ found, layer, onLayer }: DirectionsTableProps) {
  const most = Math.max(1, ...found.map((one) => one.centeredParticipationRatio));
  return (
    <Table label="Directions by layer" lines="below" className={styles.directions}>
      <thead>
        <tr>
          <th scope="col">Layer</th>
          <th scope="col">Units</th>
          <th scope="col">Participation ratio</th>
          <th scope="col">Centered</th>
          <th scope="col" className={styles.track}>
            <span className="visually-hidden">Centered, as a bar</span>
          </th>
          <th scope="col">Components for 95 %</th>
        </tr>
      </thead>
      <tbody>
        {found.map((one) => (
          <tr key={one.layer}>
            <th scope="row">
              <Button variant="quiet" aria-pressed={one.layer === layer} onClick={() => onLayer(one.layer)}>
                {one.layer}
              </Button>
            </th>
            <td>{formatCount(one.units)}</td>
            <td>{one.participationRatio.toFixed(2)}</td>
            <td>{one.centeredParticipationRatio.toFixed(2)}</td>
            <td className={styles.track}>
              <span
                className="data-color"
                style={{ width: `${(100 * one.centeredParticipationRatio) / most}%` }}
              />
            </td>
            <td>{one.componentsFor95}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
