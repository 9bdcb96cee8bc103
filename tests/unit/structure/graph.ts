import { dirname } from 'node:path';
import type { SourceFile } from './sources.ts';

/** The edges from each node. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

export function fileGraph(files: readonly SourceFile[]): Graph {
  return new Map(files.map(({ path, imports }) => [path, new Set(imports)]));
}

/** Folders, each with the folders that its files import from. A nested folder is a node of its own. */
export function folderGraph(files: readonly SourceFile[]): Graph {
  const graph = new Map<string, Set<string>>();
  for (const { path, imports } of files) {
    const folder = dirname(path);
    const targets = graph.get(folder) ?? new Set();
    graph.set(folder, targets);
    for (const target of imports.map((each) => dirname(each))) if (target !== folder) targets.add(target);
  }
  return graph;
}

/** Circles in the graph, each as a path that ends at its start. */
export function findCircles(graph: Graph): string[][] {
  const done = new Set<string>();
  const circles: string[][] = [];

  function visit(node: string, path: readonly string[]): void {
    const place = path.indexOf(node);
    if (place >= 0) circles.push([...path.slice(place), node]);
    if (place >= 0 || done.has(node)) return;
    for (const target of graph.get(node) ?? []) visit(target, [...path, node]);
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
