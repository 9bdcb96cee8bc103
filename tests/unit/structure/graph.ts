import { dirname } from 'node:path';
import type { SourceFile } from './sources.ts';

/** The node that a file belongs to: itself, its folder, or its room; undefined for files that a check leaves out. */
export type NodeOf = (path: string) => string | undefined;

/** By node, the nodes that its files import from, each with the first such import as "from -> to". */
type Graph = ReadonlyMap<string, ReadonlyMap<string, string>>;

export const byFile: NodeOf = (path) => path;

/** A nested folder is a node of its own. */
export const byFolder: NodeOf = (path) => dirname(path);

/** The first-level folders of a storey, each taken as a whole; a file beside them is a room of its own. */
export function byRoom(storey: string): NodeOf {
  return (path) => {
    if (!path.startsWith(`${storey}/`)) return undefined;
    const [room] = path.slice(storey.length + 1).split('/');
    return `${storey}/${room}`;
  };
}

/** Circles of imports between the nodes, each as "a -> b -> a" with the imports that close it. */
export function findCircles(files: readonly SourceFile[], nodeOf: NodeOf): string[] {
  const graph = graphOf(files, nodeOf);
  const done = new Set<string>();
  const circles: string[] = [];

  function visit(node: string, path: readonly string[]): void {
    const place = path.indexOf(node);
    if (place >= 0) circles.push(circleText(graph, [...path.slice(place), node]));
    if (place >= 0 || done.has(node)) return;
    for (const target of graph.get(node)?.keys() ?? []) visit(target, [...path, node]);
    done.add(node);
  }

  for (const node of graph.keys()) visit(node, []);
  return circles;
}

/** Imports from a lower storey into a higher one, or out of the storeys, as "from -> to". */
export function upwardImports(files: readonly SourceFile[], storeys: readonly string[]): string[] {
  const storeyOf = (path: string) => {
    const found = storeys.findIndex((storey) => path.startsWith(`${storey}/`));
    return found < 0 ? storeys.length : found;
  };
  return files.flatMap(({ path, imports }) =>
    imports.filter((target) => storeyOf(target) > storeyOf(path)).map((target) => `${path} -> ${target}`),
  );
}

function graphOf(files: readonly SourceFile[], nodeOf: NodeOf): Graph {
  const graph = new Map<string, Map<string, string>>();
  for (const { path, imports } of files) {
    const node = nodeOf(path);
    if (node === undefined) continue;
    const targets = graph.get(node) ?? new Map<string, string>();
    graph.set(node, targets);
    for (const target of imports) {
      const other = nodeOf(target);
      if (other === undefined || other === node || targets.has(other)) continue;
      targets.set(other, `${path} -> ${target}`);
    }
  }
  return graph;
}

function circleText(graph: Graph, circle: readonly string[]): string {
  const imports = circle.slice(1).map((target, i) => graph.get(circle[i])?.get(target));
  return `${circle.join(' -> ')} (${imports.join(', ')})`;
}
