"""llama.cpp as a peer: reads one JSON command a line, answers one JSON object a line. Runs in the peer's own environment.

A context is made with llama-cpp-python's defaults but for the threads and the batch, which takes 512 tokens at once.
"""

import json
import os
import sys
import time

import llama_cpp
import numpy as np
from llama_cpp import Llama


class Worker:
    model = None

    def unload(self):
        """Gives the model's file back to the system."""
        if self.model:
            self.model.close()
        self.model = None
        return {}

    def load(self, model, threads, context=1024):
        self.unload()
        self.model = Llama(
            model, n_ctx=context, n_threads=threads, n_threads_batch=threads, n_batch=512, n_ubatch=512, verbose=False
        )
        self.model.eval([1, 2, 3])  # the first use sets up its buffers
        return {}

    def tokens(self, count):
        return [index * 7919 % self.model.n_vocab() for index in range(count)]

    def logits(self, row=-1):
        pointer = llama_cpp.llama_get_logits_ith(self.model._ctx.ctx, row)
        return np.ctypeslib.as_array(pointer, shape=(self.model.n_vocab(),))

    def prefill(self, tokens, repetitions):
        best = float("inf")
        for _ in range(repetitions):
            self.model.reset()
            start = time.perf_counter()
            self.model.eval(self.tokens(tokens))
            best = min(best, time.perf_counter() - start)
        return {"tokensPerSecond": tokens / best}

    def decode(self, after, tokens, repetitions):
        best = float("inf")
        for _ in range(repetitions):
            self.model.reset()
            every = self.tokens(after + tokens)
            self.model.eval(every[:after])
            start = time.perf_counter()
            for token in every[after:]:
                self.model.eval([token])
            best = min(best, time.perf_counter() - start)
        return {"tokensPerSecond": tokens / best}

    def greedy(self, text, tokens):
        self.model.reset()
        ids = self.model.tokenize(text.encode(), add_bos=True, special=True)
        self.model.eval(ids)
        answer = []
        for _ in range(tokens):
            token = int(np.argmax(self.logits()))
            answer.append(token)
            self.model.eval([token])
        return {"promptIDs": ids, "ids": answer}

    def likelihood(self, texts):
        """Mean over texts of the mean −log p of a token, row by row as decode computes it."""
        means = []
        for text in texts:
            self.model.reset()
            ids = self.model.tokenize(text.encode(), add_bos=True, special=True)
            losses = []
            for index, token in enumerate(ids[:-1]):
                self.model.eval([token])
                row = self.logits().astype(np.float64)
                losses.append(np.log(np.exp(row - row.max()).sum()) + row.max() - row[ids[index + 1]])
            means.append(float(np.mean(losses)))
        return {"mean": float(np.mean(means))}

    def prompts(self, texts):
        """What llama.cpp's own generator does before its PCA: every prompt for itself through the whole model."""
        start = time.perf_counter()
        for text in texts:
            self.model.reset()
            self.model.eval(self.model.tokenize(text.encode(), add_bos=True, special=True))
        return {"seconds": time.perf_counter() - start}

    def gemm(self, size, repetitions):
        """float32 GEMM of numpy's OpenBLAS, GFLOP/s."""
        left, right = (np.random.default_rng(0).standard_normal((size, size)).astype(np.float32) for _ in range(2))
        best = float("inf")
        for _ in range(repetitions):
            start = time.perf_counter()
            left @ right
            best = min(best, time.perf_counter() - start)
        return {"gflops": 2 * size**3 / best * 1e-9}

    def version(self):
        return {"version": llama_cpp.__version__, "numpy": np.__version__}


def main():
    # What the libraries print must not reach the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    worker = Worker()
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = getattr(worker, command.pop("do"))(**command)
        except Exception as error:  # told to the parent, which says which row it was
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
