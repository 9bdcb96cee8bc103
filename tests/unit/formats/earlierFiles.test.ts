import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readHash } from '../../../src/lab/share/hash.ts';
import { readRunFile } from '../../../src/ml/formats/runFile.ts';
import { earlierRun, earlierRunFile } from '../../fixtures/earlier.ts';

const { run, links } = earlierRun();

describe('files of an earlier version', () => {
  it('include a run file that is still read completely', () => {
    const content = readRunFile(earlierRunFile());
    expect(content.settings).toMatchObject(run.settings);
    expect([...content.losses]).toEqual(run.losses);
    expect([...content.accuracies]).toEqual(run.accuracies);
    expect(content.snapshots.map(({ step }) => step)).toEqual(run.snapshots);
    expect(content.checkpoint?.position.step).toBe(run.step);
    const parameters = content.checkpoint?.state.parameters ?? {};
    for (const [name, sha256] of Object.entries(run.sha256)) {
      const { buffer, byteOffset, byteLength } = parameters[name];
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      expect(createHash('sha256').update(bytes).digest('hex'), name).toBe(sha256);
    }
    expect(Object.keys(content.results).sort()).toEqual([
      'geometry',
      'metamers',
      'overTraining',
      'robustness',
      'simulation',
    ]);
  });

  for (const { hash, configuration, problems } of links) {
    it(`include the link ${hash}, which still means the same`, () => {
      const read = readHash(hash);
      const { recorded } = configuration;
      const today = recorded ? { ...configuration, recorded: 'notebook' } : configuration;
      expect(read?.configuration).toEqual(today);
      expect(read?.problems).toHaveLength(problems);
    });
  }
});
