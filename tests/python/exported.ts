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

/** `.ci/run` sets REQUIRE_PYTHON, because it installs the packages: there, a missing one is a failure and no reason to skip. */
const isRequired = Boolean(process.env.REQUIRE_PYTHON);

/** A cell's line about the one package that Debian lacks and whose cell is skipped without it. */
const EXPECTED_SKIP = /^Skipped \(No module named 'mftma'\)/;

/** A proxy at a port where nothing listens. */
const DEAD_PROXY = 'http://127.0.0.1:9';

/**
 * The first Python with the notebook's packages: `UNTANGLE_PYTHON`, the system's, or the one on the path.
 * @throws an Error if there is none and REQUIRE_PYTHON is set.
 */
export function findPython(): string | undefined {
  const candidates = [process.env.UNTANGLE_PYTHON, '/usr/bin/python3', 'python3'].filter(
    (path) => path !== undefined,
  );
  const found = candidates.find(
    (path) => spawnSync(path, ['-c', `import ${MODULES.join(', ')}`], { stdio: 'ignore' }).status === 0,
  );
  if (found === undefined && isRequired) {
    throw new Error(
      `expected a Python with ${MODULES.join(', ')}, because REQUIRE_PYTHON is set; found none among ${candidates.join(', ')}. Install the packages of .ci/run.`,
    );
  }
  return found;
}

/** The notebook's lines about cells that it skipped although REQUIRE_PYTHON promises their packages. */
export function wrongSkips(output: string): string[] {
  const lines = output.match(/^Skipped.*/gm) ?? [];
  return isRequired ? lines.filter((line) => !EXPECTED_SKIP.test(line)) : [];
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

/** Runs an exported notebook with the files beside it, without the network. @throws an Error with the failed cell. */
export async function runNotebook(
  python: string,
  folder: string,
): Promise<Pick<ExportedFound, 'output' | 'figures'>> {
  return inPython(python, [folder, '--notebook'], withoutNetwork());
}

/**
 * Runs the exported notebook and reads the files beside it.
 * @param options.network lets the notebook fetch its data from the site.
 * @throws an Error with the failed cell.
 */
export async function readInPython(
  python: string,
  folder: string,
  { network = false }: { network?: boolean } = {},
): Promise<ExportedFound> {
  return inPython(python, [folder], network ? process.env : withoutNetwork());
}

async function inPython(
  python: string,
  parameters: string[],
  env: NodeJS.ProcessEnv,
): Promise<ExportedFound> {
  const { stdout } = await promisify(execFile)(python, ['tests/python/exported.py', ...parameters], {
    maxBuffer: 2 ** 26,
    env,
  });
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n{') + 1));
}

/** An environment in which Python's every request fails, to this machine's own servers too. */
function withoutNetwork(): NodeJS.ProcessEnv {
  const proxies = ['http_proxy', 'https_proxy'].flatMap((name) => [name, name.toUpperCase()]);
  return {
    ...process.env,
    ...Object.fromEntries(proxies.map((name) => [name, DEAD_PROXY])),
    no_proxy: '',
    NO_PROXY: '',
  };
}
