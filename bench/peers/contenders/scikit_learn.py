"""scikit-learn's MLPClassifier."""

import warnings

import numpy
import sklearn
from sklearn.neural_network import MLPClassifier

warnings.filterwarnings("ignore")

version = sklearn.__version__

ACTIVATIONS = {"sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}


def differs(work):
    """With the loss that it has for sigmoid outputs, a step lacks only the product with the last σ'."""
    return None if work["loss"] == "crossEntropy" else "binary cross-entropy instead of the quadratic loss"


class Contender:
    def __init__(self, task):
        self.task = task
        outputs = task.work["layers"][-1]["units"]
        if task.work["loss"] == "crossEntropy":
            self.targets = task.labels
        else:
            self.targets = task.targets.astype(int).reshape(-1, *([outputs] if outputs > 1 else []))

    def reset(self):
        work = self.task.work
        adam = work["optimizer"]["kind"] == "adam"
        self.model = MLPClassifier(
            hidden_layer_sizes=[layer["units"] for layer in work["layers"][:-1]],
            activation=ACTIVATIONS[work["layers"][0]["activation"]],
            solver="adam" if adam else "sgd",
            alpha=0,
            batch_size=work["batchSize"],
            learning_rate_init=work["optimizer"]["learningRate"],
            momentum=0,
            n_iter_no_change=10**9,
            max_iter=1,
            warm_start=True,
        )
        # it makes its arrays when it first sees data; what it has learnt then is overwritten
        some = self._some_of_each()
        self.model.set_params(batch_size=len(some)).fit(self.task.inputs[some], self.targets[some])
        self.model.set_params(batch_size=work["batchSize"])
        for i, (weights, biases, _) in enumerate(self.task.layers()):
            self.model.coefs_[i][:] = weights.T
            self.model.intercepts_[i][:] = biases

    def _some_of_each(self):
        """Rows with every class among them."""
        if self.targets.ndim > 1:
            return numpy.arange(self.task.work["batchSize"])
        return numpy.unique(self.targets, return_index=True)[1]

    def train(self, epochs, rows, shuffled):
        self.model.set_params(max_iter=epochs, shuffle=shuffled)
        self.model.fit(self.task.inputs[:rows], self.targets[:rows])

    def outputs(self, inputs):
        answers = self.model.predict_proba(inputs)
        return answers[:, 1:] if self.task.work["layers"][-1]["units"] == 1 else answers
