"""Whether a pruned model folder does the same as the whole one, on texts in the scripts it kept.

In: both folders, the kept ids, files of texts. Out: one sentence for PROVENANCE.md. Stops when a text differs.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

EMBEDDED_TEXTS = 40  # spread over the texts; one takes some milliseconds, twice
MAX_TOKENS = 512


def check_texts(whole: Path, pruned: Path, kept: np.ndarray, files: list[Path], belongs: Callable[[str], bool]) -> str:
    """Compares the ids of all texts that `belongs` takes, and the hidden states of a few of them, bit for bit."""
    texts = [text for file in files for text in read_texts(file)]
    if not texts:
        return "no text was compared with the whole folder (--check)"
    inside = [text for text in texts if belongs(text)]
    before, after = (Tokenizer.from_file(str(folder / "tokenizer.json")) for folder in (whole, pruned))
    ids = [encoding.ids for encoding in after.encode_batch(inside)]
    for text, new, old in zip(inside, ids, before.encode_batch(inside), strict=True):
        if [int(kept[piece]) for piece in new] != old.ids:
            raise SystemExit(f"{pruned}: expected the pieces of the whole folder, received others, for {text[:80]!r}")

    chosen = [row for row in ids[:: max(1, len(ids) // EMBEDDED_TEXTS)] if len(row) <= MAX_TOKENS]
    weights = sorted(path.name for path in (pruned / "onnx").glob("*.onnx"))
    for name in weights:
        states = [run(folder / "onnx" / name, rows) for folder, rows in ((pruned, chosen), (whole, [kept[row] for row in chosen]))]
        if not all(np.array_equal(new, old) for new, old in zip(*states, strict=True)):
            raise SystemExit(f"{pruned}: expected the hidden states of the whole folder from {name}, received others")
    return (
        f"compared with the whole folder: the same pieces for {len(inside):,} of {len(inside):,} texts in these scripts "
        f"({len(texts) - len(inside):,} texts hold letters of others), the same bits from {', '.join(weights)} for {len(chosen)} of them"
    )


def read_texts(file: Path) -> Iterator[str]:
    """Field `text` (after `title`) of each JSON line, or each line."""
    for line in file.read_text(encoding="utf-8").splitlines():
        if file.suffix == ".jsonl":
            row = json.loads(line)
            yield f"{row.get('title') or ''} {row['text']}".strip()
        elif line.strip():
            yield line


def run(path: Path, rows: list) -> list[np.ndarray]:
    """Hidden states of token ids, one text at a time: int8 weights scale their activations per run."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = {tensor.name for tensor in session.get_inputs()}
    states = []
    for row in rows:
        ids = np.array([row], np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        states.append(session.run(None, {name: inputs[name] for name in names})[0])
    return states
