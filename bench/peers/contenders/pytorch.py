"""PyTorch on the CPU, one thread. Without nn.Module and torch.optim.SGD, whose Python costs a third of A's and D's steps."""

import torch
from torch.nn import functional

torch.set_num_threads(1)

version = torch.__version__

ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}


def differs(work):
    return None


class Sgd:
    """What torch.optim.SGD(foreach=True) does."""

    def __init__(self, parameters, lr):
        self.parameters, self.lr = parameters, lr

    def step(self):
        with torch.no_grad():
            torch._foreach_add_(self.parameters, [p.grad for p in self.parameters], alpha=-self.lr)


class Contender:
    def __init__(self, task):
        self.task = task
        self.loss = task.work["loss"]
        self.inputs = torch.from_numpy(task.inputs)
        # as indices, where the loss takes them, classes are faster than as one-hot rows
        self.targets = torch.from_numpy(task.labels if self.loss == "crossEntropy" else task.targets)

    def reset(self):
        tensor = lambda array: torch.from_numpy(array.copy()).requires_grad_()
        self.layers = [(tensor(w), tensor(b), ACTIVATIONS.get(name)) for w, b, name in self.task.layers()]
        self.parameters = [p for layer in self.layers for p in layer[:2]]
        optimizer = self.task.work["optimizer"]
        kind = torch.optim.Adam if optimizer["kind"] == "adam" else Sgd
        self.optimizer = kind(self.parameters, lr=optimizer["learningRate"])

    def forward(self, x):
        """Up to the logits, where the last layer is softmax."""
        for weights, biases, activation in self.layers:
            x = functional.linear(x, weights, biases)
            if activation:
                x = activation(x)
        return x

    def backward(self, outputs, targets):
        if self.loss == "crossEntropy":
            functional.cross_entropy(outputs, targets).backward()
        elif self.loss == "meanSquaredError":
            functional.mse_loss(outputs, targets).backward()
        else:
            # ½ of the mean over rows, as what the gradient begins with: an operation less
            functional.mse_loss(outputs, targets, reduction="sum").backward(torch.tensor(0.5 / len(targets)))

    def train(self, epochs, rows, shuffled):
        size = self.task.work["batchSize"]
        for _ in range(epochs):
            inputs, targets = self.inputs[:rows], self.targets[:rows]
            if shuffled:
                # one gather an epoch, of which the mini-batches are views, is faster than one a step
                order = torch.randperm(rows)
                inputs, targets = inputs[order], targets[order]
            for x, y in zip(inputs.split(size), targets.split(size)):
                for parameter in self.parameters:
                    parameter.grad = None
                self.backward(self.forward(x), y)
                self.optimizer.step()

    def outputs(self, inputs):
        with torch.no_grad():
            answers = self.forward(torch.from_numpy(inputs))
            return (functional.softmax(answers, 1) if self.loss == "crossEntropy" else answers).numpy()
