"""The process of a contestant in Python: child.py NAME runs contenders/NAME.py and answers Remote's calls, JSON lines."""

import importlib
import json
import os
import sys
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "contenders"))
sys.dont_write_bytecode = True

# How many different batches are predicted in turn, so that no prediction is of the batch before.
BATCHES = 64


class Task:
    """A staged work: `work`, and its data and first parameters as numpy arrays."""

    def __init__(self, staged):
        import numpy

        self.work = staged["work"]
        files = staged["files"]
        outputs = self.work["layers"][-1]["units"]
        floats = lambda name: numpy.fromfile(files[name], numpy.float32)
        self.inputs = floats("inputs").reshape(-1, self.work["inputs"])
        self.targets = floats("targets").reshape(-1, outputs)
        self.labels = numpy.fromfile(files["labels"], numpy.uint8).astype(numpy.int64) if "labels" in files else None
        self.test = floats("test").reshape(-1, self.work["inputs"]) if "test" in files else None
        self.start = floats("start")

    def layers(self):
        """The parameters as (weights [to][from], biases, activation), a layer each."""
        at, inputs = 0, self.work["inputs"]
        for layer in self.work["layers"]:
            units = layer["units"]
            weights = self.start[at : at + units * inputs].reshape(units, inputs)
            at += units * (inputs + 1)
            yield weights, self.start[at - units : at], layer["activation"]
            inputs = units


class Calls:
    def __init__(self, contender_file):
        self.file = contender_file

    def prepare(self, staged):
        self.task = Task(staged)
        self.contender = self.file.Contender(self.task)
        work = self.task.work
        differs = self.file.differs(work)
        return {"version": self.file.version, "differs": differs, "batchSize": work["batchSize"], "loss": work["loss"]}

    def reset(self, start):
        """Back to the first parameters and a new optimizer."""
        if start is not None:
            self.task.start[:] = start
        self.contender.reset()

    def train(self, amount):
        begin = time.perf_counter()
        self.contender.train(amount["epochs"], amount["rows"], amount["shuffled"])
        return time.perf_counter() - begin

    def outputs(self, which):
        inputs = self.task.test if which.get("test") else self.task.inputs[: which["rows"]]
        return self.contender.outputs(inputs).ravel().tolist()

    def predict(self, amount):
        """Seconds that so many predictions take, from an array of samples to an array of answers."""
        size, inputs = amount["batch"], self.task.inputs
        count = min(BATCHES, len(inputs) // size)
        batches = [inputs[i * size : (i + 1) * size].copy() for i in range(count)]
        begin = time.perf_counter()
        for i in range(amount["calls"]):
            self.contender.outputs(batches[i % count])
        return time.perf_counter() - begin


def answer(message):
    try:
        return {"answer": getattr(calls, message["call"])(message["argument"])}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}\n{traceback.format_exc()}"}


# what a library prints must not end up among the answers
replies, sys.stdout = sys.stdout, sys.stderr
try:
    calls = Calls(importlib.import_module(sys.argv[1]))
except ImportError as error:
    sys.exit(f"{sys.executable} has no {error.name}")
for line in sys.stdin:
    replies.write(json.dumps(answer(json.loads(line))) + "\n")
    replies.flush()
