import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';

/** The output of `exported.py`. */
export interface ExportedFound {
  /** The notebook's printed output. */
  output: string;
  figures: number;
  activations: {
    arrays: Record<string, [string, number[]]>;
    largestDifference: Record<string, number>;
  };
  run: { snapshots: number; steps: number };
  versions: { torch: string; numpy: string; safetensors: string | null };
}

const MODULES = ['torch', 'numpy', 'matplotlib', 'nbformat', 'nbclient', 'ipykernel'];

/** The first Python with the notebook's packages: `UNTANGLE_PYTHON`, the system's, or the one on the path. */
export function findPython(): string | undefined {
  const candidates = [process.env.UNTANGLE_PYTHON, '/usr/bin/python3', 'python3'].filter(
    (path) => path !== undefined,
  );
  return candidates.find(
    (path) => spawnSync(path, ['-c', `import ${MODULES.join(', ')}`], { stdio: 'ignore' }).status === 0,
  );
}

/**
 * Exports the notebook, the activations, the run and the parameters of the page's run into a new folder, as a person
 * saves them. With `data: 'checkout'`, MNIST is beside the notebook, which then needs no network.
 */
export async function saveExports(page: Page, { data }: { data: 'checkout' | 'site' }): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'untangle-notebook-'));
  const save = async (kind: 'run' | 'parameters' | 'activations' | 'notebook', name?: string) => {
    const download = page.waitForEvent('download');
    await page.evaluate(async (kind) => {
      const file = await window.lab.export(kind);
      const link = document.createElement('a');
      link.href = URL.createObjectURL(file);
      link.download = file.name;
      link.click();
    }, kind);
    const file = await download;
    const saved = name ?? file.suggestedFilename();
    await file.saveAs(join(folder, saved));
    return saved;
  };
  await save('notebook', 'notebook.ipynb');
  await save('activations', 'activations.npz');
  await save('run', 'run.untangle.zip');
  const parameters = await save('parameters');
  writeFileSync(join(folder, 'names.json'), JSON.stringify({ parameters }));
  if (data === 'checkout') symlinkSync(resolve('public/mnist'), join(folder, 'mnist'));
  return folder;
}

/** Runs an exported notebook with the files beside it. @throws an Error with the failed cell. */
export async function runNotebook(
  python: string,
  folder: string,
): Promise<Pick<ExportedFound, 'output' | 'figures'>> {
  return inPython(python, [folder, '--notebook']);
}

/** Runs the exported notebook and reads the files beside it. @throws an Error with the failed cell. */
export async function readInPython(python: string, folder: string): Promise<ExportedFound> {
  return inPython(python, [folder]);
}

async function inPython(python: string, parameters: string[]): Promise<ExportedFound> {
  const { stdout } = await promisify(execFile)(python, ['tests/python/exported.py', ...parameters], {
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n{') + 1));
}
