"""Training, with a layer that sums in comprehensions."""

import random

import minitorch


class Linear(minitorch.Module):
    def __init__(self, in_size, out_size):
        super().__init__()
        self.weights = []
        self.bias = []
        for i in range(in_size):
            self.weights.append([])
            for j in range(out_size):
                self.weights[i].append(
                    self.add_parameter(
                        f"weight_{i}_{j}", minitorch.Scalar(2 * (random.random() - 0.5))
                    )
                )
        for j in range(out_size):
            self.bias.append(
                self.add_parameter(f"bias_{j}", minitorch.Scalar(2 * (random.random() - 0.5)))
            )

    def forward(self, inputs):
        return [
            sum((x * w[j].value for x, w in zip(inputs, self.weights)), bias.value)
            for j, bias in enumerate(self.bias)
        ]


class Network(minitorch.Module):
    def __init__(self, hidden_layers):
        super().__init__()
        self.layer1 = Linear(2, hidden_layers)
        self.layer2 = Linear(hidden_layers, hidden_layers)
        self.layer3 = Linear(hidden_layers, 1)

    def forward(self, x):
        x = [h.relu() for h in self.layer1(x)]
        x = [h.relu() for h in self.layer2(x)]
        (out,) = self.layer3(x)
        return out.sigmoid()


if __name__ == "__main__":
    point = (minitorch.Scalar(0.25), minitorch.Scalar(0.75))
    print(Network(2)(point))
