import type { SimilarityMatrix } from '../ask/similarityMatrix.ts';
import type { Similarity, SimilarityOptions } from '../compare/similarity.ts';
import type { ActivationSimilarityOptions } from '../data/activationSimilarity.ts';
import type { ActivationSpectrum, ActivationSpectrumOptions } from '../data/activations.ts';
import type { Lab } from '../lab.ts';
import type { SpectrumAnswer, SpectrumOptions } from '../spectrum/spectrumQuestion.ts';
import { givenVictims, resolveImages } from './imageRefs.ts';
import type { LabApi } from './labApi.ts';

/** The calls that analyze the network at a moment, or opened activations. */
export function analysisCalls(
  lab: Lab,
): Pick<LabApi, 'openActivations' | 'spectrum' | 'geometry' | 'similarity' | 'metamer' | 'judge' | 'attack'> {
  return {
    async openActivations(files) {
      const given = files instanceof Blob ? [files] : [...files];
      return lab.activations.open(
        given.map((file) => ({ path: file.webkitRelativePath || file.name, file })),
      );
    },
    spectrum: spectrumCall(lab),
    async geometry({ source = 'network', ...options } = {}) {
      if (source === 'activations') return lab.activations.geometry(options);
      await lab.ready;
      return lab.analysis.geometry(options);
    },
    similarity: similarityCall(lab),
    async metamer({ image, ...options }) {
      await lab.ready;
      return lab.metamers.generate(resolveImages(lab, [image]), options);
    },
    async judge({ image, metamer, ...options }) {
      await lab.ready;
      const [reference, other] = [image, metamer].map((each) => resolveImages(lab, [each]));
      return lab.metamers.judge({ ...options, reference, metamer: other });
    },
    async attack({ split, indices, images, labels, ...options }) {
      await lab.ready;
      const victims = images ? givenVictims(lab, images, labels) : { split, indices };
      return lab.attacks.attack(victims, options);
    },
  };
}

/** The spectrum of the page's network, or of the activations opened last. */
function spectrumCall(lab: Lab): LabApi['spectrum'] {
  function spectrum(options: SpectrumOptions & { source?: 'network' }): Promise<SpectrumAnswer>;
  function spectrum(
    options: ActivationSpectrumOptions & { source: 'activations' },
  ): Promise<ActivationSpectrum>;
  async function spectrum({
    source = 'network',
    ...options
  }: SpectrumOptions & { source?: 'network' | 'activations' }): Promise<SpectrumAnswer | ActivationSpectrum> {
    if (source === 'activations') return lab.activations.spectrum(options);
    await lab.ready;
    return lab.analysis.spectrum(options);
  }
  return spectrum;
}

/** The similarity of the layers of the page's network, or of the activations opened last. */
function similarityCall(lab: Lab): LabApi['similarity'] {
  function similarity(options?: SimilarityOptions & { source?: 'network' }): Promise<Similarity>;
  function similarity(
    options: ActivationSimilarityOptions & { source: 'activations' },
  ): Promise<SimilarityMatrix>;
  async function similarity({
    source = 'network',
    ...options
  }: SimilarityOptions & { source?: 'network' | 'activations' } = {}): Promise<
    Similarity | SimilarityMatrix
  > {
    if (source === 'activations') return lab.activations.similarity(options);
    await lab.ready;
    return lab.analysis.similarity(options);
  }
  return similarity;
}
