/** A function of more lines needs an entry here. */
export const USUAL_LINES = 60;

/**
 * Functions that are longer because their parts share so much state, or belong so closely together, that named parts would
 * be harder to read; with the most lines that each may have. The numbers only shrink.
 */
export const LONG_FUNCTIONS: Readonly<Record<string, number>> = {
  'src/lab/ask/momentQuery.ts createMomentQuery': 90,
  'src/lab/compare/comparedGeometry.ts createComparedGeometry': 70,
  'src/lab/data/ownImages.ts createOwnImages': 80,
  'src/lab/geometry/geometryWork.ts createWork': 80,
  'src/lab/geometry/simulatedCapacities.ts createSimulatedCapacities': 70,
  'src/lab/images/images.ts createImages': 70,
  'src/lab/keep/keeper.ts createKeeper': 80,
  'src/lab/lab.ts createLab': 110,
  'src/lab/metamers/making.ts createMaking': 70,
  'src/lab/panels.ts createPanels': 80,
  'src/lab/spectrum/spectrumFollow.ts createSpectrumFollow': 70,
  'src/lessons/session.ts createSession': 70,
  'src/main.tsx start': 80,
  'src/ml/engines/webgpu/kernels/backward.ts backwardKernel': 100,
  'src/ml/engines/webgpu/kernels/forward.ts forwardKernel': 70,
  'src/ml/engines/webgpu/kernels/inputGradient.ts inputGradientKernel': 90,
  'src/ml/engines/webgpu/kernels/update.ts updateKernel': 70,
  'src/ml/linear/gram.ts addBlockGram': 80,
  'src/workers/revivable.ts revivable': 100,
};
