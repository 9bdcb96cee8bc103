import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { adversarialLesson } from '../../src/lessons/adversarial.ts';
import { RECORDED_ROBUSTNESS } from '../../src/lessons/article.ts';
import { capacityLesson } from '../../src/lessons/capacity.ts';
import type { Lesson } from '../../src/lessons/lesson.ts';
import { notebookLesson } from '../../src/lessons/notebook.ts';
import { ownLesson } from '../../src/lessons/own.ts';
import { spectrumLesson } from '../../src/lessons/spectrum.ts';
import { readRunFile } from '../../src/ml/formats/runFile.ts';
import { readZip } from '../../src/ml/formats/zip.ts';
import { type BrowserProfile, createProfile } from './browserProfile.ts';

let profile: BrowserProfile | undefined;
afterEach(() => profile?.closeAll());

const bytes = {
  notebook: new Uint8Array(readFileSync('public/recorded.untangle.zip')),
  lenet: new Uint8Array(readFileSync('public/recorded-lenet.untangle.zip')),
};

/** All sentences of a lesson. */
function textOf({ steps, notes }: Lesson): string {
  const told = steps.flatMap(({ text, seen = [], todo = '' }) => [...text, ...seen, todo]);
  return [...told, ...notes.expect, ...notes.misunderstandings].join(' ');
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

describe('numbers in the lessons are those of the recorded runs', () => {
  it('test accuracies', () => {
    const [notebook, lenet] = [bytes.notebook, bytes.lenet].map((file) => readRunFile(file).epochs);
    const first = percent(notebook[0].testAccuracy);
    expect(textOf(notebookLesson)).toContain(`reaches ${first}`);
    expect(textOf(notebookLesson)).toContain(`a test accuracy of ${first} after one epoch`);
    expect(textOf(ownLesson)).toContain(`reads ${first} of the test images`);
    const last = [lenet, notebook].map((epochs) => percent(epochs[epochs.length - 1].testAccuracy));
    expect(textOf(ownLesson)).toContain(
      `the recorded runs read ${last[0]} (LeNet) and ${last[1]} (the notebook’s network)`,
    );
    expect(textOf(ownLesson)).toContain(`LeNet from seed 111 reads ${percent(lenet[0].testAccuracy)}`);
    for (const lesson of [ownLesson, adversarialLesson])
      expect(textOf(lesson)).toContain(`reads ${Math.round(100 * notebook[9].testAccuracy)} % of the test`);
  });

  it('capacity, radius and dimension', () => {
    const text = textOf(capacityLesson);
    const notebook = geometryOf(bytes.notebook);
    const lenet = geometryOf(bytes.lenet);
    const capacities = (found: Found, layers: string[], step: number) =>
      layers.map((layer) => found(layer, step).capacity.toFixed(3));
    const [input, conv, relu, fc] = capacities(notebook, ['input', 'conv', 'relu', 'fc'], 9370);
    expect(text).toContain(`capacity of input ${input}, conv ${conv}, relu ${relu}, fc ${fc} after`);
    const [before, after] = [notebook('fc', 0), notebook('fc', 9370)];
    expect(text).toContain(`fc before training ${before.capacity.toFixed(3)}`);
    expect(text).toContain(
      `radius ${before.radiusMedian.toFixed(3)} before training and ${after.radiusMedian.toFixed(3)} after`,
    );
    expect(text).toContain(`dimension ${before.dimension.toFixed(1)} and ${after.dimension.toFixed(1)}`);
    const places = ['input', 'pool1', 'pool2', 'relu3', 'relu4', 'fc3'];
    expect(text).toContain(`${capacities(lenet, places, 9370).join(', ')} after ten epochs`);
    expect(text).toContain(`${capacities(lenet, places, 0).join(', ')} before training`);
  });

  it('spectra, and attacked images', async () => {
    profile = createProfile();
    const { api } = await profile.open({ settings: { seed: 111, filters: 32 } });
    const untrained = await api.spectrum({ layer: 'fc' });
    const pixels = await api.spectrum({ layer: 'input' });
    const parameters = readZip(bytes.notebook).get('snapshots/009370.safetensors');
    if (!parameters) throw new Error('Expected the last parameters of the recorded run, found none');
    await api.import(new Uint8Array(parameters));
    const trained = await api.spectrum({ layer: 'fc' });
    const text = textOf(spectrumLesson);
    expect(text).toContain(
      `after training ${trained.componentsFor95} directions for 95 %, participation ratio ${trained.participationRatio.toFixed(2)} of 10; before training ${untrained.componentsFor95} and ${untrained.participationRatio.toFixed(2)}`,
    );
    expect(text).toContain(`participation ratio ${pixels.participationRatio.toFixed(2)} of 100 not centered`);
    expect(text).toContain(
      `grows from ${untrained.singularValues[0].toFixed(2)} to ${trained.singularValues[0].toFixed(0)}`,
    );
    // `recordedFigures.test.ts` attacks the recorded run.
    const { images, clean, fgsm, pgd } = RECORDED_ROBUSTNESS;
    expect(textOf(adversarialLesson)).toMatch(
      new RegExp(
        `first ${images} test images: ${clean} correct; FGSM leaves \\d+, ${fgsm}, .* PGD leaves \\d+, ${pgd},`,
      ),
    );
  });
});

interface Figures {
  layer: string;
  step: number;
  capacity: number;
  radiusMedian: number;
  dimension: number;
}
type Found = (layer: string, step: number) => Figures;

function geometryOf(archive: Uint8Array): Found {
  const content = readZip(archive).get('results/geometry.json');
  const { found }: { found: Figures[] } = JSON.parse(new TextDecoder().decode(content));
  return (layer, step) => {
    const at = layer === 'input' ? 0 : step;
    const one = found.find((each) => each.layer === layer && each.step === at);
    if (!one) throw new Error(`Expected figures of ${layer} at step ${at}, found none`);
    return one;
  };
}
