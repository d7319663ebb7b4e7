"""Adds onnx/model_quantized.onnx to a model folder that has only onnx/model_q4.onnx: the same 4-bit codes, run as int8.

    venv/bin/python models/make/unpack_to_int8.py <folder>

Each linear layer's codes are unpacked once, when the session is made, to int8 with a scale per output (bertgraph.py,
`q4_to_int8_linear`). On WebAssembly such a model embeds a query several times faster than model_q4.onnx does; the file is
about as large, the session takes more memory while it is made, and embeddings differ a little (the printed cosines).
nearbit takes it for queries where it is there, and model_q4.onnx for passages and WebGPU: both stay in the folder.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper
from tokenizers import Tokenizer

from bertgraph import MICROSOFT, Graph, q4_to_int8_linear
from blocks import BLOCK
from check_pruned import run
from gptq import Linear

OPSET = 21  # the first whose DequantizeLinear takes blocks of int4
IR_VERSION = 10
TEXTS = ["query: how do I cancel a request", "passage: The tide comes in twice a day.", "query: wie lange muss der Teig ruhen"]


def main() -> None:
    """Reads the argument and writes one file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    source, target = folder / "onnx/model_q4.onnx", folder / "onnx/model_quantized.onnx"
    model = onnx.load(source)
    layers = unpack_layers(model)
    if layers == 0:
        raise SystemExit(f"{source}: expected MatMulNBits nodes with 4-bit codes in blocks of {BLOCK}, received none")
    onnx.save(model, target)

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    rows = [tokenizer.encode(text).ids for text in TEXTS]
    cosines = [cosine(*pair) for pair in zip(run(source, rows), run(target, rows), strict=True)]
    print(json.dumps({"layers": layers, "bytes": target.stat().st_size, "cosines": [round(value, 4) for value in cosines]}))


class UnpackedGraph(Graph):
    """New nodes, under names that the model they go into does not have."""

    def node(self, kind: str, inputs: list[str], output: str | None = None, domain: str = "", **attributes) -> str:
        name = output or f"unpacked_{kind}_{len(self.nodes)}"
        return super().node(kind, inputs, name, domain, **attributes)


def unpack_layers(model: onnx.ModelProto) -> int:
    """Puts an int8 product in the place of every 4-bit one. Out: how many."""
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    widened = {node.output[0]: node.input[0] for node in model.graph.node if node.op_type == "Cast"}
    graph = UnpackedGraph()
    replaced: set[str] = set()
    for node in model.graph.node:
        sizes = {attribute.name: attribute.i for attribute in node.attribute}
        if node.op_type != "MatMulNBits" or (sizes["bits"], sizes["block_size"], len(node.input)) != (4, BLOCK, 3):
            graph.nodes.append(node)
            continue
        x, codes, scales = node.input
        halves = widened.get(scales, scales)  # scales are kept as float16 and widened by a Cast
        layer = read_layer(constants[codes], constants[halves], sizes["N"], sizes["K"])
        q4_to_int8_linear(graph, x, f"unpacked_{codes}", layer)
        graph.nodes[-1].output[0] = node.output[0]
        replaced |= {codes, halves, scales}

    nodes = [node for node in graph.nodes if node.output[0] not in replaced]
    for number, node in enumerate(nodes):
        node.name = f"{node.op_type}_{number}"
    tensors = [tensor for name, tensor in constants.items() if name not in replaced] + list(graph.constants.values())
    del model.graph.node[:], model.graph.initializer[:], model.opset_import[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(tensors)
    model.opset_import.extend([helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)])
    model.ir_version = IR_VERSION
    return sum(node.op_type == "DynamicQuantizeMatMul" for node in nodes)


def read_layer(codes: onnx.TensorProto, scales: onnx.TensorProto, outputs: int, inputs: int) -> Linear:
    """The codes and scales of a MatMulNBits node."""
    packed = numpy_helper.to_array(codes).reshape(outputs, inputs // 2)
    unpacked = np.stack([packed & 15, packed >> 4], axis=-1).reshape(outputs, inputs)
    return Linear(unpacked, numpy_helper.to_array(scales).astype(np.float32).reshape(outputs, inputs // BLOCK))


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    """Of the mean-pooled embeddings of one text."""
    first, second = one[0].mean(0), other[0].mean(0)
    return float(first @ second / (np.linalg.norm(first) * np.linalg.norm(second)))


if __name__ == "__main__":
    main()
