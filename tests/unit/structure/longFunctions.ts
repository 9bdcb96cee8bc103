/** A function of more lines needs an entry below, except one that only groups tests. */
export const USUAL_LINES = 60;

/** No function and no group of tests has more lines than this. */
export const MOST_LINES = 150;

/** The most lines that a function may have, and why it is longer than usual. The numbers only shrink. */
export const LONG_FUNCTIONS: Readonly<Record<string, { lines: number; reason: string }>> = {
  ...listed('a list of parts and their connections, which reads from top to bottom', {
    'src/lab/lab.ts createLab': 99,
    'src/lab/keep/keeper.ts createKeeper': 78,
  }),
  ...listed('one state machine, whose functions share every variable', {
    'src/lab/ask/momentQuery.ts createMomentQuery': 87,
    'src/lab/geometry/geometryWork.ts createWork': 80,
    'src/workers/revivable.ts revivable': 96,
    'tests/otherBrowsers/webDriver.ts overWebDriver': 68,
    'tests/soak/soak.ts soak': 142,
    'tests/unit/lab/keep/memoryStorage.ts createMemoryStorage': 62,
  }),
  ...listed('one kernel: its text, or loops whose sums stay in registers', {
    'src/ml/engines/webgpu/kernels/backward.ts backwardKernel': 94,
    'src/ml/engines/webgpu/kernels/forward.ts forwardKernel': 67,
    'src/ml/engines/webgpu/kernels/inputGradient.ts inputGradientKernel': 88,
    'src/ml/engines/webgpu/kernels/update.ts updateKernel': 68,
    'src/ml/linear/gram.ts addBlockGram': 73,
    'tests/bench/page/jaxJs.ts startJax': 85,
    'tests/unit/engines/referenceNetwork.ts pullBack': 63,
  }),
  ...listed('a table of cases or of example data', {
    'tests/bench/geometry.bench.ts benchGeometry': 61,
    'tests/unit/formats/exampleRun.ts exampleRun': 67,
    'tests/unit/formats/targets.ts weightTargets': 64,
  }),
  ...listed('one visit to the page, whose steps follow from each other', {
    "tests/browser/activations.spec.ts test 'files and drops'": 71,
    "tests/browser/geometry.spec.ts test 'spectra equal the reference, and errors about invalid questions say what to do'": 71,
    "tests/browser/geometry.spec.ts test 'the panel’s curves grow with training, follow the timeline, and a cancel ends them'": 79,
    "tests/browser/keep.spec.ts test 'the list of runs names, compares, deletes and restores runs with their findings; a second tab does not touch the first tab’s run'": 72,
    "tests/browser/metamers.spec.ts test 'lab.metamer makes the golden metamers, and does not change the parameters'": 67,
    "tests/browser/share.spec.ts test 'a link sets the lab up and reports invalid keys, and Share returns the same link'": 72,
    "tests/browser/timeline.spec.ts test 'the timeline is moved with the keyboard, offers the best epoch, and plays'": 61,
    "tests/lab/data.test.ts test 'color images in CIFAR-10’s format train LeNet, which follows their shape and classes, and the data come back'": 63,
    'tests/soak/rushAction.ts rush': 74,
    "tests/verify/notebook.spec.ts test 'the exported notebook and files of two epochs run and load in Python'": 69,
  }),
};

function listed(reason: string, functions: Record<string, number>): typeof LONG_FUNCTIONS {
  return Object.fromEntries(Object.entries(functions).map(([name, lines]) => [name, { lines, reason }]));
}
