"""Runs an exported notebook in Jupyter and reads the files exported beside it in NumPy and PyTorch.

    python exported.py FOLDER    with notebook.ipynb, activations.npz, run.untangle.zip and the notebook's weights
    python exported.py FOLDER --notebook    with the notebook and its files only

The safetensors library is used where it is installed; elsewhere the files are read by hand.
Prints one JSON object to standard output, and the notebook's own output to standard error.
"""

import json
import sys
import zipfile
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import torch

try:
    import safetensors.torch
except ImportError:
    safetensors = None

folder = Path(sys.argv[1])


def run_notebook():
    """Runs the notebook as Jupyter does. An error in a cell ends this program."""
    notebook = nbformat.read(folder / "notebook.ipynb", as_version=4)
    nbformat.validate(notebook)
    kernel = nbclient.NotebookClient(notebook, timeout=1200, resources={"metadata": {"path": str(folder)}})
    kernel.execute()
    texts, figures = [], 0
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stdout":
                texts.append(output["text"])
            figures += "image/png" in output.get("data", {})
    nbformat.write(notebook, folder / "executed.ipynb")
    text = "".join(texts)
    print(text, file=sys.stderr)
    return text, figures


def load(content):
    """The tensors of a safetensors file: the header's length, a JSON header, float32 values."""
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header.pop("__metadata__", None)
    tensors = {}
    for key, entry in header.items():
        assert entry["dtype"] == "F32", f"{key} is of type {entry['dtype']}."
        begin, end = entry["data_offsets"]
        values = np.frombuffer(content[start + begin:start + end], "<f4")
        tensors[key] = torch.from_numpy(values.reshape(entry["shape"]).copy())
    return tensors


def read_weights(name):
    """The weights. Where the safetensors library is installed, it must read the same, and writes the file again."""
    content = (folder / name).read_bytes()
    tensors = load(content)
    if safetensors:
        for key, tensor in safetensors.torch.load(content).items():
            assert torch.equal(tensor, tensors[key]), f"{key} differs."
        (folder / "python.safetensors").write_bytes(safetensors.torch.save(tensors))
    return tensors


def read_activations(weights):
    """Compares the exported activations with those that PyTorch computes from the file's own input layer."""
    arrays = np.load(folder / "activations.npz")
    pixels = torch.from_numpy(arrays["input"]).reshape(-1, 1, 28, 28)
    conv = torch.conv2d(pixels, weights["conv.weight"], weights["conv.bias"])
    fc = conv.relu().flatten(1) @ weights["fc.weight"].T + weights["fc.bias"]
    expected = {"conv": conv, "relu": conv.relu(), "fc": fc}
    differences = {}
    for layer, values in expected.items():
        assert arrays[layer].shape == tuple(values.shape), f"{layer} has the shape {arrays[layer].shape}."
        differences[layer] = float(np.abs(arrays[layer] - values.numpy()).max())
    return {
        "arrays": {name: [str(arrays[name].dtype), list(arrays[name].shape)] for name in arrays.files},
        "largestDifference": differences,
    }


def read_run(weights):
    """Loads every snapshot of the run's file; the last one must be the exported network."""
    with zipfile.ZipFile(folder / "run.untangle.zip") as archive:
        assert archive.testzip() is None
        names = [name for name in archive.namelist() if name.startswith("snapshots/")]
        snapshots = {name: load(archive.read(name)) for name in names}
        checkpoint = load(archive.read("checkpoint.safetensors"))
        steps = np.loadtxt(archive.open("steps.csv"), delimiter=",", skiprows=1)
    last = snapshots[max(names)]
    for key, tensor in weights.items():
        assert torch.equal(last[key], tensor) and torch.equal(checkpoint[key], tensor), f"{key} differs."
    return {"snapshots": len(names), "steps": len(steps)}


text, figures = run_notebook()
if "--notebook" in sys.argv:
    print(json.dumps({"output": text, "figures": figures}))
    sys.exit()
weights = read_weights(json.loads((folder / "names.json").read_text())["parameters"])
print(json.dumps({
    "output": text,
    "figures": figures,
    "activations": read_activations(weights),
    "run": read_run(weights),
    "versions": {
        "torch": torch.__version__,
        "numpy": np.__version__,
        "safetensors": safetensors and safetensors.__version__,
    },
}))
