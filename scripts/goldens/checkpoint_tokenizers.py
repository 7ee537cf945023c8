#!/usr/bin/env python3
"""Makes Tests/Fixtures/conversion/tokenizers/: the tokenizer files of checkpoints, tiny, and the ids that their makers' libraries give.

Needs the PyPI packages tokenizers==0.23.3 and sentencepiece==0.2.3. The same input gives the same files. With a folder as
argument it writes there, and ids for all texts of the corpus instead of a few.
"""
import io
import json
import pathlib
import sys

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as protobuf
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

ROOT = pathlib.Path(__file__).parents[2]
FOLDER = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "Tests/Fixtures/conversion/tokenizers"
CORPUS = json.loads((ROOT / "Tests/Fixtures/tokenizers/texts.json").read_text(encoding="utf-8"))
WRITTEN = [text for text in CORPUS["texts"] if "\0" not in text and "\ufffd" not in text]
PLAIN = [
    "The quick brown fox jumps over the lazy dog, and the dog is not amused at all.", "I'm sure that we'll see 1234567 of them in 2026!",
    "def main(argument):\n    return argument + 1\n", "  two  spaces,   three, and a tab\t.\n\n", "She said: \"It's the children's fault\" - didn't she?",
]
TEXTS = WRITTEN if len(sys.argv) > 1 else PLAIN + [text for text in WRITTEN if 0 < len(text) < 34][:32]

LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")


def write(folder, name, value):
    path = FOLDER / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")


def finish(name, tokenizer, marked, rows, **files):
    """Writes a tokenizer with its ids, and the files beside it."""
    write(name, "tokenizer.json", json.loads(tokenizer.to_str()))
    for file, value in files.items():
        write(name, file.replace("_jinja", ".jinja") if file.endswith("_jinja") else file + ".json", value)
    texts = TEXTS + marked
    write(name, "expected.json", {
        "rows": rows, "texts": texts, "ids": [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]})


def byte_level(normalizer, steps, size=360):
    """A byte-level vocabulary trained on the plain texts."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False, min_frequency=1)
    tokenizer.train_from_iterator(PLAIN * 3 + WRITTEN[:40], trainer)
    return tokenizer


def split(expression):
    return pre_tokenizers.Split(Regex(expression), "isolated")


def llama3():
    tokenizer = byte_level(None, [split(LLAMA3), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    model = json.loads(tokenizer.to_str())
    model["model"]["ignore_merges"] = True
    tokenizer = Tokenizer.from_str(json.dumps(model))
    tokenizer.add_special_tokens(["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|eot_id|>", "<|python_tag|>"])
    first = tokenizer.token_to_id("<|begin_of_text|>")
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing("<|begin_of_text|> $A", "<|begin_of_text|> $A <|begin_of_text|> $B", [("<|begin_of_text|>", first)])])
    finish(
        "llama3", tokenizer, ["<|start_header_id|>user\n\nhi<|eot_id|>", "a<|eot_id|> b"], tokenizer.get_vocab_size(),
        tokenizer_config={
            "bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>", "tokenizer_class": "PreTrainedTokenizerFast",
            "chat_template": "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.content }}<|eot_id|>{% endfor %}"},
        generation_config={"eos_token_id": [first + 1, first + 3, first + 4]})


def qwen2():
    tokenizer = byte_level(normalizers.NFC(), [split(QWEN2), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens([AddedToken("<think>", special=False, normalized=False)])
    # A model has more rows than the tokenizer has tokens.
    finish(
        "qwen2", tokenizer, ["<|im_start|>user\nhi<|im_end|>\n", "<think> e\u0301 </think>"], tokenizer.get_vocab_size() + 12,
        tokenizer_config={
            "bos_token": None, "eos_token": {"content": "<|im_end|>", "special": True}, "pad_token": "<|endoftext|>", "add_bos_token": False,
            "chat_template": [{"name": "default", "template": "not this one"}]},
        chat_template_jinja="{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>{% endfor %}")


def gpt2():
    tokenizer = byte_level(None, [pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens(["<|endoftext|>"])
    finish(
        "gpt2", tokenizer, ["a<|endoftext|>b"], tokenizer.get_vocab_size(),
        tokenizer_config={name: "<|endoftext|>" for name in ("bos_token", "eos_token", "unk_token")})


def smollm():
    tokenizer = byte_level(None, [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    finish(
        "smollm", tokenizer, ["<|im_start|>x<|im_end|>"], tokenizer.get_vocab_size(),
        tokenizer_config={"chat_template": [
            {"name": "default", "template": "{{ messages[0].content }}"}, {"name": "tool_use", "template": "{{ tools }}"}]},
        special_tokens_map={"bos_token": "<|im_start|>", "eos_token": {"content": "<|im_end|>"}})


BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def ranked(name, normalizer, pre_tokenizer, strips):
    """Pairs on text whose spaces are ▁, as Llama 2's fast tokenizer has them."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    trainer = trainers.BpeTrainer(
        vocab_size=440, special_tokens=["<unk>", "<s>", "</s>"] + BYTES, limit_alphabet=90, show_progress=False)
    tokenizer.train_from_iterator(PLAIN * 4 + WRITTEN[:20], trainer)
    model = json.loads(tokenizer.to_str())["model"]
    tokenizer = Tokenizer(models.BPE(
        vocab=model["vocab"], merges=[tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in model["merges"]],
        byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in ["<unk>", "<s>", "</s>"]])
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False, rstrip=strips) for text in ["<|user|>", "<|end|>"]])
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A", "<s> $A <s> $B", [("<s>", 1)])
    finish(
        name, tokenizer, ["<s>a b</s> c", "<s> a</s>", "a</s>b", "<|user|>\n Hello <|end|>\n<|user|>"], tokenizer.get_vocab_size(),
        tokenizer_config={"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"})


def merges(vocabulary, scores):
    """All ways to make a piece of two others, the best piece first: how transformers turns SentencePiece's pairs into merges."""
    found = []
    for piece, score in scores.items():
        local = [(piece[:i], piece[i:]) for i in range(1, len(piece)) if piece[:i] in vocabulary and piece[i:] in vocabulary]
        found += [(pair, score) for pair in sorted(local, key=lambda pair: (vocabulary[pair[0]], vocabulary[pair[1]]))]
    return [pair for pair, _ in sorted(found, key=lambda item: item[1], reverse=True)]


def sentence_piece(name, model_type, has_json=False, **options):
    buffer = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(line for text in PLAIN * 4 + WRITTEN[:6] for line in text.split("\n") if line.strip()),
        model_writer=buffer, vocab_size=480, hard_vocab_limit=False, character_coverage=0.98, num_threads=1, minloglevel=2,
        model_type=model_type, byte_fallback=True, normalization_rule_name="identity", **options)
    processor = sentencepiece.SentencePieceProcessor(model_proto=buffer.getvalue())
    description = protobuf.ModelProto()
    description.ParseFromString(buffer.getvalue())
    # What the trainer notes of its own work says nothing about the model, and its defaults change.
    description.ClearField("trainer_spec")
    description.trainer_spec.model_type = {"unigram": 1, "bpe": 2}[model_type]
    description.trainer_spec.byte_fallback = True
    (FOLDER / name).mkdir(parents=True, exist_ok=True)
    (FOLDER / name / "tokenizer.model").write_bytes(description.SerializeToString(deterministic=True))
    rows = len(description.pieces)
    if not has_json:
        write(name, "expected.json", {"rows": rows + 3, "texts": TEXTS, "ids": [processor.encode(text) for text in TEXTS]})
        return
    vocabulary = {piece.piece: index for index, piece in enumerate(description.pieces)}
    scores = {piece.piece: piece.score for piece in description.pieces if piece.type == 1}
    tokenizer = Tokenizer(models.BPE(
        vocab=vocabulary, merges=merges(vocabulary, scores), byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in ["<unk>", "<s>", "</s>", "<|im_end|>"]])
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A", "<s> $A <s> $B", [("<s>", 1)])
    finish(
        name, tokenizer, ["<s>a b</s> c", "a<|im_end|>b"], rows + 1,
        tokenizer_config={"bos_token": "<s>", "eos_token": "</s>", "add_bos_token": True, "add_eos_token": False})


def unigram():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=300, special_tokens=["<unk>", "<s>", "</s>"], unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(PLAIN * 4 + WRITTEN[:20], trainer)
    finish(
        "unigram-json", tokenizer, ["<s>a b</s> c"], tokenizer.get_vocab_size(),
        tokenizer_config={"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"})


def main():
    llama3()
    qwen2()
    gpt2()
    smollm()
    ranked("ranked", normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]), None, False)
    ranked("ranked-first", None, pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=False), True)
    sentence_piece("pairs", "bpe", remove_extra_whitespaces=False)
    sentence_piece("pairs-json", "bpe", has_json=True, remove_extra_whitespaces=False)
    sentence_piece("unigram", "unigram", remove_extra_whitespaces=True)
    unigram()


main()
