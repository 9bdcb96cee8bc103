"""Milliseconds of a training step (batch 64, Adam, one thread) of preset networks in PyTorch, in processor time, as JSON."""

import json
import sys
import time

import torch
from torch import nn

torch.set_num_threads(1)
budget = float(sys.argv[1]) / 1000


def sequential(*layers):
    return nn.Sequential(*layers, nn.LogSoftmax(dim=1))


NETWORKS = {
    "notebook": lambda: sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Flatten(), nn.Linear(21632, 10)),
    "perceptron": lambda: sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)
    ),
    "lenet": lambda: sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    ),
    "pytorch": lambda: sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25),
        nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10),
    ),
}
images = torch.rand(64, 1, 28, 28)
labels = torch.arange(64) % 10
timings = {}
for name in sys.argv[2:]:
    network = NETWORKS[name]()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    rounds = []
    began = time.perf_counter()
    while len(rounds) < 5 or time.perf_counter() - began < budget:
        start = time.process_time()
        optimizer.zero_grad()
        nn.functional.nll_loss(network(images), labels).backward()
        optimizer.step()
        rounds.append(1000 * (time.process_time() - start))
    rounds.sort()
    timings[name] = rounds[len(rounds) // 2]
print(json.dumps(timings))
