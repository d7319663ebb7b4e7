"""GPTQ (Frantar et al. 2022) for a BERT encoder, in numpy: 4-bit codes that keep each layer's output, not its weights.

In: float32 weights by their Hugging Face names, a tokenizer, calibration.jsonl (passages, headings and sentences of MDN,
CC BY-SA 2.5; no text of any evaluation set). Out: codes and scales (blocks.py) of every linear layer.
Each layer is calibrated on what the layers before it put out once they are quantized.
"""

import json
import random
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.special import erf
from tokenizers import Tokenizer

from blocks import BLOCK, LARGEST_CODE, ZERO, dequantize_matrix, quantize_blocks

CALIBRATION = Path(__file__).with_name("calibration.jsonl")
CALIBRATION_TEXTS = 360
CALIBRATION_TOKENS = 96
DAMPING = 0.01
EPSILON = 1e-12

Weights = dict[str, np.ndarray]


class Linear(NamedTuple):
    """Shapes: codes uint8[outputs, inputs], scales float32[outputs, inputs / 32]."""

    codes: np.ndarray
    scales: np.ndarray


def calibration_texts(count: int, seed: int = 3) -> list[str]:
    """A fixed random choice of the calibration texts."""
    texts = [json.loads(line) for line in CALIBRATION.read_text(encoding="utf-8").splitlines()]
    return random.Random(seed).sample(texts, min(count, len(texts)))


def quantize_linear(weights: np.ndarray, hessian: np.ndarray) -> Linear:
    """Rounds one column after another and lets the columns to come make up for each one's error.

    Shapes: weights float32[outputs, inputs], hessian float64[inputs, inputs] (mean of x xT over the layer's inputs).
    """
    weights = weights.astype(np.float64).copy()
    outputs, inputs = weights.shape
    hessian = hessian.copy()
    unused = np.diag(hessian) == 0
    hessian[unused, unused] = 1
    hessian += np.eye(inputs) * DAMPING * np.diag(hessian).mean()
    upper = np.linalg.cholesky(np.linalg.inv(hessian)).T

    codes = np.zeros((outputs, inputs), np.uint8)
    scales = np.zeros((outputs, inputs // BLOCK), np.float32)
    for start in range(0, inputs, BLOCK):
        end = start + BLOCK
        block = weights[:, start:end]
        scale = quantize_blocks(np.ascontiguousarray(block.astype(np.float32)))[1][:, 0]
        scales[:, start // BLOCK] = scale
        errors = np.zeros((outputs, BLOCK))
        for j in range(BLOCK):
            column = block[:, j]
            code = np.clip(np.round(column / scale) + ZERO, 0, LARGEST_CODE)
            codes[:, start + j] = code
            error = (column - (code - ZERO) * scale) / upper[start + j, start + j]
            block[:, j:] -= np.outer(error, upper[start + j, start + j : end])
            errors[:, j] = error
        weights[:, end:] -= errors @ upper[start:end, end:]
    return Linear(codes, scales)


def quantize_encoder(weights: Weights, layers: int, heads: int, tokenizer: Tokenizer) -> dict[str, Linear]:
    """Runs the calibration texts through the encoder and quantizes each linear layer on the way.

    Names of the layers: `l<n>.qkv` (query, key and value as one matrix), `.attn_out`, `.ffn_in`, `.ffn_out`.
    """
    quantized: dict[str, Linear] = {}

    def quantize(name: str, matrix: np.ndarray, x: np.ndarray) -> np.ndarray:
        hessian = (x.T @ x / len(x)).astype(np.float64)
        quantized[name] = quantize_linear(matrix, hessian)
        kept = dequantize_matrix(*quantized[name])
        rounded = dequantize_matrix(*quantize_blocks(matrix))
        ratio = output_error(kept - matrix, hessian) / output_error(rounded - matrix, hessian)
        print(f"{name}: output error {ratio:.3f} of that of plain rounding")
        return kept

    def matrix(name: str) -> np.ndarray:
        return weights[name].astype(np.float32)

    tokens = [tokenizer.encode(text).ids[:CALIBRATION_TOKENS] for text in calibration_texts(CALIBRATION_TEXTS)]
    cuts = np.cumsum([len(ids) for ids in tokens])[:-1]
    x = np.concatenate([embed_tokens(ids, matrix) for ids in tokens]).astype(np.float32)
    print(f"{len(x)} calibration tokens")

    for n in range(layers):
        prefix = f"encoder.layer.{n}."
        attention = f"{prefix}attention.self."
        parts = ("query", "key", "value")

        kept = quantize(f"l{n}.qkv", np.concatenate([matrix(f"{attention}{part}.weight") for part in parts]), x)
        qkv = x @ kept.T + np.concatenate([matrix(f"{attention}{part}.bias") for part in parts])
        context = np.concatenate([attend(rows, heads) for rows in np.split(qkv, cuts)])

        dense = f"{prefix}attention.output."
        kept = quantize(f"l{n}.attn_out", matrix(f"{dense}dense.weight"), context)
        x = normalize(context @ kept.T + matrix(f"{dense}dense.bias") + x, f"{dense}LayerNorm", matrix)

        kept = quantize(f"l{n}.ffn_in", matrix(f"{prefix}intermediate.dense.weight"), x)
        inner = x @ kept.T + matrix(f"{prefix}intermediate.dense.bias")
        inner = (inner * 0.5 * (1 + erf(inner / np.sqrt(2)))).astype(np.float32)

        dense = f"{prefix}output."
        kept = quantize(f"l{n}.ffn_out", matrix(f"{dense}dense.weight"), inner)
        x = normalize(inner @ kept.T + matrix(f"{dense}dense.bias") + x, f"{dense}LayerNorm", matrix)
    return quantized


def output_error(difference: np.ndarray, hessian: np.ndarray) -> float:
    """Squared error of a layer's output when its weights are off by `difference`."""
    return float(np.einsum("ij,ij->", difference @ hessian, difference))


def embed_tokens(ids: list[int], matrix) -> np.ndarray:
    """The encoder's input for one text."""
    words = matrix("embeddings.word_embeddings.weight")[ids]
    kinds = matrix("embeddings.token_type_embeddings.weight")[0]
    positions = matrix("embeddings.position_embeddings.weight")[: len(ids)]
    return normalize(words + kinds + positions, "embeddings.LayerNorm", matrix)


def attend(qkv: np.ndarray, heads: int) -> np.ndarray:
    """Self-attention within one text. Shapes: [tokens, 3 x dim] -> [tokens, dim]."""
    tokens, width = qkv.shape
    size = width // 3 // heads
    query, key, value = qkv.reshape(tokens, 3, heads, size).transpose(1, 2, 0, 3)
    scores = query @ key.transpose(0, 2, 1) / np.sqrt(size)
    scores = np.exp(scores - scores.max(-1, keepdims=True))
    scores /= scores.sum(-1, keepdims=True)
    return (scores @ value).transpose(1, 0, 2).reshape(tokens, heads * size)


def normalize(x: np.ndarray, name: str, matrix) -> np.ndarray:
    """Layer normalisation with the named weight and bias."""
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    scaled = (x - mean) / np.sqrt(variance + EPSILON) * matrix(f"{name}.weight") + matrix(f"{name}.bias")
    return scaled.astype(np.float32)
