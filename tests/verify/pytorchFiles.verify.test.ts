import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openParameters } from '../../src/ml/formats/open/openFile.ts';
import { notebookNetwork } from '../../src/ml/model/network.ts';
import { goldenModel } from '../unit/engines/golden.ts';
import { record } from './record.ts';

/** A Python with torch and NumPy. */
const PYTHON = process.env.UNTANGLE_PYTHON;

it.skipIf(!PYTHON)('opens the mnist_cnn.pt that PyTorch writes here by the notebook’s own line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'untangle-'));
  execFileSync(PYTHON ?? '', ['tests/fixtures/weights/make.py', folder], { stdio: 'inherit' });
  const file = new Uint8Array(readFileSync(join(folder, 'mnist_cnn.pt')));
  rmSync(folder, { recursive: true });
  const { parameters, format } = openParameters(file, notebookNetwork());
  const golden = goldenModel('model_trained');
  const same = Object.entries(golden).every(([name, values]) =>
    values.every((value, i) => Object.is(value, parameters[name][i])),
  );
  expect(same).toBe(true);
  record(
    'mnist_cnn.pt, written by PyTorch from the golden network by the notebook’s own line',
    'opens with the same bits',
    `${format}, ${file.length} bytes: the same bits`,
  );
});
