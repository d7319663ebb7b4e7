"""Four-bit numbers with a scale per block of 32: the one place that says how they are made, read and packed.

A block's codes are 0 to 15 and stand for (code - 8) * scale. Scales are kept as float16 in the model files, so codes
are chosen against the scale as float16 will give it back.
"""

import numpy as np

BLOCK = 32
ZERO = 8
LARGEST_CODE = 15
SMALLEST_SCALE = np.float32(2**-24)  # the smallest float16 above zero


def quantize_blocks(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rounds each block with the scale, of a few tried, that leaves the least squared error.

    Shapes: weights float32[rows, columns] -> codes uint8[rows, columns], scales float32[rows, columns / 32].
    """
    rows, columns = weights.shape
    blocks = weights.reshape(rows, columns // BLOCK, BLOCK).astype(np.float32)
    largest_at = np.abs(blocks).argmax(-1)[..., None]
    largest = np.take_along_axis(blocks, largest_at, -1)[..., 0]

    best_error = best_scale = None
    for shrink in np.linspace(1.0, 0.72, 8):
        # The largest number at -8 (its sign decides the scale's), or all numbers evenly between -7.5 and 7.5.
        for scale in (-largest * shrink / 8, np.abs(largest) * shrink / 7.5):
            scale = np.where(scale == 0, 1, scale).astype(np.float32)
            difference = dequantize(encode(blocks, scale).astype(np.float64), scale) - blocks
            error = (difference * difference).sum(-1)
            if best_error is None:
                best_error, best_scale = error, scale
            else:
                better = error < best_error
                best_error = np.where(better, error, best_error)
                best_scale = np.where(better, scale, best_scale)

    scale = best_scale.astype(np.float16).astype(np.float32)
    scale = np.where(scale == 0, SMALLEST_SCALE, scale)
    return encode(blocks, scale).reshape(rows, columns).astype(np.uint8), scale


def encode(blocks: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Codes of blocks float[..., 32] under scales float[...], as floats."""
    return np.clip(np.round(blocks / scale[..., None]) + ZERO, 0, LARGEST_CODE)


def dequantize(codes: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """The numbers that blocks of codes [..., 32] stand for."""
    return (codes - ZERO) * scale[..., None]


def dequantize_matrix(codes: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """The matrix that `quantize_blocks` gave codes and scales for."""
    rows, columns = codes.shape
    return dequantize(codes.reshape(rows, columns // BLOCK, BLOCK).astype(np.float32), scales).reshape(rows, columns)


def pack_pairs(codes: np.ndarray) -> np.ndarray:
    """Two neighbouring codes a byte, the first in the low half (ONNX Runtime's order)."""
    return (codes[..., 0::2] | (codes[..., 1::2] << 4)).astype(np.uint8)
