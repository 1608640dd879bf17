#!/usr/bin/env python3
"""Converts all-MiniLM-L6-v2 from safetensors to a half-precision GGUF file.

usage: minilm_to_gguf.py MODEL_DIR OUT.gguf

Does for this one model what llama.cpp's convert_hf_to_gguf.py does, without needing torch or transformers.
"""

import json
import os
import sys
from pathlib import Path

import gguf
import numpy
from safetensors.numpy import load_file

SPECIAL_TOKENS = {"[PAD]": 0, "[UNK]": 100, "[CLS]": 101, "[SEP]": 102, "[MASK]": 103}

EMBEDDINGS = {
    "embeddings.word_embeddings": "token_embd",
    "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types",
    "embeddings.LayerNorm": "token_embd_norm",
}

# Within layer N, "encoder.layer.N." before the key and "blk.N." before the value.
LAYER = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}

# llama.cpp reads these two in full precision, as it does every vector.
FULL_PRECISION = {"position_embd.weight", "token_types.weight"}


def gguf_name(name):
    """Returns the GGUF name of a tensor, or None for one that embeddings do not need."""
    module, _, kind = name.removeprefix("bert.").rpartition(".")
    if module.startswith("pooler") or kind == "position_ids":
        return None
    if module.startswith("encoder.layer."):
        _, _, number, part = module.split(".", 3)
        return f"blk.{number}.{LAYER[part]}.{kind}"
    return f"{EMBEDDINGS[module]}.{kind}"


def add_hyperparameters(writer, config):
    writer.add_name("all-MiniLM-L6-v2")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_token_type_count(config["type_vocab_size"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)


def add_tokenizer(writer, vocabulary):
    # WordPiece marks the pieces that continue a word ("##ing"), llama.cpp those that begin one ("▁play").
    tokens = [
        token if token in SPECIAL_TOKENS else token[2:] if token.startswith("##") else "\u2581" + token
        for token in vocabulary
    ]
    types = [gguf.TokenType.CONTROL if token in SPECIAL_TOKENS else gguf.TokenType.NORMAL for token in vocabulary]
    for token, number in SPECIAL_TOKENS.items():
        if vocabulary[number] != token:
            sys.exit(f"vocab.txt: token {number} is {vocabulary[number]!r}, expected {token!r}")
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("jina-v2-en")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_bos_token_id(SPECIAL_TOKENS["[CLS]"])
    writer.add_eos_token_id(SPECIAL_TOKENS["[SEP]"])
    writer.add_sep_token_id(SPECIAL_TOKENS["[SEP]"])
    writer.add_unk_token_id(SPECIAL_TOKENS["[UNK]"])
    writer.add_pad_token_id(SPECIAL_TOKENS["[PAD]"])
    writer.add_mask_token_id(SPECIAL_TOKENS["[MASK]"])
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(True)


def add_tensors(writer, tensors):
    for name, values in tensors.items():
        target = gguf_name(name)
        if target is None:
            continue
        half = values.ndim == 2 and target not in FULL_PRECISION
        values = values.astype(numpy.float16 if half else numpy.float32)
        writer.add_tensor(target, numpy.ascontiguousarray(values))


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: minilm_to_gguf.py MODEL_DIR OUT.gguf")
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    config = json.loads((source / "config.json").read_text())
    vocabulary = (source / "vocab.txt").read_text(encoding="utf-8").split("\n")[: config["vocab_size"]]
    if len(vocabulary) != config["vocab_size"]:
        sys.exit(f"vocab.txt has {len(vocabulary)} tokens, expected {config['vocab_size']}")

    partial = target.with_suffix(".partial")
    writer = gguf.GGUFWriter(partial, "bert")
    add_hyperparameters(writer, config)
    add_tokenizer(writer, vocabulary)
    add_tensors(writer, load_file(source / "model.safetensors"))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(partial, target)


if __name__ == "__main__":
    main()
