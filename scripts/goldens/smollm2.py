#!/usr/bin/env python3
"""Makes Tests/Fixtures/smollm2: what a float32 pass of the dequantised weights gives.

    pip install gguf numpy safetensors
    scripts/goldens/smollm2.py SmolLM2-135M-Instruct.Q4_1.gguf Tests/Fixtures/smollm2 [--check]

Reads the token ids of prompts.json (they come from llama.cpp's tokenizer, as those of tokenizer.json do) and the
pairs of pairs.json. Writes states.safetensors, the `greedy` and `nll_mean` of prompts.json,
directions.safetensors and directions.json. With --check nothing is written: the largest difference is printed.
pairs.json is tokenised by the product: `tiller tokenize` must be on the PATH.
"""

import json
import pathlib
import subprocess
import sys

import gguf
import numpy as np
from safetensors.numpy import load_file, save_file

LAYERS, HIDDEN, HEADS, KV_HEADS, HEAD = 30, 576, 9, 3, 64
EPSILON, ROPE_BASE = 1e-5, 100_000.0


def load_weights(path):
    reader = gguf.GGUFReader(path)
    return {t.name: gguf.quants.dequantize(t.data, t.tensor_type).astype(np.float32) for t in reader.tensors}


def norm(x, weight):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + EPSILON) * weight


def turn(x):
    """Rotary embedding of adjacent pairs, [tokens, heads, HEAD]."""
    angles = np.arange(len(x))[:, None] * ROPE_BASE ** (-np.arange(0, HEAD, 2) / HEAD)
    cos, sin = np.cos(angles)[:, None].astype(np.float32), np.sin(angles)[:, None].astype(np.float32)
    out = np.empty_like(x)
    out[..., 0::2] = x[..., 0::2] * cos - x[..., 1::2] * sin
    out[..., 1::2] = x[..., 0::2] * sin + x[..., 1::2] * cos
    return out


def forward(weights, ids):
    """The residual stream after each block [layers][tokens, HIDDEN] and the logits [tokens, vocabulary]."""
    x = weights["token_embd.weight"][ids]
    mask = np.triu(np.full((len(ids), len(ids)), -np.inf, np.float32), 1)
    states = []
    for layer in range(LAYERS):
        w = lambda name: weights[f"blk.{layer}.{name}.weight"]
        h = norm(x, w("attn_norm"))
        q = turn((h @ w("attn_q").T).reshape(-1, HEADS, HEAD))
        k = turn((h @ w("attn_k").T).reshape(-1, KV_HEADS, HEAD)).repeat(HEADS // KV_HEADS, 1)
        v = (h @ w("attn_v").T).reshape(-1, KV_HEADS, HEAD).repeat(HEADS // KV_HEADS, 1)
        scores = np.einsum("thd,shd->hts", q, k) / np.sqrt(np.float32(HEAD)) + mask
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        x = x + np.einsum("hts,shd->thd", scores, v).reshape(len(ids), -1) @ w("attn_output").T
        h = norm(x, w("ffn_norm"))
        gate = h @ w("ffn_gate").T
        x = x + (gate / (1 + np.exp(-gate)) * (h @ w("ffn_up").T)) @ w("ffn_down").T
        states.append(x)
    return states, norm(x, weights["output_norm.weight"]) @ weights["token_embd.weight"].T


def mean_nll(logits, ids):
    logits = logits[:-1].astype(np.float64)
    top = logits.max(-1, keepdims=True)
    log_sum = top[:, 0] + np.log(np.exp(logits - top).sum(-1))
    return float((log_sum - logits[np.arange(len(ids) - 1), ids[1:]]).mean())


def directions(positive, negative):
    """Mean difference, and first principal components about the origin and about the mean, in float64."""
    differences = positive - negative
    mean = differences.mean(0)
    found, statistics = {"mean": mean}, {}
    for name, rows in (("pca", differences), ("pca_centred", differences - mean)):
        _, sizes, axes = np.linalg.svd(rows, full_matrices=False)
        # The centred one has no side: its sign is whatever the solver gave.
        axis = -axes[0] if name == "pca" and axes[0] @ mean < 0 else axes[0]
        found[name] = axis
        statistics[name] = {
            "explained_variance_ratio": float(sizes[0] ** 2 / (sizes**2).sum()),
            "cosine_to_mean": float(axis @ mean / np.linalg.norm(mean)),
            "pair_accuracy": float((differences @ axis > 0).mean()),
        }
    return found, statistics


def tokenize(model, text):
    command = ["tiller", "tokenize", "-m", model, "--json", text]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["ids"]


def main():
    model, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    weights = load_weights(model)
    prompts = json.loads((folder / "prompts.json").read_text())
    states = {}
    for index, prompt in enumerate(prompts):
        ids = prompt["ids"]
        hidden, logits = forward(weights, ids)
        for layer, rows in enumerate(hidden):
            states[f"p{index}.residual_post.{layer}.last"] = rows[-1]
            if index == 0:
                states[f"p0.residual_post.{layer}.all"] = rows
        if index < 2:  # 200 kB each
            states[f"p{index}.logits_last"] = logits[-1]
        prompt["nll_mean"] = mean_nll(logits, ids)
        answer = []
        while len(answer) < 24:
            answer.append(int(forward(weights, ids + answer)[1][-1].argmax()))
        prompt["greedy"] = answer

    pairs = json.loads((folder / "pairs.json").read_text())
    sides = {}
    for side in ("positive", "negative"):
        rows = [np.stack([h[-1] for h in forward(weights, tokenize(model, p[side]))[0]]) for p in pairs]
        sides[side] = np.stack(rows).astype(np.float64)  # [pairs, layers, HIDDEN]
    vectors, statistics = {}, {}
    for layer in range(1, LAYERS):
        found, numbers = directions(sides["positive"][:, layer], sides["negative"][:, layer])
        vectors |= {f"{name}.{layer}": value.astype(np.float32) for name, value in found.items()}
        statistics |= {f"{name}.{layer}": value for name, value in numbers.items()}

    if "--check" in sys.argv:
        for name, made in (("states", states), ("directions", vectors)):
            kept = load_file(folder / f"{name}.safetensors")
            # For directions of the centred method either sign is right.
            worst = max(
                min(np.linalg.norm(made[k] - sign * kept[k]) for sign in ((1, -1) if "centred" in k else (1,)))
                / np.linalg.norm(kept[k])
                for k in kept)
            print(f"{name}: largest relative difference {worst:.2e} over {len(kept)} tensors")
        return
    save_file(states, folder / "states.safetensors")
    save_file(vectors, folder / "directions.safetensors")
    (folder / "prompts.json").write_text(json.dumps(prompts, indent=1, ensure_ascii=False))
    (folder / "directions.json").write_text(json.dumps(statistics, indent=1))


main()
