#!/usr/bin/env python3
"""Makes Tests/Fixtures/gemma3: what transformers gives for Gemma3-270M in float32.

    pip install torch transformers gguf safetensors sentencepiece
    scripts/goldens/gemma3.py gemma3-270m.gguf Tests/Fixtures/gemma3

The weights are those of the GGUF file (`tiller pull gemma3-270m`), dequantised by transformers. prompts.json: per text
the ids with a beginning-of-sequence token and the mean NLL of what follows it. states.safetensors: `pK.residual_post.N`,
the last token's state after block N of text K, float32 [hiddenSize]. The last text is longer than the sliding window of
512 tokens, so that its state needs the window's edge.
"""

import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import save_file

TEXTS = [
    "The capital of France is Paris, and the capital of Japan is",
    "「ありがとうございます」と彼女は笑顔で言った。桜の花が風に揺れて、",
    "def fibonacci(n):\n    if n < 2:\n        return n\n    return fibonacci(n - 1) +",
    " ".join(
        f"In the year {1200 + 7 * i} the {['river', 'city', 'harvest', 'winter', 'king'][i % 5]} of"
        f" {['Arden', 'Velm', 'Tasse', 'Ruun'][i % 4]} was {['calm', 'rich', 'lost', 'long', 'praised'][i % 5]}."
        for i in range(42)),
]


def main(model_path, folder):
    path = pathlib.Path(model_path)
    options = dict(gguf_file=path.name)
    tokenizer = transformers.AutoTokenizer.from_pretrained(path.parent, **options)
    model = transformers.AutoModelForCausalLM.from_pretrained(
        path.parent, **options, dtype=torch.float32, attn_implementation="eager").eval()
    states, prompts = {}, []
    for number, text in enumerate(TEXTS):
        ids = [2] + tokenizer(text, add_special_tokens=False)["input_ids"]
        handles = []
        for layer, block in enumerate(model.model.layers):
            def keep(_, __, output, key=f"p{number}.residual_post.{layer}"):
                hidden = output[0] if isinstance(output, tuple) else output
                states[key] = hidden.reshape(-1, hidden.shape[-1])[-1].clone().contiguous()
            handles.append(block.register_forward_hook(keep))
        with torch.no_grad():
            logits = model(torch.tensor([ids]), use_cache=False).logits[0]
        for handle in handles:
            handle.remove()
        likelihoods = torch.log_softmax(logits[:-1].double(), -1)
        nll = -likelihoods[torch.arange(len(ids) - 1), torch.tensor(ids[1:])].mean().item()
        prompts.append(dict(text=text, ids=ids, nll_mean=nll, next=int(logits[-1].argmax())))
        print(f"text {number}: {len(ids)} tokens, mean NLL {nll:.4f}, next {tokenizer.decode([prompts[-1]['next']])!r}")
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(states, folder / "states.safetensors")
    (folder / "prompts.json").write_text(json.dumps(prompts, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
