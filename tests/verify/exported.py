"""Runs an exported notebook and reads the files exported beside it with the libraries that people use.

    python exported.py FOLDER    with notebook.ipynb, activations.npz, run.untangle.zip and the notebook's weights

Prints one JSON object; what the notebook printed goes to standard error.
"""

import json
import sys
import zipfile
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import safetensors.torch
import torch

folder = Path(sys.argv[1])


def run_notebook():
    """The notebook as Jupyter runs it: an error in a cell ends this program."""
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


def read_weights(name):
    """Whether the library's own file of these tensors has the very bytes of ours, but for the header's order."""
    content = (folder / name).read_bytes()
    tensors = safetensors.torch.load(content)
    (folder / "python.safetensors").write_bytes(safetensors.torch.save(tensors))
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    data = content[start:]
    for key, tensor in tensors.items():
        begin, end = header[key]["data_offsets"]
        assert tensor.numpy().tobytes() == data[begin:end], f"{key} differs."
    return tensors


def read_activations(weights):
    """Activations of the first images, as PyTorch computes them from the npz file's own input layer."""
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
    """The run's own file: every snapshot loads, and the last one is the exported network."""
    with zipfile.ZipFile(folder / "run.untangle.zip") as archive:
        assert archive.testzip() is None
        names = [name for name in archive.namelist() if name.startswith("snapshots/")]
        snapshots = {name: safetensors.torch.load(archive.read(name)) for name in names}
        checkpoint = safetensors.torch.load(archive.read("checkpoint.safetensors"))
        steps = np.loadtxt(archive.open("steps.csv"), delimiter=",", skiprows=1)
    last = snapshots[max(names)]
    for key, tensor in weights.items():
        assert torch.equal(last[key], tensor) and torch.equal(checkpoint[key], tensor), f"{key} differs."
    return {"snapshots": len(names), "steps": len(steps)}


text, figures = run_notebook()
weights = read_weights(json.loads((folder / "names.json").read_text())["parameters"])
print(json.dumps({
    "output": text,
    "figures": figures,
    "activations": read_activations(weights),
    "run": read_run(weights),
    "versions": {"torch": torch.__version__, "numpy": np.__version__, "safetensors": safetensors.__version__},
}))
