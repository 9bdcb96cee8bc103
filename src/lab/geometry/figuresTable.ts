import { FIGURES, type FigureName, GLUE_FIGURES } from '../../ml/geometry/index.ts';
import type { LayerGeometry } from '../../workers/geometryProtocol.ts';
import type { Estimator } from './estimators.ts';

type Figured = Omit<LayerGeometry, 'warmStart'>;

/** A layer's figures with their standard errors, as the cells of a table. */
function figureCells(result: Figured): Record<string, number | string> {
  const { layer, capacity, radius, radiusMedian, dimension, centerCorrelation, rank } = result;
  return {
    ...{ layer, capacity, radius, radiusMedian, dimension, centerCorrelation, removedDirections: rank },
    ...standardErrors(result),
    ...furtherCells(estimatorOf(result), result),
  };
}

function estimatorOf({ glue, simulation }: Figured): Estimator {
  return glue ? 'glue' : simulation ? 'simulation' : 'meanField';
}

/** Standard errors over t-vectors, and over the draw of images if they were redrawn. */
export function standardErrors({
  standardErrors: own,
  exampleErrors,
}: Pick<Figured, 'standardErrors' | 'exampleErrors'>): Record<string, number | string> {
  const named = (prefix: string, name: FigureName) => `${prefix}${name[0].toUpperCase()}${name.slice(1)}`;
  return Object.fromEntries(
    FIGURES.flatMap((name): [string, number | string][] => [
      [named('tVectorError', name), name === 'centerCorrelation' ? 0 : own[name]],
      [named('imageError', name), exampleErrors?.[name] ?? ''],
    ]),
  );
}

/** GLUE's figures with their label ensemble and centering, and the simulation; empty where not asked for. */
export function furtherCells(
  estimator: string,
  { glue, simulation }: Pick<Figured, 'glue' | 'simulation'>,
): Record<string, number | string> {
  const cells: Record<string, number | string> = {
    estimator,
    // A simulation's labels are uniform, and its points are centered.
    ensemble: glue?.ensemble ?? (simulation ? 'uniform' : ''),
    centered: glue || simulation ? String(glue?.center ?? true) : '',
  };
  for (const name of GLUE_FIGURES) {
    const title = `${name[0].toUpperCase()}${name.slice(1)}`;
    cells[`glue${title}`] = glue?.[name] ?? '';
    cells[`glueTYError${title}`] = glue?.standardErrors[name] ?? '';
    cells[`glueImageError${title}`] = glue?.imageErrors?.[name] ?? '';
  }
  return {
    ...cells,
    inseparableShare: glue?.inseparableShare ?? '',
    lowestCapacity: glue?.lowestCapacity ?? '',
    neuralCollapse: glue?.companions.neuralCollapse ?? '',
    fewShotError: glue?.companions.fewShot?.error ?? '',
    simulatedCapacity: simulation?.capacity ?? '',
    simulatedCapacityError: simulation?.standardError ?? '',
  };
}

/** Figures of layers as CSV. Layers of a person's file may have any names. */
export function figuresTable(results: readonly Figured[]): string {
  const rows = results.map(figureCells);
  const quoted = (cell: number | string) => {
    const text = String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const columns = Object.keys(rows[0] ?? {});
  return `${[columns.join(), ...rows.map((row) => columns.map((column) => quoted(row[column])).join())].join('\n')}\n`;
}
