"""Layers that turn a batch on its side: columns in, columns out; a list of layers."""

import argparse
import random

import minitorch

datasets = minitorch.datasets
FastTensorBackend = minitorch.TensorBackend(minitorch.FastOps)


def default_log_fn(epoch, total_loss, correct, losses):
    print("Epoch ", epoch, " loss ", total_loss, "correct", correct)


def RParam(*shape, backend):
    return minitorch.Parameter(minitorch.rand(shape, backend=backend) - 0.5)


class Linear(minitorch.Module):
    def __init__(self, in_size, out_size, backend):
        super().__init__()
        self.bias = minitorch.Parameter(minitorch.zeros((out_size, 1), backend=backend) + 0.1)
        self.weights = RParam(in_size, out_size, backend=backend)

    def forward(self, x):
        columns = self.weights.value.permute(1, 0) @ x.permute(1, 0) + self.bias.value
        return columns.permute(1, 0)


class Network(minitorch.Module):
    def __init__(self, hidden, backend):
        super().__init__()
        sides = [2, hidden, hidden, 1]
        self.layers = [Linear(*pair, backend) for pair in zip(sides, sides[1:])]
        for i, layer in enumerate(self.layers):
            setattr(self, "linear_" + str(i), layer)

    def forward(self, x):
        signals = [x]
        for layer in self.layers[:-1]:
            signals.append(layer.forward(signals[-1]).relu())
        return self.layers[-1].forward(signals[-1]).sigmoid()


class FastTrain:
    def __init__(self, hidden_layers, backend=FastTensorBackend):
        self.hidden_layers = hidden_layers
        self.model = Network(hidden_layers, backend)
        self.backend = backend

    def train(self, data, learning_rate, max_epochs=500, log_fn=default_log_fn):
        self.model = Network(self.hidden_layers, self.backend)
        optim = minitorch.SGD(self.model.parameters(), learning_rate)
        losses = []
        for epoch in range(max_epochs):
            pairs = list(zip(data.X, data.y))
            random.shuffle(pairs)
            total_loss = 0.0
            for i in range(0, len(pairs), 10):
                optim.zero_grad()
                points, labels = zip(*pairs[i : i + 10])
                y = minitorch.tensor(labels, backend=self.backend)
                out = self.model.forward(minitorch.tensor(points, backend=self.backend))
                out = out.view(y.shape[0])
                loss = -((out * y) + (out - 1.0) * (y - 1.0)).log()
                (loss / y.shape[0]).sum().view(1).backward()
                total_loss += loss.sum().view(1)[0]
                optim.step()
            losses.append(total_loss)
            if epoch % 10 == 0:
                out = self.model.forward(minitorch.tensor(data.X, backend=self.backend))
                y = minitorch.tensor(data.y, backend=self.backend)
                correct = int(((out.view(data.N).detach() > 0.5) == y).sum()[0])
                log_fn(epoch, total_loss, correct, losses)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--PTS", type=int, default=50, help="number of points")
    parser.add_argument("--HIDDEN", type=int, default=10, help="number of hiddens")
    parser.add_argument("--RATE", type=float, default=0.05, help="learning rate")
    parser.add_argument("--DATASET", default="Simple", help="dataset")
    args = parser.parse_args()
    FastTrain(args.HIDDEN).train(datasets[args.DATASET](args.PTS), args.RATE)
