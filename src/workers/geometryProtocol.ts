/** The geometry pool's messages: manifold capacity and related figures, one layer of one moment at a time. */
import type {
  CenterRule,
  Ensemble,
  FewShot,
  Figures,
  GeometryResult,
  GlueFigures,
  GlueGeometry,
  GluePiece,
  GlueResample,
  GlueSamples,
  GlueSpan,
  GlueSummaryPart,
  GlueWork,
  Resample,
  ResampleKind,
  SimulatedCapacity,
} from '../ml/geometry/index.ts';
import type { Matrix } from '../ml/linear/matrix.ts';
import type { CkaMatrix } from '../ml/similarity/alignment.ts';
import type { ActivationRows, NetworkMoment } from './protocol.ts';
import type { Call } from './rpc.ts';

export type GeometryJob = GeometryTask & GeometryPoints;

/** The points of an analysis: a network's activations for images (bytes [n, pixels]), or given activations. */
type GeometryPoints = { moment: NetworkMoment; images: Uint8Array } | { rows: ActivationRows };

interface GeometryTask {
  labels: ArrayLike<number>;
  layer: string;
  /** Dimensions of a random projection; without one the analysis is exact. */
  projection?: number;
  seed: number;
}

/** The images of one resample of a job: other images of the same classes, or a random half of the job's images. */
export interface ResampleDraw {
  /** Seed of the half, the t-vectors and the center problem's starts. */
  seed: number;
  /** Other points of the same kind; classes in the job's order. */
  drawn?: { labels: ArrayLike<number> } & ({ images: Uint8Array } | { rows: ActivationRows });
}

/** Options of the search for the centers' low-rank structure. */
interface CenterSearch {
  rule: CenterRule;
  /** Maximum number of random starts per rank. */
  restarts: number;
  warmStart: Matrix[];
}

/** A layer's figures on other images, which give the errors over images. */
interface LayerResamples {
  kind: ResampleKind;
  /** t-vectors per manifold of each resample. */
  samples: number;
  resamples: Resample[];
}

/** The label ensemble and the centering, without which no figure of GLUE can be read. */
export interface GlueSettings {
  ensemble: Ensemble;
  /** Whether the mean of all points is subtracted first. */
  center: boolean;
}

/** Cheap figures of the same activations. */
export interface Companions {
  /** NC1. */
  neuralCollapse: number;
  /** Learning from few examples; missing where a class has too few. */
  fewShot?: FewShot;
}

/** One layer's figures by GLUE. `standardErrors` cover t and y; `imageErrors` the draw of images. */
export interface LayerGlue extends Omit<GlueGeometry, 'perSample'>, GlueSettings {
  companions: Companions;
  imageErrors?: GlueFigures;
  resampled?: { kind: ResampleKind; samples: number; resamples: GlueResample[] };
}

/** One layer's figures; its manifolds are the classes of `labels`, in that order. */
export interface LayerGeometry extends Omit<GeometryResult, 'centers'> {
  layer: string;
  labels: number[];
  /** Standard errors over the draw of images and the center problem's minima, once resamples are computed. */
  exampleErrors?: Figures;
  resampled?: LayerResamples;
  /** Starting points for the center problem of a neighboring moment. */
  warmStart: Matrix[];
  /** GLUE's figures, if they were asked for. */
  glue?: LayerGlue;
  /** Capacity measured by separating random labelings, if asked for. */
  simulation?: SimulatedCapacity;
}

/** A representation to compare. */
export interface SimilarityPart {
  moment: NetworkMoment;
  layer: string;
  /** A name of its units: parts with the same name have the same units, such as the pixels of two networks' inputs. */
  units: string;
}

export type GeometryCalls = {
  analyze: Call<
    { job: GeometryJob; kappa: number; samples: number; search: CenterSearch },
    LayerGeometry,
    { fraction: number }
  >;
  /** Analyzes the same layer on other images. */
  resample: Call<
    { job: GeometryJob; draws: ResampleDraw[]; kappa: number; samples: number; search: CenterSearch },
    Resample[],
    { fraction: number }
  >;
  /** Measures capacity without the theory, by testing whether planes separate random dichotomies of the manifolds. */
  simulate: Call<
    { job: GeometryJob; dichotomies: number; offset: boolean; expected?: number },
    SimulatedCapacity,
    { fraction: number }
  >;
  /** The points of all manifolds in their span, the first part of GLUE. */
  glueSpan: Call<
    { job: GeometryJob; center: boolean },
    { span: GlueSpan; companions: Companions },
    { fraction: number }
  >;
  /** Some of the samples, which do not depend on each other: workers share them. */
  glueSamples: Call<
    { span: GlueSpan; seed: number; ensemble: Ensemble; work: GlueWork },
    GluePiece[],
    { fraction: number }
  >;
  /** A worker's part of the figures of all samples. */
  glueSummary: Call<
    { span: GlueSpan; samples: GlueSamples; part: number; parts: number },
    GlueSummaryPart,
    { fraction: number }
  >;
  /** GLUE of the same layer on other images. */
  glueResample: Call<
    { job: GeometryJob; draws: ResampleDraw[]; samples: number } & GlueSettings,
    GlueResample[],
    { fraction: number }
  >;
  /** Debiased linear CKA of every pair of representations with its errors. */
  similarity: Call<
    { images: Uint8Array; labels: Uint8Array; parts: SimilarityPart[] },
    CkaMatrix,
    { fraction: number }
  >;
};
