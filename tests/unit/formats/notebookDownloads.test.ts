import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as cells from '../../../src/ml/formats/notebookCells.ts';
import { pythonLiteral } from '../../../src/ml/formats/pythonLiteral.ts';

const PYTHON = 'python3';
const hasNumpy = spawnSync(PYTHON, ['-c', 'import numpy'], { stdio: 'ignore' }).status === 0;
/** The data cell alone needs neither PyTorch nor matplotlib. */
const IMPORTS = cells.IMPORTS.split('\n')
  .filter((line) => !/^ +(import (matplotlib|torch)|from torch)/.test(line))
  .join('\n');

/**
 * Runs cells one after another as Jupyter does: an error ends a cell, not the notebook. Returns each error's text.
 */
async function errorsOf(...sources: string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'untangle-cells-'));
  const runner = `import json, sys
scope, errors = {}, []
for source in json.loads(sys.argv[1]):
    try:
        exec(source, scope)
        errors.append("")
    except BaseException as error:
        errors.append(f"{type(error).__name__}: {error}")
print(json.dumps(errors))`;
  try {
    const { stdout } = await promisify(execFile)(PYTHON, ['-c', runner, JSON.stringify(sources)], {
      cwd: folder,
    });
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(!hasNumpy)('the exported notebook’s data cell', { timeout: 60_000 }, () => {
  let server: Server;
  let address: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const name = request.url?.split('/').at(-1) ?? '';
      if (request.url?.startsWith('/moved/')) response.end('<html>Nothing here any more</html>');
      else if (request.url?.startsWith('/mnist/')) response.end(readFileSync(`public/mnist/${name}`));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
  });

  const run = (url: string | null, ...later: string[]) =>
    errorsOf(IMPORTS, 'torch = plt = nn = None', cells.data(pythonLiteral(url)), ...later);
  const check = cells.check({ test: '{}', split: '"test"', indices: '[0]', logits: '[[0]]', layer: '"fc"' });

  it('fetches missing files', async () => {
    expect(await run(`${address}/mnist`, 'assert images["train"].shape == (60000, 28, 28)')).toEqual([
      '',
      '',
      '',
      '',
    ]);
  });

  it.each([
    ['/gone', /train-images-idx3-ubyte\.gz could not be fetched \(HTTP Error 404/],
    ['/moved', /gave something else than a gzipped file: the address may be gone/],
  ])('says of %s what to put where, and cells after it which to run first', async (path, reason) => {
    const [, , data, later] = await run(`${address}${path}`, check);
    expect(data).toMatch(/^FileNotFoundError: /);
    expect(data).toMatch(reason);
    expect(data).toMatch(/Put train-images-idx3-ubyte\.gz .* into one of the folders “\.”, “mnist”/);
    expect(later).toBe(
      'RuntimeError: Run the cell under “Data” first: it did not finish, and its message says what to do.',
    );
  });

  it('explains a missing address and an unknown host', async () => {
    expect((await run(null))[2]).toMatch(/knows no address to fetch it from\. Put train-images/);
    expect((await run('http://127.0.0.1:1/mnist'))[2]).toMatch(/could not be fetched .*Put train-images/);
  });
});
