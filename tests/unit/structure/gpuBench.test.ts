import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('the GPU benchmark says in one line how to get Dawn’s bindings', { timeout: 60_000 }, () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['tests/bench/bench.mjs', 'gpu', '--webgpu=tests/unit/structure'],
    { encoding: 'utf8' },
  );
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^bench gpu: expected the npm package "webgpu".*npm install --no-save webgpu.*\n$/);
});
