import type { StoreApi } from 'zustand/vanilla';
import { CallError } from '../ml/callError.ts';
import type { Evaluation } from '../ml/evaluation/evaluate.ts';
import type { Workers } from '../workers/client.ts';
import { type Attacks, createAttacks } from './adversarial/attacks.ts';
import { createOverTraining, type OverTraining } from './adversarial/robustnessOverTraining.ts';
import { eachData } from './ask/eachData.ts';
import { createMomentQuery, type MomentQuery } from './ask/momentQuery.ts';
import type { AtStep, Questions } from './ask/questions.ts';
import { type ComparedGeometry, createComparedGeometry } from './compare/comparedGeometry.ts';
import type { Comparison } from './compare/comparison.ts';
import { createMomentWeights, type MomentWeightsFollow } from './compare/momentWeights.ts';
import { createSecondNetwork, type SecondNetwork } from './compare/secondNetwork.ts';
import { trainSecond } from './compare/secondRun.ts';
import { createSimilarityQuestion, type SimilarityQuestion } from './compare/similarity.ts';
import { createSimilarityFollow, type SimilarityFollow } from './compare/similarityFollow.ts';
import { type Activations, createActivations } from './data/activations.ts';
import { createGeometryFollow, type GeometryFollow } from './geometry/geometryFollow.ts';
import { createGeometryPool, geometryPoolSize } from './geometry/geometryPool.ts';
import { createGeometryQuestion, type GeometryQuestion } from './geometry/geometryQuestion.ts';
import { createSimulatedCapacities, type SimulatedCapacities } from './geometry/simulatedCapacities.ts';
import { createGallery, type Gallery } from './images/gallery.ts';
import { createImageInspection, type ImageInspection } from './images/imageInspection.ts';
import { createImages, type Images } from './images/images.ts';
import { createMagnitudes, type MagnitudesFollow } from './images/magnitudes.ts';
import { type Finding, type FindingOf, type Kind, keyOf, kinds, savable } from './keep/findings.ts';
import type { Keeper } from './keep/keeper.ts';
import { createMetamers, type Metamers } from './metamers/metamers.ts';
import { createLayerSpectra, type LayerSpectra } from './spectrum/layerSpectra.ts';
import { createSpectrumFollow, type SpectrumFollow } from './spectrum/spectrumFollow.ts';
import { createSpectrumQuestion, type SpectrumQuestion } from './spectrum/spectrumQuestion.ts';
import type { Problems } from './state/problems.ts';
import type { LabMoment, LabState, Moment } from './state/state.ts';

/** The panels' models, each with its own state and actions. */
export interface Panels {
  /** The open images and their activations. */
  images: Images;
  imageInspection: ImageInspection;
  /** Mean magnitudes of every layer for the image in focus. */
  magnitudes: MagnitudesFollow;
  /** All parameters at the page's moment. */
  momentWeights: MomentWeightsFollow;
  gallery: Gallery;
  /** The confusion matrix of each split at the page's moment. */
  confusion: Record<'test' | 'train', MomentQuery<AtStep<Evaluation>>>;
  /** Questions of Spectrum and Geometry about any moment. */
  analysis: SpectrumQuestion & GeometryQuestion & SimilarityQuestion;
  spectrum: SpectrumFollow;
  /** The spectra of many layers at one moment. */
  layerSpectra: LayerSpectra;
  geometry: GeometryFollow;
  comparedGeometry: ComparedGeometry;
  simulatedCapacities: SimulatedCapacities;
  similarity: SimilarityFollow;
  metamers: Metamers;
  /** Activations of another network, for Spectrum and Geometry. */
  activations: Activations;
  secondNetwork: SecondNetwork;
  attacks: Attacks;
  overTraining: OverTraining;
}

export interface PanelParts {
  labStore: StoreApi<LabState>;
  workers: Workers;
  questions: Questions;
  keep: Keeper;
  /** The saved run shown beside the present run. */
  comparison: Comparison;
  momentAt(at: Moment | 'best'): Promise<LabMoment>;
  cores: number;
}

export function createPanels({
  labStore,
  workers,
  questions,
  keep,
  comparison,
  momentAt,
  cores,
}: PanelParts): Panels {
  const { longJobs } = workers;
  const note = (finding: Finding) => keep.findings.note(savable(finding));
  const forget = (findings: readonly Finding[]) => keep.findings.forget(findings.map(keyOf));
  const { getState } = labStore;
  const pool = createGeometryPool(workers.startGeometry, geometryPoolSize(cores));
  const images = createImages(labStore, workers);
  const analysis = {
    ...createSpectrumQuestion({ longJobs, getState, momentAt }),
    ...createGeometryQuestion({ pool, getState, momentAt }),
    ...createSimilarityQuestion({ pool, comparison, getState, momentAt }),
  };
  const geometry = createGeometryFollow({ labStore, pool, momentAt, note, forget });
  const metamers = createMetamers({ labStore, workers, momentAt, note });
  const attacks = createAttacks({ labStore, workers, momentAt, note, forget });
  return {
    images,
    imageInspection: createImageInspection(labStore, images, questions),
    magnitudes: createMagnitudes(labStore, images, questions),
    momentWeights: createMomentWeights({ labStore, momentAt, comparison }),
    gallery: galleryOf(labStore),
    confusion: {
      test: createMomentQuery(labStore, { ask: questions.confusion, kept: questions.keptConfusion }),
      train: createMomentQuery(labStore, { ask: questions.trainingConfusion }),
    },
    analysis,
    spectrum: createSpectrumFollow(labStore, analysis),
    layerSpectra: createLayerSpectra(labStore, analysis),
    geometry,
    activations: createActivations({ workers, pool }),
    comparedGeometry: createComparedGeometry({ labStore, comparison, geometry: geometry.store, pool }),
    simulatedCapacities: createSimulatedCapacities({
      labStore,
      geometry: geometry.store,
      pool,
      momentAt,
      note,
    }),
    similarity: createSimilarityFollow(labStore, analysis),
    metamers,
    secondNetwork: secondNetworkOf({ labStore, workers, comparison, momentAt }, metamers),
    attacks,
    overTraining: createOverTraining({
      labStore,
      attacks: attacks.store,
      momentAt,
      attackMoment: (job, options) => longJobs.call('robustness', job, options),
      note,
    }),
  };
}

/** The gallery, whose filter is cleared with other data: its classes and indices are those of the data before. */
function galleryOf(labStore: StoreApi<LabState>): Gallery {
  const gallery = createGallery();
  eachData(labStore, (_, isOther) => {
    if (isOther) gallery.show({ digit: undefined, prediction: undefined, wrong: false, indices: '' });
  });
  return gallery;
}

function secondNetworkOf(
  { labStore, workers, ...parts }: Pick<PanelParts, 'labStore' | 'workers' | 'comparison' | 'momentAt'>,
  metamers: Metamers,
): SecondNetwork {
  const { longJobs } = workers;
  return createSecondNetwork({
    ...parts,
    labStore,
    metamers: metamers.store,
    makeMetamer: metamers.makeWith,
    judgeMetamers: (job) => longJobs.call('judge', job),
    openParameters: (file, like) =>
      workers.withArchive((archive) => archive.call('openParameters', { file, like, freeSizes: true })),
    async trainNetwork(run, options) {
      const { data } = labStore.getState();
      if (!data) throw new CallError('train', 'expected the data set first. Wait until it has arrived.');
      return trainSecond(longJobs, data.train, run, options);
    },
  });
}

/** Restores the panels' saved findings about a run, so that they are not recomputed. */
export function restorePanels(
  { geometry, simulatedCapacities, attacks, overTraining, metamers }: Panels,
  findings: readonly Finding[],
  { shown }: Problems,
): void {
  const restore: { [Own in Kind]: (found: FindingOf<Own>[]) => void } = {
    geometry: geometry.restore,
    simulation: simulatedCapacities.restore,
    robustness: attacks.curve.restore,
    overTraining: overTraining.restore,
    metamers(found) {
      const made = found.at(-1);
      if (made) void shown('page', () => metamers.restore(made));
    },
  };
  for (const kind of kinds) restoreKind(kind);
  function restoreKind<Own extends Kind>(kind: Own): void {
    restore[kind](findings.filter((each): each is FindingOf<Own> & Finding => each.kind === kind));
  }
}
