"""What a power cut leaves of a folder: only what was synced, or names without their content, or some names and not others.

While `Disk` watches, every sync is noted: of a file its content, of a folder its names. At any moment `survivors` gives the
trees that a cut could leave behind::

    strict   content and names as they were last synced: unsynced writes, renames and deletions are lost
    names    all names as they are, content as it was last synced (a file never synced is empty)
    mixed    of each folder either, by chance; what was renamed stays under one of its names

SQLite syncs by itself and is taken at its word: its files survive as they are.
"""

from __future__ import annotations

import hashlib
import os
import random
import resource
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

VARIANTS = ("strict", "names", "mixed-1", "mixed-2")
HONEST = ("audit.sqlite", "audit.sqlite-wal", "audit.sqlite-shm")
UNSYNCED = (".lock", "LOCK", "log.jsonl", *HONEST)
"""Files that need no sync: locks mean nothing, the log is for people."""

Tree = dict[str, bytes | None]
"""Content by path below the root; None: a folder."""


@dataclass
class Disk:
    """A folder and what of it has reached the disk; inodes are held open, so that their numbers are not used again."""

    root: Path
    content: dict[int, bytes] = field(default_factory=dict)
    names: dict[int, dict[str, int]] = field(default_factory=dict)
    folders: set[int] = field(default_factory=set)
    held: dict[int, int] = field(default_factory=dict)
    unsynced_renames: list[str] = field(default_factory=list)

    @contextmanager
    def watching(self, at_point: Callable[[str], None] | None = None) -> Iterator[Disk]:
        """Notes every sync and checks every rename; ``at_point`` is called at each fault point."""
        from sorg_risk.records import disk

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.settle()
        fsync, replace, point = os.fsync, os.replace, disk.point

        def noted(handle: int) -> None:
            fsync(handle)
            self._sync(handle)

        def checked(source: Path, target: Path) -> None:
            self._check(Path(source), Path(target))
            replace(source, target)

        def passed(name: str) -> None:
            point(name)
            if at_point is not None:
                at_point(name)

        os.fsync, os.replace, disk.point = noted, checked, passed  # type: ignore[assignment]
        try:
            yield self
        finally:
            os.fsync, os.replace, disk.point = fsync, replace, point  # type: ignore[assignment]
            for handle in self.held.values():
                os.close(handle)

    def settle(self) -> None:
        """Takes everything as synced: what stood before."""
        if self.root.exists():
            for path in (self.root, *self.root.rglob("*")):
                handle = os.open(path, os.O_RDONLY)
                self._sync(handle)
                os.close(handle)

    def _sync(self, handle: int) -> None:
        path, status = Path(os.readlink(f"/proc/self/fd/{handle}")), os.fstat(handle)
        if path != self.root and self.root not in path.parents:
            return
        self._hold(path)
        if stat.S_ISDIR(status.st_mode):
            self.names[status.st_ino] = _names(path)
            for child in path.iterdir():
                self._hold(child)
        else:
            self.content[status.st_ino] = path.read_bytes()

    def _hold(self, path: Path) -> None:
        """Keeps an inode from being used again, and notes what it is."""
        handle = os.open(path, os.O_RDONLY)
        status = os.fstat(handle)
        if status.st_ino in self.held:
            os.close(handle)
            return
        self.held[status.st_ino] = handle
        if stat.S_ISDIR(status.st_mode):
            self.folders.add(status.st_ino)

    def _check(self, source: Path, target: Path) -> None:
        """Notes what is renamed before its content and names were synced."""
        if self.root not in source.parents:
            return
        for path in (source, *(source.rglob("*") if source.is_dir() else ())):
            number = path.stat().st_ino
            synced = (
                self.names.get(number) == _names(path)
                if path.is_dir()
                else self.content.get(number) == path.read_bytes()
            )
            if not synced:
                self.unsynced_renames.append(f"{path.relative_to(self.root)} -> {target.relative_to(self.root)}")

    def unsynced(self) -> list[str]:
        """What would be lost now: files and folders that a cut would take away or leave with other content."""
        strict, live = self.survivor("strict"), self.live()
        return sorted(
            name
            for name, content in live.items()
            if name.rsplit("/", 1)[-1] not in UNSYNCED and strict.get(name, b"?") != content
        )

    def live(self) -> Tree:
        """Everything as it is."""
        return {
            path.relative_to(self.root).as_posix(): None if path.is_dir() else path.read_bytes()
            for path in self.root.rglob("*")
        }

    def survivor(self, variant: str) -> Tree:
        """What a power cut may leave at this moment."""
        if not self.root.exists():
            return {}
        now = {path.stat().st_ino: _names(path) for path in (self.root, *self.root.rglob("*")) if path.is_dir()}
        chance, kind = random.Random(variant), variant.split("-")[0]
        stale = {number for number in now if kind == "strict" or (kind == "mixed" and chance.random() < 0.5)}
        while True:
            tree = self._tree({number: self._listed(number, now, stale) for number in {*now, *self.names}})
            lost = self._lost(now, stale) if kind == "mixed" else set()
            if not lost:
                break
            stale |= lost
        for name in HONEST:
            if (self.root / name).is_file():
                tree[name] = (self.root / name).read_bytes()
        return tree

    def _listed(self, number: int, now: dict[int, dict[str, int]], stale: set[int]) -> dict[str, int]:
        return self.names.get(number, {}) if number in stale or number not in now else now[number]

    def _lost(self, now: dict[int, dict[str, int]], stale: set[int]) -> set[int]:
        """Folders whose old names must stand, for something renamed out of them would be under no name at all."""
        shown = {child for number in now for child in self._listed(number, now, stale).values()}
        alive = {child for names in now.values() for child in names.values()}
        return {
            number
            for number in now
            if number not in stale
            for child in self.names.get(number, {}).values()
            if child in alive and child not in shown
        }

    def _tree(self, listed: dict[int, dict[str, int]]) -> Tree:
        tree: Tree = {}

        def walk(number: int, prefix: str) -> None:
            for name, child in listed.get(number, {}).items():
                if child in listed or child in self.folders:
                    tree[prefix + name] = None
                    walk(child, f"{prefix}{name}/")
                else:
                    tree[prefix + name] = self.content.get(child, b"")

        walk(self.root.stat().st_ino, "")
        return tree


def _names(folder: Path) -> dict[str, int]:
    return {entry.name: entry.inode() for entry in os.scandir(folder)}


def digest(tree: Tree) -> str:
    """One digest of a whole tree, logs and locks left out."""
    total = hashlib.sha256()
    for name, content in sorted(tree.items()):
        if name not in (".lock", "log.jsonl"):
            total.update(f"{name}\0{-1 if content is None else len(content)}\0".encode())
            total.update(content or b"")
    return total.hexdigest()


def lay_out(tree: Tree, folder: Path) -> Path:
    """Writes a tree into a new folder."""
    folder.mkdir(parents=True)
    for name, content in sorted(tree.items()):
        path = folder / name
        if content is None:
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return folder


def recorded(root: Path, act: Callable[[], None], aside: Path, turns: slice = slice(None)) -> dict[str, Path]:
    """Does something to a folder and lays out every different tree that a cut at some fault point could have left.

    Returns the trees by the first point and variant that gave them; ``turns``: which of the points passed.
    """
    watched, seen, trees = Disk(root), set(), dict[str, Path]()
    passed = 0

    def cut(point: str) -> None:
        nonlocal passed
        number, passed = passed, passed + 1
        if number not in range(*turns.indices(number + 1)):
            return
        for variant in VARIANTS:
            tree = watched.survivor(variant)
            key = digest(tree)
            if key not in seen:
                seen.add(key)
                trees[f"{number}:{point} {variant}"] = lay_out(tree, aside / str(len(seen)))

    with watched.watching(cut):
        act()
    return trees
