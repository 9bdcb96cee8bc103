import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { RECORDED_ROBUSTNESS, SECTIONS } from '../../src/lessons/article.ts';
import { readRunFile } from '../../src/ml/formats/runFile.ts';
import { type BrowserProfile, createProfile } from './browserProfile.ts';

let profile: BrowserProfile | undefined;
afterEach(() => profile?.closeAll());

it('the recorded run has the robustness that the article states', async () => {
  const { images, epsilon, clean, fgsm, pgd } = RECORDED_ROBUSTNESS;
  const text = SECTIONS.flatMap(({ paragraphs }) => paragraphs).join(' ');
  expect(text).toContain(`${clean} of the first ${images} test images`);
  expect(text).toContain(`an epsilon of ${epsilon}, ${fgsm} are left`);
  expect(text).toContain(`leaves ${pgd} `);
  profile = createProfile();
  const { api } = await profile.open();
  const { snapshots } = readRunFile(new Uint8Array(readFileSync('public/recorded.untangle.zip')));
  await api.reset({ network: 'notebook' });
  await api.loadParameters(snapshots[snapshots.length - 1].parameters);
  const indices = Array.from({ length: images }, (_, i) => i);
  const one = await api.attack({ method: 'fgsm', epsilon, indices });
  expect(one.correctBefore).toBe(clean);
  const many = await api.attack({ method: 'pgd', epsilon, steps: 40, stepSize: 0.01, indices });
  // Single images at a boundary differ with the arithmetic of the machine.
  for (const [found, stated] of [
    [one.correct, fgsm],
    [many.correct, pgd],
  ]) {
    expect(Math.abs(found - stated)).toBeLessThanOrEqual(2);
  }
});
