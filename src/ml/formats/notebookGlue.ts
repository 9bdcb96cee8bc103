export const GLUE_TEXT = `## Manifold geometry by GLUE

GLUE (Chou et al., bioRxiv 10.1101/2024.02.26.582157; the forms of arXiv 2603.01879, B.3) knows the labels: for random vectors t and
random labelings, one quadratic program for all classes finds the nearest vector with every point on its labeled side. This cell
needs scipy. t and the labelings are drawn anew here, so that figures agree only within their errors: five standard errors of the
difference over t and labels are allowed. More \`SAMPLES\` take longer and agree better.`;

/** Needs the cells before it: GEOMETRY, its images, and activations. */
export const GLUE = `needs("labels", "activations")
SAMPLES = 30

try:
    from scipy.optimize import nnls
except ImportError as error:
    nnls = None
    print(f"Skipped: GLUE needs scipy ({error}).")


def draw_labeling(random, count, ensemble):
    if ensemble == "oneVersusRest":
        return np.where(np.arange(count) == random.integers(count), 1, -1)
    if ensemble == "balanced":
        positive = count // 2 + (count % 2 and random.integers(2))
        return random.permutation(np.where(np.arange(count) < positive, 1, -1))
    while True:
        labeling = random.choice([-1, 1], count)
        if abs(labeling.sum()) < count:
            return labeling


def form(vector, matrix):
    return vector @ np.linalg.pinv(matrix, rcond=1e-10, hermitian=True) @ vector


def glue(manifolds, ensemble="uniform", center=True, samples=SAMPLES, seed=0):
    """Capacity, dimension, radius and utility of manifolds, [points, units] each, and capacity's standard error."""
    random = np.random.default_rng(seed)
    count = len(manifolds)
    owner = np.repeat(np.arange(count), [len(each) for each in manifolds])
    points = np.concatenate(manifolds).astype(np.float64)
    if center:
        points = points - points.mean(0)
    _, values, directions = np.linalg.svd(points, full_matrices=False)
    points = points @ directions[values > 1e-6 * values[0]].T
    lengths = np.linalg.norm(points, axis=1)
    lengths[lengths == 0] = 1
    a, vectors, anchors = [], [], []
    for _ in range(samples):
        t = random.standard_normal(points.shape[1])
        labeling = draw_labeling(random, count, ensemble)
        rows = labeling[owner, None] * points / lengths[:, None]
        weights, _ = nnls(rows.T, t, maxiter=30 * len(points))
        a.append(np.sum((weights @ rows) ** 2))
        weights = weights / lengths
        totals = np.bincount(owner, weights, count)
        # A class that does not touch has the zero row as its anchor.
        shares = weights / np.where(totals > 0, totals, 1)[owner]
        anchors.append([shares[owner == label] @ points[owner == label] for label in range(count)])
        vectors.append(t)
    anchors = np.array(anchors)
    centers = anchors.mean(0)
    b, c = [], []
    for t, own in zip(vectors, anchors - centers):
        b.append(form(own @ t, own @ own.T))
        c.append(form(own @ t, centers @ centers.T + own @ own.T))
    mean_a, mean_b, mean_c = np.mean(a), np.mean(b), np.mean(c)
    capacity = count / mean_a
    error = capacity * np.std(a, ddof=1) / mean_a / np.sqrt(samples)
    return [capacity, mean_b / count, np.sqrt(mean_c / (mean_b - mean_c)), mean_c / mean_a], error


if nnls:
    classes = labels[split][indices]
    order = list(dict.fromkeys(classes.tolist()))
    print("layer: capacity, dimension, radius, utility (here | run)")
    for expected in GEOMETRY["layers"]:
        run = expected["glue"]
        if run is None:
            continue
        points = activations(pixels(split, indices), expected["layer"]).double().numpy()
        found, error = glue([points[classes == label] for label in order], run["ensemble"], run["center"])
        keys = ["capacity", "dimension", "radius", "utility"]
        pairs = [f"{value:.4f} | {run[key]:.4f}" for key, value in zip(keys, found)]
        centering = "centered" if run["center"] else "not centered"
        print(f"{expected['layer']}, {run['ensemble']} labels, {centering}: {', '.join(pairs)}")
        allowed = 5 * np.hypot(error, run["error"])
        assert abs(found[0] - run["capacity"]) <= allowed, "GLUE's capacity differs."`;
