import type { ShippedId } from '../data/shipped.ts';

/** The Python and Markdown of the exported notebook. Arguments are Python literals unless stated otherwise. */

export function title(run: {
  name: string;
  seed: number;
  engine: string;
  step: number;
  epoch: number;
  weightsFile: string;
}): string {
  return `# ${run.name}

A run of Untangle, taken into PyTorch: seed ${run.seed}, engine \`${run.engine}\`, after ${run.step} updates (${run.epoch} whole epochs).
Keep \`${run.weightsFile}\` beside this notebook. It rebuilds the network, loads these weights, checks its accuracy, loss and
logits against the run's, and draws the figures again.

It needs \`torch\`, \`numpy\` and \`matplotlib\`; the last part also the reference code for manifold capacity.`;
}

export const IMPORTS = `def needs(*names):
    """Says which cell to run first where one above did not finish."""
    cells = {"torch": "the first code cell", "labels": "the cell under “Data”", "activations": "the cell under “Network and weights”"}
    for name in names:
        if name not in globals():
            raise RuntimeError(f"Run {cells[name]} first: it did not finish, and its message says what to do.") from None


try:
    import gzip
    import json
    import urllib.request
    from collections import OrderedDict
    from pathlib import Path

    import matplotlib.pyplot as plt
    import numpy as np
    import torch
    from torch import nn
except ImportError as error:
    raise ImportError(f"Install what is missing, then run this cell again: pip install torch numpy matplotlib ({error})") from None`;

/** The notebook's text about a data set of the site, and the places of its four files. */
interface NotebookData {
  name: string;
  credit: string;
  /** The folder for the files that the notebook fetches. */
  folder: string;
  /** torchvision's folder. */
  raw: string;
  folders: readonly string[];
}

const DATA: Readonly<Record<ShippedId, NotebookData>> = {
  mnist: {
    name: 'MNIST',
    credit: 'Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0',
    folder: 'mnist',
    raw: 'data/MNIST/raw',
    folders: ['.', 'mnist', 'MNIST/raw', 'data/MNIST/raw'],
  },
  // Its files have the names of MNIST's, so the notebook's own folder does not count.
  'fashion-mnist': {
    name: 'Fashion-MNIST',
    credit: 'Zalando Research; MIT license',
    folder: 'fashion-mnist',
    raw: 'data/FashionMNIST/raw',
    folders: ['fashion-mnist', 'FashionMNIST/raw', 'data/FashionMNIST/raw'],
  },
};

export function dataText(id: ShippedId): string {
  const { name, credit, raw } = DATA[id];
  return `## Data

${name} (${credit}) from its four IDX files, gzipped or not, in one of the folders
below; torchvision keeps them in \`${raw}\`.`;
}

export function data(url: string, id: ShippedId = 'mnist'): string {
  const { name: set, folder: own, raw, folders } = DATA[id];
  return `needs("torch")
FOLDERS = [${folders.map((folder) => `Path("${folder}")`).join(', ')}]
URL = ${url}


def missing(name, reason):
    folders = ", ".join(f"“{folder}”" for folder in FOLDERS)
    return FileNotFoundError(
        f"{reason} Put {name}.gz (or {name}, unpacked) into one of the folders {folders} beside this notebook, and run this cell again. "
        "The four files of ${set} come with many packages, such as torchvision, which keeps them in ${raw}."
    )


def download(name):
    if URL is None:
        raise missing(name, f"{name} is not here, and this notebook knows no address to fetch it from.")
    address = f"{URL.rstrip('/')}/{name}.gz"
    try:
        with urllib.request.urlopen(address, timeout=60) as response:
            content = response.read()
    except (OSError, ValueError) as error:
        raise missing(name, f"{address} could not be fetched ({error}).") from None
    if content[:2] != b"\\x1f\\x8b":
        raise missing(name, f"{address} gave something else than a gzipped file: the address may be gone.")
    return content


def read_file(name):
    for folder in FOLDERS:
        for path in (folder / name, folder / f"{name}.gz"):
            if path.exists():
                return path.read_bytes()
    content = download(name)
    Path("${own}").mkdir(exist_ok=True)
    (Path("${own}") / f"{name}.gz").write_bytes(content)
    return content


def read_idx(name):
    content = read_file(name)
    if content[:2] == b"\\x1f\\x8b":
        content = gzip.decompress(content)
    assert content[:3] == b"\\0\\0\\x08", f"{name} is not an IDX file of bytes."
    dimensions = content[3]
    shape = np.frombuffer(content, ">u4", count=dimensions, offset=4).astype(int)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


images = {"train": read_idx("train-images-idx3-ubyte"), "test": read_idx("t10k-images-idx3-ubyte")}
labels = {"train": read_idx("train-labels-idx1-ubyte"), "test": read_idx("t10k-labels-idx1-ubyte")}


def pixels(split, indices=slice(None)):
    """Images as the network sees them: [n, 1, 28, 28] in [0, 1]."""
    return torch.from_numpy(images[split][indices].astype(np.float32) / 255)[:, None]`;
}

export const NETWORK_TEXT = `## Network and weights

The names are the run's own, so that the weights load without any conversion.`;

/** `modules`: lines of Python. */
export function network(modules: string, weightsFile: string): string {
  return `needs("torch")
network = nn.Sequential(OrderedDict([
${modules}
]))


def load_safetensors(path):
    """A safetensors file of float32: the header's length, a JSON header, the bytes."""
    if not Path(path).exists():
        raise FileNotFoundError(f"Put {path} beside this notebook: Untangle exports it as the run's parameters.")
    try:
        from safetensors.torch import load_file
        return load_file(path)
    except ImportError:
        content = Path(path).read_bytes()
        start = 8 + int.from_bytes(content[:8], "little")
        header = json.loads(content[8:start])
        header.pop("__metadata__", None)
        tensors = {}
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            values = np.frombuffer(content[start + begin:start + end], "<f4")
            tensors[name] = torch.from_numpy(values.reshape(entry["shape"]).copy())
        return tensors


network.load_state_dict(load_safetensors(${weightsFile}))
network.eval()


@torch.no_grad()
def activations(x, layer):
    """One row per image of the layer's activations; "input" is the pixels."""
    if layer == "input":
        return x.flatten(1)
    for name, module in network.named_children():
        x = module(x)
        if name == layer:
            return x.flatten(1)
    raise KeyError(f"The network has no layer {layer!r}.")


print(network)`;
}

export const CHECK_TEXT = `## Check

The test set at these weights, and the logits of some images, against what the run found in the browser.`;

export function check(expected: {
  test: string;
  split: string;
  indices: string;
  logits: string;
  layer: string;
}): string {
  return `needs("labels", "activations")
TEST = ${expected.test}
SPLIT, INDICES = ${expected.split}, ${expected.indices}
LOGITS = np.array(${expected.logits})

with torch.no_grad():
    log_probabilities = torch.cat([network(batch) for batch in pixels("test").split(1000)])
targets = torch.from_numpy(labels["test"].astype(np.int64))
correct = int((log_probabilities.argmax(1) == targets).sum())
loss = float(nn.functional.nll_loss(log_probabilities, targets))
print(f"correct: {correct} of {len(targets)} here, {TEST['correct']} of {TEST['count']} in the run")
print(f"loss:    {loss:.6f} here, {TEST['loss']:.6f} in the run")

logits = activations(pixels(SPLIT, INDICES), ${expected.layer}).numpy()
difference = np.abs(logits - LOGITS).max()
print(f"logits:  largest difference {difference:.2e} of values up to {np.abs(LOGITS).max():.1f}")

# Float32 sums taken in another order differ in their last digits, and a near-tie may fall the other way.
assert TEST["count"] == len(targets) and abs(correct - TEST["correct"]) <= 2, "The accuracy differs."
assert abs(loss - TEST["loss"]) <= 1e-4 * max(1, loss), "The loss differs."
assert difference <= 1e-4 * max(1, np.abs(LOGITS).max()), "The logits differ."
print("The run and PyTorch agree.")`;
}

export const CURVES_TEXT = '## How it learned';

/** `stride`: the number of steps averaged into each point. */
export function curves(values: { steps: string; losses: string; epochs: string; stride: number }): string {
  return `needs("torch")
STEPS = ${values.steps}
LOSSES = ${values.losses}
# Step, training loss and accuracy, test loss and accuracy at the end of each epoch.
EPOCHS = np.array(${values.epochs}, dtype=float).reshape(-1, 5)

figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4))
left.semilogy(STEPS, LOSSES, label="training, mean of ${values.stride} steps")
left.semilogy(EPOCHS[:, 0], EPOCHS[:, 3], "o-", label="test")
left.set(xlabel="step", ylabel="loss")
left.legend()
right.plot(EPOCHS[:, 0], EPOCHS[:, 2], "o-", label="training")
right.plot(EPOCHS[:, 0], EPOCHS[:, 4], "o-", label="test")
right.set(xlabel="step", ylabel="accuracy")
right.legend()
plt.show()`;
}

export const FILTERS_TEXT = `## Filters and what they respond to

Orange is negative, purple is positive, on one scale for all.`;

export function filters(layer: string): string {
  return `needs("activations")


def show_grid(pictures, limit=None, columns=8):
    limit = limit or np.abs(pictures).max()
    rows = -(-len(pictures) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(columns, rows), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, picture in zip(axes.flat, pictures):
        axis.imshow(picture, cmap="PuOr", vmin=-limit, vmax=limit)
    plt.show()


weights = network.get_submodule(${layer}).weight.detach().numpy()
# Of color images, each filter's red, green and blue weights follow each other.
show_grid(weights.reshape(-1, *weights.shape[2:]), columns=8 if weights.shape[1] == 1 else 9)`;
}

export function activations(layer: string): string {
  return `needs("labels", "activations")
for index in range(min(3, len(labels["test"]))):
    image = pixels("test", [index])
    print(f"test image {index}, a {labels['test'][index]}")
    with torch.no_grad():
        show_grid(network.get_submodule(${layer})(image)[0].numpy())`;
}

export const SPECTRUM_TEXT = `## Singular values and principal components

Of the last layer's activations for the first 100 training images. Singular values are of the matrix as it is; the
principal components are of the matrix less its mean.`;

export function spectrum(layer: string, classes = 10): string {
  return `needs("labels", "activations")
points = activations(pixels("train", slice(100)), ${layer}).double().numpy()
singular_values = np.linalg.svd(points, compute_uv=False)
u, s, _ = np.linalg.svd(points - points.mean(0), full_matrices=False)
components = u[:, :2] * s[:2]

figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4))
left.plot(singular_values, "o-")
left.set(xlabel="index", ylabel="singular value")
scatter = right.scatter(*components.T, c=labels["train"][:100], cmap="${classes > 10 ? 'nipy_spectral' : 'tab10'}", vmin=-0.5, vmax=${Math.max(10, classes) - 0.5})
right.set(xlabel="component 1", ylabel="component 2")
figure.colorbar(scatter, ticks=range(${classes}))
plt.show()
print(singular_values)`;
}

const GEOMETRY_TEXT = `## Manifold geometry by the reference code

[neural_manifolds_replicaMFT](https://github.com/schung039/neural_manifolds_replicaMFT) (Chung, Lee, Sompolinsky, PRX 8, 031003,
2018; Cohen et al., Nat Commun 11, 746, 2020) on the same images. It needs pymanopt before its version 2:

    pip install "pymanopt<1" autograd cvxopt scipy git+https://github.com/schung039/neural_manifolds_replicaMFT

The center correlation must agree. The reference code's Gaussian vectors and starting points are random, and among the center
problem's local minima it takes another than Untangle's lowest cost. Measured over ten seeds on the original notebook's images
and network, capacity is .1055 ± .0079 by the reference code and .1017 ± .0008 by Untangle at the input, .1061 ± .0013 and
.1059 ± .0009 at conv, .3564 ± .0207 and .3675 ± .0051 at fc (mean ± standard deviation); the reference code's mean radius at
fc is 7 ± 18, because single vectors can dominate it.`;

export function geometryText(missing: readonly { layer: string; reason: string }[]): string {
  const left = missing.map(
    ({ layer, reason }) => `\n\nWithout the layer \`${layer}\`, which has no geometry: ${reason}`,
  );
  return `${GEOMETRY_TEXT}${left.join('')}`;
}

export function geometry(value: string): string {
  return `needs("labels", "activations")
GEOMETRY = ${value}
split, indices = GEOMETRY["split"], np.array(GEOMETRY["indices"])

if GEOMETRY["draw"] == "notebook":
    # make_manifold_data's own draw, by numpy's seed 0: the classes, then all images; the first of each class are taken.
    random = np.random.RandomState(0)
    random.permutation(len(np.unique(labels[split])))
    order = random.permutation(len(labels[split]))
    each = len(indices) // len(np.unique(labels[split]))
    drawn = np.concatenate([order[labels[split][order] == label][:each] for label in np.unique(labels[split])])
    assert set(drawn) == set(indices), "The images are not the notebook's draw."

try:
    from mftma.manifold_analysis_correlation import manifold_analysis_corr
except ImportError as error:
    manifold_analysis_corr = None
    print(f"Skipped ({error}): see above what to install.")

if manifold_analysis_corr:
    np.random.seed(0)
    classes = labels[split][indices]
    order = list(dict.fromkeys(classes.tolist()))
    print("layer: capacity, radius, dimension, center correlation (reference | run)")
    for expected in GEOMETRY["layers"]:
        points = activations(pixels(split, indices), expected["layer"]).double().numpy().T
        if points.shape[0] > points.shape[1]:
            # Only inner products count, so that a rotation into the points' own span changes nothing.
            points = np.linalg.qr(points, mode="r")
        manifolds = [points[:, classes == label] for label in order]
        capacity, radius, dimension, correlation, _ = manifold_analysis_corr(
            manifolds, GEOMETRY["kappa"], GEOMETRY["samples"], n_reps=10
        )
        found = [1 / np.mean(1 / capacity), np.mean(radius), np.mean(dimension), correlation]
        keys = ["capacity", "radius", "dimension", "centerCorrelation"]
        pairs = [f"{value:.4f} | {expected[key]:.4f}" for key, value in zip(keys, found)]
        print(f"{expected['layer']}: {', '.join(pairs)}")
        assert abs(correlation - expected["centerCorrelation"]) <= 1e-3, "The center correlation differs."`;
}

export const TRAINING_TEXT = `## Train further

A hundred steps from these weights with the run's kind of optimizer, begun afresh. The run's own order of images and dropout are not
repeated here.`;

/** `optimizer`: a Python expression. */
export function training(optimizer: string, batchSize: string): string {
  return `network.train()
optimizer = ${optimizer}
order = torch.randperm(len(labels["train"]), generator=torch.Generator().manual_seed(0))
for step, batch in enumerate(order.split(${batchSize})[:100]):
    targets = torch.from_numpy(labels["train"][batch].astype(np.int64))
    optimizer.zero_grad()
    loss = nn.functional.nll_loss(network(pixels("train", batch)), targets)
    loss.backward()
    optimizer.step()
    if step % 20 == 19:
        print(f"step {step + 1}: loss {loss.item():.4f}")
network.eval()`;
}
