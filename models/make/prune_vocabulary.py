"""Keeps the word pieces of some scripts of a model folder and drops the others: a smaller download for sites in those scripts.

    python -m venv venv && venv/bin/pip install -r models/make/requirements.txt
    venv/bin/python models/make/prune_vocabulary.py <folder> --scripts latin,han,kana --out <folder>

In: a folder in the layout of transformers.js whose tokenizer is a Unigram one (multilingual-e5 and other XLM-R kinds).
Out: the same folder with fewer pieces, renumbered in their order, with the rows of every onnx/*.onnx that belong to them,
and a PROVENANCE.md. Codes, scales and scores are copied, so a text in the kept scripts gets the same pieces and the same
embedding as before: `--check <file>` proves it on texts of yours. A word in another script falls to single characters, which
are always kept; such texts are found by their words rather than by their meaning.
Scripts: latin, han, kana, hangul, cyrillic, greek, arabic, hebrew, devanagari, thai, and any other by the first word of
its letters' Unicode names. Pieces without letters (digits, signs, emoji) belong to all of them.
"""

import argparse
import hashlib
import json
import shutil
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from tokenizers import Tokenizer

from check_pruned import check_texts

SPACE = "▁"  # how the tokenizer writes the space before a word
SCRIPT_OF_NAME = {"CJK": "han", "IDEOGRAPHIC": "han", "HIRAGANA": "kana", "KATAKANA": "kana", "KATAKANA-HIRAGANA": "kana"}
# Letters of every script, by the first word of their names: they decide nothing.
SHARED_NAMES = {"MODIFIER"}


def main() -> None:
    """Reads the arguments and makes one folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the model folder to start from")
    parser.add_argument("--scripts", required=True, help="comma-separated, for example latin,cyrillic")
    parser.add_argument("--out", type=Path, required=True, help="the folder to make")
    parser.add_argument("--languages", help="comma-separated tags for nearbit.json; nearbit then warns of pages in others")
    parser.add_argument("--prefix", action="append", help="text put before queries or passages; default: those of e5")
    parser.add_argument("--check", type=Path, action="append", default=[], help="texts to compare: .jsonl with text, or lines")
    arguments = parser.parse_args()
    if arguments.out.resolve() == arguments.folder.resolve():
        raise SystemExit("--out: expected another folder than the one to start from")

    scripts = {name.strip().lower() for name in arguments.scripts.split(",") if name.strip()}
    tokenizer = json.loads((arguments.folder / "tokenizer.json").read_text(encoding="utf-8"))
    if tokenizer["model"]["type"] != "Unigram":
        raise SystemExit(f"tokenizer.json: expected a Unigram model, received {tokenizer['model']['type']}; "
                         "pieces of other kinds are built from each other and cannot be dropped")
    kept = choose_pieces(tokenizer, scripts, arguments.prefix or ["query: ", "passage: "])

    shutil.copytree(arguments.folder, arguments.out, dirs_exist_ok=True, ignore=shutil.ignore_patterns("onnx", "PROVENANCE.md"))
    write_json(arguments.out / "tokenizer.json", prune_tokenizer(tokenizer, kept), compact=True)
    prune_configs(arguments.out, kept)
    if arguments.languages:
        say_languages(arguments.out / "nearbit.json", arguments.languages.split(","))
    for path in sorted((arguments.folder / "onnx").glob("*.onnx")):
        prune_graph(path, arguments.out / "onnx" / path.name, kept)
    checked = check_texts(arguments.folder, arguments.out, kept, arguments.check, lambda text: scripts_of(text) <= scripts)
    write_provenance(arguments.folder, arguments.out, sorted(scripts), kept, len(tokenizer["model"]["vocab"]), checked)
    print((arguments.out / "PROVENANCE.md").read_text(encoding="utf-8").split("\n## ")[0])


def scripts_of(text: str) -> set[str]:
    """The scripts of a text's letters."""
    found = set()
    for character in text:
        if character.isalpha() and character != SPACE:
            name = unicodedata.name(character, "UNNAMED").split()[0]
            if name not in SHARED_NAMES:
                found.add(SCRIPT_OF_NAME.get(name, name.lower()))
    return found


def choose_pieces(tokenizer: dict, scripts: set[str], prefixes: list[str]) -> np.ndarray:
    """Ids of the pieces to keep, ascending."""
    pieces = [piece for piece, _ in tokenizer["model"]["vocab"]]
    scores = [score for _, score in tokenizer["model"]["vocab"]]
    known = {script for piece in pieces for script in scripts_of(piece)}
    if not scripts <= known:
        raise SystemExit(f"--scripts: expected some of {', '.join(sorted(known))}, received {', '.join(sorted(scripts - known))}")

    keep = np.array([len(piece) == 1 or scripts_of(piece) <= scripts for piece in pieces])
    keep[[token["id"] for token in tokenizer["added_tokens"]]] = True
    keep[tokenizer["model"]["unk_id"]] = True
    keep[int(np.argmin(scores))] = True  # the lowest score sets that of <unk>
    whole = Tokenizer.from_str(json.dumps(tokenizer))
    for prefix in prefixes:
        keep[whole.encode(f"{prefix}a").ids] = True
    return np.flatnonzero(keep)


def prune_tokenizer(tokenizer: dict, kept: np.ndarray) -> dict:
    """tokenizer.json with the kept pieces alone, every id renumbered."""
    new_id = {int(old): new for new, old in enumerate(kept)}
    model = tokenizer["model"]
    processor = json.loads(json.dumps(tokenizer["post_processor"]))
    for token in processor.get("special_tokens", {}).values():
        token["ids"] = [new_id[old] for old in token["ids"]]
    return {
        **tokenizer,
        "added_tokens": [{**token, "id": new_id[token["id"]]} for token in tokenizer["added_tokens"]],
        "post_processor": processor,
        "model": {**model, "unk_id": new_id[model["unk_id"]], "vocab": [model["vocab"][old] for old in kept]},
    }


def prune_configs(folder: Path, kept: np.ndarray) -> None:
    """The other files that name ids or count pieces."""
    new_id = {int(old): new for new, old in enumerate(kept)}
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    ids = {key: new_id[value] for key, value in config.items() if key.endswith("_token_id") and value in new_id}
    write_json(folder / "config.json", {**config, **ids, "vocab_size": len(kept)})

    path = folder / "tokenizer_config.json"
    settings = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if "added_tokens_decoder" in settings:
        decoder = settings["added_tokens_decoder"].items()
        settings["added_tokens_decoder"] = {str(new_id[int(old)]): token for old, token in decoder if int(old) in new_id}
        write_json(path, settings)


def say_languages(path: Path, languages: list[str]) -> None:
    """Adds the languages to nearbit.json, beside what it says already."""
    said = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    write_json(path, {**said, "languages": [language.strip() for language in languages]})


def prune_graph(source: Path, target: Path, kept: np.ndarray) -> None:
    """Keeps the kept rows of the word table: all tensors that its gathering node reads beside the ids."""
    model = onnx.load(source)
    readers = [node for node in model.graph.node if "input_ids" in node.input and "Gather" in node.op_type]
    tables = [node for node in readers if node.input[0] != "input_ids" and node.input[1] == "input_ids"]
    if len(tables) != 1:
        raise SystemExit(f"{source.name}: expected one node that gathers rows of a table by input_ids, received {len(tables)}")
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    made_by = {node.output[0]: node for node in model.graph.node}
    for name in tables[0].input:
        # A scale may be kept as float16 and widened by a Cast.
        while name in made_by and made_by[name].op_type == "Cast":
            name = made_by[name].input[0]
        if name in constants:
            rows = numpy_helper.to_array(constants[name])
            constants[name].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(rows[kept]), name))
    onnx.helper.set_model_props(model, {prop.key: prop.value for prop in model.metadata_props} | {"pruned": "nearbit prune_vocabulary.py"})
    target.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, target)


def write_provenance(source: Path, out: Path, scripts: list[str], kept: np.ndarray, pieces: int, checked: str) -> None:
    """What was dropped from which files, the new files, and below it what the folder said of itself before."""
    vocabulary = json.loads((out / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    counts = Counter("+".join(sorted(scripts_of(piece))) or "no letters" for piece, _ in vocabulary)
    common = ", ".join(f"{name} {count:,}" for name, count in counts.most_common(8))
    lines = [
        f"# {out.name}: where these files come from",
        "",
        f"`models/make/prune_vocabulary.py --scripts {','.join(scripts)}` kept {len(kept):,} of {pieces:,} word pieces: those whose",
        "letters are all of these scripts, those without letters, and every single character. Nothing else was changed.",
        f"- by script: {common}",
        f"- {checked}",
        "",
        "| file | bytes before | bytes | sha256 before | sha256 |",
        "|---|---|---|---|---|",
    ]
    for path in sorted(out.rglob("*")):
        if path.is_file() and path.name != "PROVENANCE.md":
            name = path.relative_to(out)
            before = source / name
            old = (f"{before.stat().st_size:,}", digest(before)) if before.exists() else ("-", "-")
            lines.append(f"| {name} | {old[0]} | {path.stat().st_size:,} | {old[1]} | {digest(path)} |")
    origin = source / "PROVENANCE.md"
    if origin.exists():
        lines += ["", "## Of the folder it was made from", "", *("#" * line.startswith("#") + line for line in origin.read_text(encoding="utf-8").splitlines())]
    (out / "PROVENANCE.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_json(path: Path, content: dict, compact: bool = False) -> None:
    """A JSON file, as a person or a browser would like it."""
    style = {"separators": (",", ":")} if compact else {"indent": 2}
    path.write_text(json.dumps(content, ensure_ascii=False, **style) + ("" if compact else "\n"), encoding="utf-8")


if __name__ == "__main__":
    main()
