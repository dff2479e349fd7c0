"""As in 2022: untyped, layers are called, a batch is one of rows of matrices, answers are flat."""

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
        self.weights = RParam(in_size, out_size, backend=backend)
        s = minitorch.zeros((out_size,), backend=backend)
        s = s + 0.1
        self.bias = minitorch.Parameter(s)
        self.out_size = out_size

    def forward(self, x):
        batch = x.shape[0]
        rows = x.view(batch, 1, x.shape[1]) @ self.weights.value
        return rows.view(batch, self.out_size) + self.bias.value


class Network(minitorch.Module):
    def __init__(self, hidden, backend):
        super().__init__()
        self.layer1 = Linear(2, hidden, backend)
        self.layer2 = Linear(hidden, hidden, backend)
        self.layer3 = Linear(hidden, 1, backend)

    def forward(self, x):
        for layer in (self.layer1, self.layer2):
            x = layer(x).relu()
        return self.layer3(x).sigmoid().view(x.shape[0])


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
