"""repeng as a peer: trains a vector on some pairs and prints one JSON object. Runs in the peer's own environment.

Before it stand the lines `started` and `loaded`, by which is told how far it came where it ends early.

    repeng_worker.py MODEL.gguf THREADS < {"pairs": [[positive, negative], …]}

The model is read from a float32 GGUF by transformers; repeng runs with its defaults (pca_diff, batches of 32).
"""

import json
import os
import sys
import time

import repeng
import torch
import transformers
from repeng import ControlModel, ControlVector, DatasetEntry


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print("started", file=answers, flush=True)
    model_path, threads = sys.argv[1], int(sys.argv[2])
    request = json.load(sys.stdin)
    torch.set_num_threads(threads)
    folder, name = os.path.split(model_path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, gguf_file=name)
    tokenizer.pad_token_id = tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32)
    layers = range(request["layers"][0], request["layers"][1] + 1)
    model = ControlModel(model, list(layers))
    print("loaded", file=answers, flush=True)
    entries = [DatasetEntry(positive=positive, negative=negative) for positive, negative in request["pairs"]]
    with torch.no_grad():
        ControlVector.train(model, tokenizer, entries[:2])  # the first use sets up its buffers
        start = time.perf_counter()
        ControlVector.train(model, tokenizer, entries)
        seconds = time.perf_counter() - start
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    versions["repeng"] = getattr(repeng, "__version__", "0.4.0")
    answers.write(json.dumps({"seconds": seconds, "prompts": 2 * len(entries), "versions": versions}) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
