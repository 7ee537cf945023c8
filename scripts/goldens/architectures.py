#!/usr/bin/env python3
"""Makes Tests/Fixtures/architectures: a tiny random model of each family, and what a float32 pass of it gives.

    pip install gguf numpy safetensors
    scripts/goldens/architectures.py Tests/Fixtures/architectures
    scripts/goldens/architectures.py MODEL.gguf STATES.safetensors ID,ID,…      states of a real model's tokens

The pass is written from the families' published definitions, one line of algebra at a time, and shares nothing
with the product. Weights are float32, so that a difference is the forward pass's and not a quantiser's.
"""

import pathlib
import sys

import gguf
import numpy as np
from safetensors.numpy import save_file

FAMILIES = {
    # heads, key-value heads, head size, layers, sliding window
    "llama": dict(heads=4, kv=2, head=8, layers=2),
    "qwen2": dict(heads=4, kv=2, head=8, layers=2),
    "qwen3": dict(heads=4, kv=2, head=12, layers=2),
    "gemma3": dict(heads=4, kv=1, head=16, layers=7, window=8),
}
HIDDEN, FEED_FORWARD, VOCABULARY, TOKENS = 32, 48, 80, 24


def write_model(path, family, heads, kv, head, layers, window=None):
    rng = np.random.default_rng(len(family))
    writer = gguf.GGUFWriter(path, family)
    writer.add_name(f"tiny {family}")
    writer.add_context_length(128)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv)
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1_000_000.0 if family == "gemma3" else 10_000.0)
    if window:
        writer.add_sliding_window(window)

    def matrix(name, *shape):
        writer.add_tensor(name, (rng.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32))

    def vector(name, size, around):
        writer.add_tensor(name, (around + 0.2 * rng.standard_normal(size)).astype(np.float32))

    matrix("token_embd.weight", VOCABULARY, HIDDEN)
    vector("output_norm.weight", HIDDEN, 1)
    if family == "llama":
        matrix("output.weight", VOCABULARY, HIDDEN)
    for layer in range(layers):
        block = f"blk.{layer}."
        vector(block + "attn_norm.weight", HIDDEN, 1)
        for part, count in (("q", heads), ("k", kv), ("v", kv)):
            matrix(f"{block}attn_{part}.weight", count * head, HIDDEN)
            if family == "qwen2":
                vector(f"{block}attn_{part}.bias", count * head, 0)
        if family in ("qwen3", "gemma3"):
            vector(block + "attn_q_norm.weight", head, 1)
            vector(block + "attn_k_norm.weight", head, 1)
        matrix(block + "attn_output.weight", HIDDEN, heads * head)
        vector(block + "ffn_norm.weight", HIDDEN, 1)
        matrix(block + "ffn_gate.weight", FEED_FORWARD, HIDDEN)
        matrix(block + "ffn_up.weight", FEED_FORWARD, HIDDEN)
        matrix(block + "ffn_down.weight", HIDDEN, FEED_FORWARD)
        if family == "gemma3":
            vector(block + "post_attention_norm.weight", HIDDEN, 1)
            vector(block + "post_ffw_norm.weight", HIDDEN, 1)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


class Model:
    def __init__(self, path):
        reader = gguf.GGUFReader(path)
        self.weights = {
            t.name: gguf.quants.dequantize(t.data, t.tensor_type).astype(np.float32) for t in reader.tensors
        }
        self.family = reader.fields["general.architecture"].contents()
        number = lambda key, default=None: (
            reader.fields[f"{self.family}.{key}"].contents()
            if f"{self.family}.{key}" in reader.fields else default
        )
        self.layers = number("block_count")
        self.heads = number("attention.head_count")
        self.kv = number("attention.head_count_kv", self.heads)
        self.head = number("attention.key_length", number("embedding_length") // self.heads)
        self.epsilon = number("attention.layer_norm_rms_epsilon")
        self.base = number("rope.freq_base", 10_000.0)
        self.local_base = number("rope.freq_base_swa", 10_000.0)
        self.window = number("attention.sliding_window")

    def norm(self, x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.epsilon) * self.weights[name]

    def turn(self, x, base):
        angles = np.arange(len(x))[:, None] * base ** (-np.arange(0, self.head, 2) / self.head)
        cos, sin = np.cos(angles)[:, None].astype(np.float32), np.sin(angles)[:, None].astype(np.float32)
        if self.family == "llama":
            first, second = (slice(0, None, 2), slice(1, None, 2))
        else:
            first, second = (slice(0, self.head // 2), slice(self.head // 2, None))
        out = np.empty_like(x)
        out[..., first] = x[..., first] * cos - x[..., second] * sin
        out[..., second] = x[..., first] * sin + x[..., second] * cos
        return out

    def attention(self, x, block, is_local):
        def project(part, count):
            y = x @ self.weights[f"{block}attn_{part}.weight"].T
            y = y + self.weights.get(f"{block}attn_{part}.bias", np.float32(0))
            return y.reshape(len(x), count, self.head)

        q, k, v = project("q", self.heads), project("k", self.kv), project("v", self.kv)
        if f"{block}attn_q_norm.weight" in self.weights:
            q, k = self.norm(q, f"{block}attn_q_norm.weight"), self.norm(k, f"{block}attn_k_norm.weight")
        base = self.local_base if is_local else self.base
        q, k = self.turn(q, base), self.turn(k, base)
        k, v = k.repeat(self.heads // self.kv, 1), v.repeat(self.heads // self.kv, 1)
        distance = np.arange(len(x))[:, None] - np.arange(len(x))[None, :]
        seen = (distance >= 0) & ((distance < self.window) if is_local else True)
        scores = np.einsum("thd,shd->hts", q, k) / np.sqrt(np.float32(self.head))
        scores = np.where(seen, scores, -np.inf)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        mixed = np.einsum("hts,shd->thd", scores, v).reshape(len(x), -1)
        return mixed @ self.weights[f"{block}attn_output.weight"].T

    def feed_forward(self, x, block):
        gate = x @ self.weights[f"{block}ffn_gate.weight"].T
        if self.family == "gemma3":
            gate = 0.5 * gate * (1 + np.tanh(np.sqrt(2 / np.pi) * (gate + 0.044715 * gate**3)))
        else:
            gate = gate / (1 + np.exp(-gate))
        return (gate * (x @ self.weights[f"{block}ffn_up.weight"].T)) @ self.weights[f"{block}ffn_down.weight"].T

    def run(self, ids):
        """The residual stream after each block [layers][tokens, hidden] and the logits [tokens, vocabulary]."""
        x = self.weights["token_embd.weight"][ids]
        if self.family == "gemma3":
            x = x * np.sqrt(np.float32(x.shape[-1]))
        states = []
        for layer in range(self.layers):
            block = f"blk.{layer}."
            is_local = self.family == "gemma3" and layer % 6 < 5
            added = self.attention(self.norm(x, block + "attn_norm.weight"), block, is_local)
            if self.family == "gemma3":
                added = self.norm(added, block + "post_attention_norm.weight")
            x = x + added
            added = self.feed_forward(self.norm(x, block + "ffn_norm.weight"), block)
            if self.family == "gemma3":
                added = self.norm(added, block + "post_ffw_norm.weight")
            x = x + added
            states.append(x.astype(np.float32))
        output = self.weights.get("output.weight", self.weights["token_embd.weight"])
        return states, (self.norm(x, "output_norm.weight") @ output.T).astype(np.float32)


def save_states(model, ids, path):
    states, logits = model.run(np.array(ids))
    tensors = {f"residual_post.{layer}": rows for layer, rows in enumerate(states)}
    save_file(tensors | {"logits": logits, "ids": np.array(ids, np.int32)}, path)


def main():
    if len(sys.argv) == 4:
        save_states(Model(sys.argv[1]), [int(i) for i in sys.argv[3].split(",")], sys.argv[2])
        return
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for family, shape in FAMILIES.items():
        path = folder / f"{family}.gguf"
        write_model(path, family, **shape)
        save_states(Model(path), [(7 * i + 3) % VOCABULARY for i in range(TOKENS)], folder / f"{family}.safetensors")


main()
