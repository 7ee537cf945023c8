#!/usr/bin/env python3
"""Makes Tests/Fixtures/families: a tiny random checkpoint of each model family, and what transformers computes with it.

    pip install torch transformers safetensors
    scripts/goldens/families.py Tests/Fixtures/families

Each folder is a Hugging Face checkpoint without a tokenizer (config.json, model.safetensors in bfloat16) beside
expected.safetensors: for the tokens (7·i + 3) mod 80, `residual_post.N` and `logits` of a float32 pass, rows by
token. Norm gains and biases are made random too, so that one that is left out shows. 24 tokens cross every sliding
window (8) and, where long RoPE factors begin at 16, both sides: `short.*` are the same for the first 12 tokens.
"""

import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import load_file, save_file

TOKENS = [(7 * i + 3) % 80 for i in range(24)]
SHAPE = dict(hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             vocab_size=80, max_position_embeddings=64, tie_word_embeddings=False, bos_token_id=1, eos_token_id=2,
             pad_token_id=0)


def shape(**changes):
    return {**SHAPE, **changes}


def rope(kind, theta=10_000.0, **values):
    return dict(rope_type=kind, rope_theta=theta, **values)


LONG = dict(original_max_position_embeddings=16, short_factor=[1.0, 1.25, 1.5, 2.0], long_factor=[1.0, 1.75, 3.0, 4.0])

FAMILIES = {
    "llama": ("Llama", shape(rope_parameters=rope(
        "llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32))),
    "llama-linear": ("Llama", shape(
        rope_parameters=rope("linear", factor=4.0), attention_bias=True, mlp_bias=True)),
    "mistral": ("Mistral", shape(sliding_window=8, head_dim=12)),
    "mixtral": ("Mixtral", shape(num_local_experts=4, num_experts_per_tok=2, sliding_window=None)),
    "qwen2": ("Qwen2", shape(use_sliding_window=False, tie_word_embeddings=True)),
    "qwen2-yarn": ("Qwen2", shape(use_sliding_window=False, rope_parameters=rope(
        "yarn", factor=4.0, original_max_position_embeddings=16))),
    "qwen3": ("Qwen3", shape(use_sliding_window=False, head_dim=12, tie_word_embeddings=True)),
    "qwen2moe": ("Qwen2Moe", shape(
        num_experts=4, num_experts_per_tok=2, moe_intermediate_size=24, shared_expert_intermediate_size=40,
        norm_topk_prob=False, decoder_sparse_step=1, use_sliding_window=False)),
    "qwen3moe": ("Qwen3Moe", shape(
        num_experts=4, num_experts_per_tok=2, moe_intermediate_size=24, norm_topk_prob=True, head_dim=12,
        decoder_sparse_step=1, use_sliding_window=False)),
    "gemma": ("Gemma", shape(head_dim=12, num_key_value_heads=1, tie_word_embeddings=True)),
    "gemma2": ("Gemma2", shape(
        head_dim=16, query_pre_attn_scalar=16, sliding_window=8, attn_logit_softcapping=2.0,
        final_logit_softcapping=1.5, num_hidden_layers=3, tie_word_embeddings=True)),
    "gemma3": ("Gemma3", shape(
        head_dim=16, query_pre_attn_scalar=16, sliding_window=8, num_hidden_layers=7, num_key_value_heads=1,
        tie_word_embeddings=True, rope_parameters=dict(
            full_attention=rope("linear", 1_000_000.0, factor=8.0), sliding_attention=rope("default")))),
    "phi2": ("Phi", shape(
        num_key_value_heads=4, rope_parameters={**rope("default"), "partial_rotary_factor": 0.5})),
    "phi3": ("Phi3", shape(
        sliding_window=None, original_max_position_embeddings=16, rope_parameters=rope("longrope", **LONG))),
    "gpt2": ("GPT2", dict(
        n_embd=32, n_inner=48, n_layer=2, n_head=4, vocab_size=80, n_positions=64, bos_token_id=1, eos_token_id=2)),
}


def make(folder, kind, values):
    torch.manual_seed(len(folder.name) * 1000 + sum(folder.name.encode()))
    config_class = {"Gemma3": "Gemma3TextConfig"}.get(kind, f"{kind}Config")
    model_class = {"GPT2": "GPT2LMHeadModel"}.get(kind, f"{kind}ForCausalLM")
    config = getattr(transformers, config_class)(**values, attn_implementation="eager", dtype="float32")
    model = getattr(transformers, model_class)(config).eval().float()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 1:
                # Gains lie about one, or about zero where the family adds one itself; biases about zero.
                around = 0.0 if name.endswith("bias") or kind.startswith("Gemma") else 1.0
                parameter.copy_(around + 0.2 * torch.randn_like(parameter))
            else:
                parameter.copy_(torch.randn_like(parameter) / parameter.shape[-1] ** 0.5)
            parameter.copy_(parameter.bfloat16().float())
    folder.mkdir(parents=True, exist_ok=True)
    model.bfloat16().save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    model = getattr(transformers, model_class).from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager").eval()
    return model


def states(model, tokens, prefix=""):
    base = model.transformer.h if hasattr(model, "transformer") else model.model.layers
    captured = {}

    def keep(number):
        def hook(_, __, output):
            hidden = output[0] if isinstance(output, tuple) else output
            captured[f"{prefix}residual_post.{number}"] = hidden[0].clone().contiguous()
        return hook

    handles = [layer.register_forward_hook(keep(number)) for number, layer in enumerate(base)]
    with torch.no_grad():
        logits = model(torch.tensor([tokens]), use_cache=False).logits[0]
    for handle in handles:
        handle.remove()
    captured[f"{prefix}logits"] = logits.clone().contiguous()
    return captured


def main(root):
    for family, (kind, values) in FAMILIES.items():
        folder = root / family
        model = make(folder, kind, values)
        expected = states(model, TOKENS)
        if family == "phi3":
            expected.update(states(model, TOKENS[:12], "short."))
        save_file(expected, folder / "expected.safetensors")
        size = sum(tensor.numel() for tensor in load_file(folder / "model.safetensors").values())
        names = json.loads((folder / "config.json").read_text())["architectures"]
        print(f"{family:14} {names[0]:24} {size:7} parameters, logits to {expected['logits'].abs().max():.2f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
