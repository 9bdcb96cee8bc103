"""The notebook's own training loop in PyTorch: seconds of an epoch (training and test set) as JSON. Arguments: the folder of the MNIST
files, threads, and the number of training batches to time (all by default; fewer are scaled up)."""

import gzip
import json
import sys
import time
from pathlib import Path

import numpy
import torch
from PIL import Image
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import Compose, ToTensor

folder, threads = Path(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(111)


class Mnist(Dataset):
    """torchvision's MNIST, read from the site's files."""

    def __init__(self, name, transform):
        images = gzip.decompress((folder / f"{name}-images-idx3-ubyte.gz").read_bytes())
        labels = gzip.decompress((folder / f"{name}-labels-idx1-ubyte.gz").read_bytes())
        self.data = torch.from_numpy(numpy.frombuffer(images, numpy.uint8, offset=16).reshape(-1, 28, 28).copy())
        self.targets = torch.from_numpy(numpy.frombuffer(labels, numpy.uint8, offset=8).astype(numpy.int64))
        self.transform = transform

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        image = Image.fromarray(self.data[index].numpy(), mode="L")
        return self.transform(image), int(self.targets[index])


train = DataLoader(Mnist("train", Compose([ToTensor()])), batch_size=64, shuffle=True, drop_last=True)
test = DataLoader(Mnist("t10k", Compose([ToTensor()])), batch_size=64, shuffle=False, drop_last=True)
model = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Flatten(), nn.Linear(21632, 10), nn.LogSoftmax(dim=1))
criterion = nn.NLLLoss()
optimizer = optim.Adam(model.parameters(), lr=1e-3)
most = int(sys.argv[3]) if len(sys.argv) > 3 else len(train)


def count(loss, output, target, sums):
    sums[0] += loss.item() * len(target)
    sums[1] += torch.sum(output.argmax(dim=1) == target).item()


sums = [0.0, 0]
began = time.perf_counter()
for step, (data, target) in enumerate(train):
    if step == most:
        break
    optimizer.zero_grad()
    output = model(data)
    loss = criterion(output, target)
    loss.backward()
    optimizer.step()
    count(loss, output, target, sums)
trained = (time.perf_counter() - began) / min(most, len(train)) * len(train)
tests = max(1, round(most / len(train) * len(test)))
began = time.perf_counter()
with torch.no_grad():
    for step, (data, target) in enumerate(test):
        if step == tests:
            break
        output = model(data)
        count(criterion(output, target), output, target, sums)
tested = (time.perf_counter() - began) / min(tests, len(test)) * len(test)
print(json.dumps({"seconds": trained + tested, "millisecondsPerStep": 1000 * trained / len(train)}))
