"""Training, with a layer that makes its outputs one by one and adds the bias last."""

import random

import minitorch


class Linear(minitorch.Module):
    def __init__(self, in_size, out_size):
        super().__init__()
        self.weights = []
        self.bias = []
        for j in range(out_size):
            column = []
            for i in range(in_size):
                start = minitorch.Scalar(2 * random.random() - 1)
                column.append(self.add_parameter("weight_%d_%d" % (i, j), start))
            self.weights.append(column)
            self.bias.append(self.add_parameter("bias_%d" % j, minitorch.Scalar(0.0)))

    def forward(self, inputs):
        outputs = []
        for column, bias in zip(self.weights, self.bias):
            total = minitorch.Scalar(0.0)
            for x, weight in zip(inputs, column):
                total = total + weight.value * x
            outputs.append(total + bias.value)
        return outputs


class Network(minitorch.Module):
    def __init__(self, hidden):
        super().__init__()
        self.layers = [Linear(2, hidden), Linear(hidden, hidden), Linear(hidden, 1)]
        self.layer1, self.layer2, self.layer3 = self.layers

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = [y.relu() for y in layer.forward(x)]
        return self.layers[-1].forward(x)[0].sigmoid()
