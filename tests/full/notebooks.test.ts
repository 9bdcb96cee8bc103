import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { LabApi } from '../../src/lab/script/labApi.ts';
import type { ExportKind } from '../../src/lab/share/fileKinds.ts';
import { colorBatch } from '../fixtures/colorImages.ts';
import { createProfile } from '../lab/browserProfile.ts';
import { findPython, runNotebook, wrongSkips } from '../python/exported.ts';

const python = findPython() ?? '';
const profile = createProfile();
const folders: string[] = [];
afterEach(() => {
  profile.closeAll();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Saves the kinds of files into a new folder, as a person saves them. */
async function saved(api: LabApi, kinds: readonly ExportKind[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'untangle-notebook-'));
  folders.push(folder);
  for (const kind of kinds) {
    const file = await api.export(kind);
    const name = kind === 'notebook' ? 'notebook.ipynb' : file.name;
    writeFileSync(join(folder, name), new Uint8Array(await file.arrayBuffer()));
  }
  return folder;
}

test.skipIf(!python)(
  'the notebook of a run on own color images finds the same accuracy and logits',
  async () => {
    const { api, lab } = await profile.open({ comesBack: false });
    const files = [
      new File([colorBatch(300)], 'data_batch_1.bin'),
      new File([colorBatch(90, 7)], 'test_batch.bin'),
      new File(['red “circle”\ngrün\nblue\n'], 'batches.meta.txt'),
    ];
    const id = await api.openData(files, { name: '<b>Made</b> images' });
    await api.reset({ network: 'lenet', seed: 3 });
    await api.reset({ data: id });
    await api.train({ epochs: 3, batchSize: 20 });
    const { correct, count } = await api.evaluate();
    expect([count, correct > 60]).toEqual([90, true]);
    const folder = await saved(api, ['notebook', 'parameters', 'data']);
    const { output, figures } = await runNotebook(python, folder);
    expect(Math.abs(Number(/^correct: (\d+) of 90 here/m.exec(output)?.[1]) - correct)).toBeLessThanOrEqual(
      1,
    );
    expect(output).toContain(`${correct} of 90 in the run`);
    expect(output).toMatch(/^logits: {2}largest difference \d/m);
    expect(output).toContain('The run and PyTorch agree.');
    expect(wrongSkips(output)).toEqual([]);
    expect(figures).toBe(6);

    // The saved images are the same data set when they are opened again.
    const images = await api.export('data');
    expect(await api.openData([images])).toBe(id);
    expect(lab.store.getState().data?.classNames).toEqual(['red “circle”', 'grün', 'blue']);

    // Other images beside the notebook are refused.
    writeFileSync(join(folder, images.name), new Uint8Array(await (await changed(api, files)).arrayBuffer()));
    await expect(runNotebook(python, folder)).rejects.toThrow(
      /Expected the run's images in .*, found others/,
    );
  },
);

/** Images of the same shape with another seed. */
async function changed(api: LabApi, [, test, names]: readonly File[]): Promise<File> {
  const train = new File([colorBatch(300, 99)], 'data_batch_1.bin');
  await api.reset({ data: await api.openData([train, test, names]) });
  return api.export('data');
}

test.skipIf(!python)(
  'the notebook of a run on Fashion-MNIST finds the same accuracy and logits',
  async () => {
    const { api } = await profile.open({ comesBack: false });
    await api.reset({ data: 'fashion-mnist' });
    await api.train({ maxSteps: 200 });
    const { correct } = await api.evaluate();
    const folder = await saved(api, ['notebook', 'parameters']);
    symlinkSync(resolve('public/fashion-mnist'), join(folder, 'fashion-mnist'));
    const { output } = await runNotebook(python, folder);
    expect(output).toContain(`${correct} of 10000 in the run`);
    expect(output).toContain('The run and PyTorch agree.');
    expect(wrongSkips(output)).toEqual([]);
  },
);
