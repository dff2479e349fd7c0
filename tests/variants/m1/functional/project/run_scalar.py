"""Training, with a layer that folds products into a bias."""

import functools
import random

import minitorch
from minitorch import Scalar


class Linear(minitorch.Module):
    def __init__(self, in_size, out_size):
        super().__init__()
        self.shape = in_size, out_size
        for j in range(out_size):
            self.add_parameter(f"bias_{j}", Scalar(random.uniform(-1, 1)))
            for i in range(in_size):
                self.add_parameter(f"weight_{i}_{j}", Scalar(random.uniform(-1, 1)))

    def value(self, name):
        return self._parameters[name].value

    def forward(self, inputs):
        def output(j):
            weighted = (x * self.value(f"weight_{i}_{j}") for i, x in enumerate(inputs))
            return functools.reduce(lambda x, y: x + y, weighted, self.value(f"bias_{j}"))

        return list(map(output, range(self.shape[1])))


class Network(minitorch.Module):
    def __init__(self, hidden):
        super().__init__()
        self.layer1, self.layer2, self.layer3 = (
            Linear(2, hidden),
            Linear(hidden, hidden),
            Linear(hidden, 1),
        )

    def forward(self, x):
        for layer in (self.layer1, self.layer2):
            x = [h.relu() for h in layer(x)]
        return self.layer3(x)[0].sigmoid()
