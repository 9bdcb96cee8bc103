import { concernsOf, ENOUGH_FINDS, SMALL_NORM_RATIO } from '../../ml/geometry/index.ts';
import type { LayerGeometry } from '../../workers/geometryProtocol.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { formatQuantity, formatShare, formatValue } from '../shared/format.ts';
import { Notice } from '../shared/Notice.tsx';
import { Table } from '../shared/Table.tsx';
import styles from './GeometryPanel.module.css';

interface WhatWasDoneProps {
  layer: string;
  result: LayerGeometry;
  classNames: readonly string[];
}

/** The directions that the analysis removed, the units of the radius, and warnings about unstable means. */
export function WhatWasDone({ layer, result, classNames }: WhatWasDoneProps) {
  const { geometry } = useLabHandle();
  const rule = useStore(geometry.store, ({ settings }) => settings.rule);
  const { rank, search, labels, perManifold } = result;
  const { smallCenters, drag } = concernsOf(result);
  const nameOf = (manifold: number) => classNames[labels[manifold]] ?? String(labels[manifold]);
  return (
    <section className={styles.done} aria-label="What was done">
      <h3>What was done at {layer}</h3>
      <p>
        {rank === 0
          ? 'No direction was removed from the class centers.'
          : `K = ${rank}: ${formatQuantity(rank, 'direction')} shared by the class centers ${rank === 1 ? 'was' : 'were'} removed from all points. ${searchText(rule, search)}`}{' '}
        The radius is in units of the remaining norm of each class’s center.
      </p>
      {smallCenters.length > 0 && (
        <Notice>
          {smallCenters
            .map(({ manifold, ratio }) => `${nameOf(manifold)} (${formatShare(ratio, 0)})`)
            .join(', ')}
          : less than {formatShare(SMALL_NORM_RATIO, 0)} of the center remains, which is a small, unstable
          unit. Compare median radii, not mean radii.
        </Notice>
      )}
      {drag && (
        <Notice>
          Class {nameOf(drag.manifold)} alone lowers the capacity, a harmonic mean. Without that class the
          capacity would be {formatValue(drag.others)} instead of {formatValue(result.capacity)}.
        </Notice>
      )}
      <ClassFigures {...{ labels, perManifold, nameOf }} />
    </section>
  );
}

interface ClassFiguresProps extends Pick<LayerGeometry, 'labels' | 'perManifold'> {
  nameOf: (manifold: number) => string;
}

/** The figures of every class. */
function ClassFigures({ labels, perManifold, nameOf }: ClassFiguresProps) {
  return (
    <Table label="Classes" lines="below" className={styles.figures}>
      <thead>
        <tr>
          <th scope="col">Class</th>
          {perManifold.map((_, manifold) => (
            <th scope="col" key={labels[manifold]}>
              {nameOf(manifold)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">Remaining share of the center’s norm</th>
          {perManifold.map(({ centerNormRatio }, manifold) => (
            <td key={labels[manifold]}>{formatShare(centerNormRatio, 0)}</td>
          ))}
        </tr>
        {(['capacity', 'radius', 'dimension'] as const).map((name) => (
          <tr key={name}>
            <th scope="row">
              {name === 'capacity' ? 'Capacity' : name === 'radius' ? 'Radius' : 'Dimension'}
            </th>
            {perManifold.map((one, manifold) => (
              <td key={labels[manifold]}>{one[name].toPrecision(3)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function searchText(rule: 'lowestCost' | 'reference', search: LayerGeometry['search']): string {
  if (!search) return '';
  const { starts, finds } = search;
  if (rule === 'reference') {
    return `Of ${formatQuantity(starts, 'start')}, the original code’s rule chose the start whose smallest center is largest.`;
  }
  const found = `The lowest cost was found ${formatQuantity(finds, 'time')} in ${formatQuantity(starts, 'start')}`;
  return finds >= ENOUGH_FINDS
    ? `${found}.`
    : `${found}: another seed may reach another minimum, which is part of the error over images.`;
}
