"""Ways a bundle can come to harm: cut, flipped, CRLF, cycles, huge numbers; drawn by number, the same every time."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import numpy as np

KEPT = (".md", ".html", ".png")


def _cut(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: int(rng.integers(0, len(data)))]


def _flip_digit(data: bytes, rng: np.random.Generator) -> bytes:
    at = int(rng.choice([i for i, c in enumerate(data) if 48 <= c <= 57]))
    return data[:at] + bytes([48 + (data[at] - 48 + int(rng.integers(1, 10))) % 10]) + data[at + 1 :]


def _flip_byte(data: bytes, rng: np.random.Generator) -> bytes:
    at = int(rng.integers(0, len(data)))
    return data[:at] + bytes([data[at] ^ int(rng.integers(1, 256))]) + data[at + 1 :]


def _windows(data: bytes, rng: np.random.Generator) -> bytes:
    return data.replace(b"\n", b"\r\n")


def _twice(data: bytes, rng: np.random.Generator) -> bytes:
    lines = data.split(b"\n")
    at = int(rng.integers(0, len(lines)))
    return b"\n".join([*lines[:at], lines[at], *lines[at:]])


def _drop_line(data: bytes, rng: np.random.Generator) -> bytes:
    lines = data.split(b"\n")
    at = int(rng.integers(0, len(lines)))
    return b"\n".join([*lines[:at], *lines[at + 1 :]])


def _huge(data: bytes, rng: np.random.Generator) -> bytes:
    numbers = list(re.finditer(rb"\d+", data))
    found = numbers[int(rng.integers(0, len(numbers)))]
    huge = [b"9" * 400, b"1e999", b"-1", b"nan", b"4294967296"][int(rng.integers(0, 5))]
    return data[: found.start()] + huge + data[found.end() :]


def _cycle(data: bytes, rng: np.random.Generator) -> bytes:
    return re.sub(rb"left_child=-?\d+", b"left_child=0", data)


def _nul(data: bytes, rng: np.random.Generator) -> bytes:
    at = int(rng.integers(0, len(data)))
    return data[:at] + b"\0" + data[at:]


HARMS = (_cut, _flip_digit, _flip_byte, _windows, _twice, _drop_line, _huge, _cycle, _nul)


def files(folder: Path) -> list[Path]:
    """The files of a bundle in which no byte may change."""
    return [p for p in sorted(folder.iterdir()) if p.suffix not in KEPT]


def harmed(folder: Path, number: int, out: Path, *, content_only: bool = False) -> str:
    """A copy of the bundle with one file harmed (with ``content_only`` none of the digest files); says which and how."""
    rng = np.random.default_rng(number)
    shutil.copytree(folder, out)
    names = [p.name for p in files(folder) if not (content_only and p.name.startswith("manifest"))]
    while True:
        name = names[int(rng.integers(0, len(names)))]
        harm = HARMS[int(rng.integers(0, len(HARMS)))]
        before = (folder / name).read_bytes()
        after = harm(before, rng)
        if after != before:
            (out / name).write_bytes(after)
            return f"{name} {harm.__name__}"


def resealed(folder: Path) -> None:
    """Make the digests true again, as someone would who means harm."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for name in manifest["files"]:
        data = (folder / name).read_bytes()
        manifest["files"][name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    text = (json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
    (folder / "manifest.json").write_bytes(text)
    (folder / "manifest.sha256").write_bytes(f"{hashlib.sha256(text).hexdigest()}  manifest.json\n".encode())
