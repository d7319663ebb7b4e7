"""A BERT encoder as an ONNX graph, built from its weights: float32, 8-bit, 4-bit, or 4-bit on disk and 8-bit when it runs.

Inputs: input_ids, attention_mask, token_type_ids, int64[batch, tokens]. Output: last_hidden_state, float32[batch, tokens, dim].
Opset 21 with ONNX Runtime's fused operators (com.microsoft), which its CPU, WebAssembly and WebGPU builds all have.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from blocks import BLOCK, dequantize_matrix, pack_pairs, quantize_blocks
from gptq import EPSILON, Linear, Weights

MICROSOFT = "com.microsoft"
POSITIONS = 512

Format = Literal["float32", "int8", "q4", "q4_to_int8"]


class Graph:
    """Nodes and constants in the making. Every method gives back the name of the tensor it made."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: np.ndarray) -> str:
        """A constant; one of the same name is used again."""
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def half(self, name: str, value: np.ndarray) -> str:
        """A constant kept as float16 and used as float32: ONNX Runtime folds the cast when the session is made."""
        return self.node("Cast", [self.constant(name, value.astype(np.float16))], to=TensorProto.FLOAT)

    def node(self, kind: str, inputs: list[str], output: str | None = None, domain: str = "", **attributes) -> str:
        """A node with one output."""
        return self.node_of_many(kind, inputs, [output or f"{kind}_{len(self.nodes) + 1}"], domain, **attributes)[0]

    def node_of_many(self, kind: str, inputs: list[str], outputs: list[str], domain: str = "", **attributes) -> list[str]:
        """A node with the named outputs."""
        name = f"{kind}_{len(self.nodes) + 1}"
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=name, domain=domain, **attributes))
        return outputs


def build_graph(
    weights: Weights,
    layers: int,
    heads: int,
    path: Path,
    format: Format = "float32",
    quantized: Mapping[str, Linear] | None = None,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Writes the encoder to `path`. The 4-bit formats take the linear layers from `quantized` (gptq.py)."""
    graph = Graph()

    def matrix(name: str) -> np.ndarray:
        return weights[name].astype(np.float32)

    def norm_weights(name: str, label: str) -> list[str]:
        return [
            graph.constant(f"{label}.w", matrix(f"{name}.LayerNorm.weight")),
            graph.constant(f"{label}.b", matrix(f"{name}.LayerNorm.bias")),
        ]

    def linear(x: str, name: str, *parts: str) -> str:
        """x times the (joined) weights of the named parts, without bias."""
        if format in ("float32", "int8"):
            joined = np.concatenate([matrix(f"{part}.weight") for part in parts])
            return (float_linear if format == "float32" else int8_linear)(graph, x, name, joined)
        return (q4_linear if format == "q4" else q4_to_int8_linear)(graph, x, name, quantized[name])

    dim = weights["embeddings.word_embeddings.weight"].shape[1]
    x, length = add_embeddings(graph, matrix, quantize=format != "float32")
    x = graph.node("LayerNormalization", [x, *norm_weights("embeddings", "emb_ln")], axis=-1, epsilon=EPSILON)
    mask = add_mask(graph, length)

    for n in range(layers):
        prefix = f"encoder.layer.{n}."
        parts = [f"{prefix}attention.self.{part}" for part in ("query", "key", "value")]
        qkv = linear(x, f"l{n}.qkv", *parts)
        sizes = graph.constant("split3", np.array([dim, dim, dim], np.int64))
        query, key, value = graph.node_of_many("Split", [qkv, sizes], [f"q{n}", f"k{n}", f"v{n}"], axis=-1)
        bias = graph.constant(f"l{n}.qkv.bias", np.concatenate([matrix(f"{part}.bias") for part in parts]))
        context = graph.node(
            "MultiHeadAttention", [query, key, value, bias, "", mask], domain=MICROSOFT, num_heads=heads
        )

        def add_and_normalize(branch: str, dense: str, label: str, norm: str, output: str | None = None) -> str:
            """Bias, residual connection and layer normalisation, in one operator."""
            inputs = [branch, x, *norm_weights(f"{prefix}{dense}", f"l{n}.{norm}")]
            inputs.append(graph.constant(f"l{n}.{label}.bias", matrix(f"{prefix}{dense}.dense.bias")))
            return graph.node("SkipLayerNormalization", inputs, output, domain=MICROSOFT, epsilon=EPSILON)

        projected = linear(context, f"l{n}.attn_out", f"{prefix}attention.output.dense")
        x = add_and_normalize(projected, "attention.output", "attn_out", "ln1")
        inner = linear(x, f"l{n}.ffn_in", f"{prefix}intermediate.dense")
        inner_bias = graph.constant(f"l{n}.ffn_in.bias", matrix(f"{prefix}intermediate.dense.bias"))
        inner = graph.node("BiasGelu", [inner, inner_bias], domain=MICROSOFT)
        projected = linear(inner, f"l{n}.ffn_out", f"{prefix}output.dense")
        output = "last_hidden_state" if n == layers - 1 else None
        x = add_and_normalize(projected, "output", "ffn_out", "ln2", output)

    save_graph(graph, dim, path, metadata or {})


def add_embeddings(graph: Graph, matrix, quantize: bool) -> tuple[str, str]:
    """Word, token type and position embeddings, added. Out: the sum and the texts' length in tokens."""
    table = matrix("embeddings.word_embeddings.weight")
    if quantize:
        codes, scales = quantize_blocks(table)
        inputs = [graph.constant("word_embeddings_q", pack_pairs(codes)), "input_ids"]
        inputs.append(graph.half("word_embeddings_scale", scales))
        words = graph.node(
            "GatherBlockQuantized",
            inputs,
            domain=MICROSOFT,
            bits=4,
            block_size=BLOCK,
            gather_axis=0,
            quantize_axis=1,
        )
    else:
        words = graph.node("Gather", [graph.constant("word_embeddings", table), "input_ids"])

    kinds_table = graph.constant("token_type_embeddings", matrix("embeddings.token_type_embeddings.weight"))
    kinds = graph.node("Gather", [kinds_table, "token_type_ids"])

    shape = graph.node("Shape", ["input_ids"])
    length = graph.node("Gather", [shape, graph.constant("one", np.array([1], np.int64))])
    make = graph.half if quantize else graph.constant
    positions_table = make("position_embeddings", matrix("embeddings.position_embeddings.weight")[:POSITIONS])
    start = graph.constant("zero1", np.array([0], np.int64))
    axis = graph.constant("ax0", np.array([0], np.int64))
    positions = graph.node("Slice", [positions_table, start, length, axis])
    return graph.node("Add", [graph.node("Add", [words, kinds]), positions]), length


def add_mask(graph: Graph, length: str) -> str:
    """0 where a token counts and -10,000 where it is padding, [batch, 1, tokens, tokens].

    Additive, because ONNX Runtime's WebGPU attention takes no padding mask.
    """
    keep = graph.node("Cast", ["attention_mask"], to=TensorProto.FLOAT)
    minus_one = graph.node("Sub", [keep, graph.constant("one_f", np.array(1, np.float32))])
    padding = graph.node("Mul", [minus_one, graph.constant("far", np.array(1e4, np.float32))])
    shape = graph.node("Shape", ["input_ids"])
    batch = graph.node("Gather", [shape, graph.constant("zero_i", np.array([0], np.int64))])
    one_head = graph.constant("one_h", np.array([1], np.int64))
    square = graph.node("Concat", [batch, one_head, length, length], axis=0)
    rows = graph.node("Unsqueeze", [padding, graph.constant("ax12", np.array([1, 2], np.int64))])
    return graph.node("Expand", [rows, square])


def float_linear(graph: Graph, x: str, name: str, weights: np.ndarray) -> str:
    """x times float32 weights [outputs, inputs]."""
    return graph.node("MatMul", [x, graph.constant(f"{name}.weight", weights.T)])


def int8_linear(graph: Graph, x: str, name: str, weights: np.ndarray) -> str:
    """x times int8 weights [outputs, inputs] with a scale per output, rounded from float32."""
    row_scales = (np.abs(weights).max(1) / 127).astype(np.float32)
    codes = np.clip(np.round(weights / row_scales[:, None]), -127, 127).astype(np.int8)
    return dynamic_int8(graph, x, name, graph.constant(f"{name}.weight_q", codes.T), row_scales)


def dynamic_int8(graph: Graph, x: str, name: str, weights: str, row_scales: np.ndarray) -> str:
    """x times int8 weights [inputs, outputs]; x is rounded to 8 bits as it is computed, with one scale a run."""
    return graph.node(
        "DynamicQuantizeMatMul", [x, weights, *int8_scales(graph, name, row_scales)], domain=MICROSOFT
    )


def int8_scales(graph: Graph, name: str, row_scales: np.ndarray) -> list[str]:
    """One scale per output, and zero points of zero."""
    zeros = graph.constant(f"zp_{len(row_scales)}", np.zeros(len(row_scales), np.int8))
    return [graph.constant(f"{name}.rowscale", row_scales), zeros]


def q4_linear(graph: Graph, x: str, name: str, layer: Linear) -> str:
    """x times 4-bit weights, unpacked block by block as it is computed."""
    outputs, inputs = layer.codes.shape
    packed = pack_pairs(layer.codes.reshape(outputs, inputs // BLOCK, BLOCK))
    tensors = [x, graph.constant(f"{name}.weight_q", packed), graph.half(f"{name}.scale", layer.scales.reshape(-1))]
    return graph.node(
        "MatMulNBits", tensors, domain=MICROSOFT, K=inputs, N=outputs, bits=4, block_size=BLOCK, accuracy_level=0
    )


def q4_to_int8_linear(graph: Graph, x: str, name: str, layer: Linear) -> str:
    """x times the same 4-bit weights, unpacked once, to int8 with a scale per output.

    The unpacking is a constant part of the graph: ONNX Runtime folds it when the session is made (its default). So the
    model downloads as 4 bits and runs as int8, which is faster on CPU and WebAssembly.
    """
    outputs, inputs = layer.codes.shape
    row_scales = (np.abs(dequantize_matrix(layer.codes, layer.scales)).max(1) / 127).astype(np.float32)

    # Signed int4: the codes less 8. ONNX Runtime keeps every intermediate of a fold until all are done, and WebAssembly
    # never gives that memory back: these four steps need 10 bytes a weight, unpacking by arithmetic needed 29.
    packed = pack_pairs(layer.codes) ^ 0x88
    codes = onnx.TensorProto(
        name=f"{name}.weight_q4", data_type=TensorProto.INT4, dims=[outputs, inputs], raw_data=packed.tobytes()
    )
    graph.constants[codes.name] = codes
    scales = graph.half(f"{name}.scale", layer.scales)
    floats = graph.node("DequantizeLinear", [codes.name, scales], axis=1, block_size=BLOCK)
    # Changes nothing, but DequantizeLinear is folded only in a pattern of this form.
    floats = graph.node("Flatten", [floats], axis=1)
    # To int8 before the transposition: along rows it is quick.
    int8 = graph.node("QuantizeLinear", [floats, *int8_scales(graph, name, row_scales)], axis=0)
    weights = graph.node("Transpose", [int8], perm=[1, 0])
    return dynamic_int8(graph, x, name, weights, row_scales)


def save_graph(graph: Graph, dim: int, path: Path, metadata: Mapping[str, str]) -> None:
    """Writes the model file."""
    names = ("input_ids", "attention_mask", "token_type_ids")
    axes = ["batch_size", "sequence_length"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, axes) for name in names]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*axes, dim])
    proto = helper.make_graph(graph.nodes, "bert", inputs, [output], list(graph.constants.values()))
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid(MICROSOFT, 1)]
    model = helper.make_model(proto, opset_imports=opsets, producer_name="nearbit-models", ir_version=10)
    helper.set_model_props(model, dict(metadata))
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
