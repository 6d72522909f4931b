"""Paths of ``tables.toml`` as arrays: what the walk over a document follows, and how it makes rows of what it finds.

The paths are a small part of XPath 1.0: names of elements apart by ``/``, one test of an attribute, an attribute or
``normalize-space()`` at the end; alternatives apart by ``|``; before a path ``ancestor::`` or ``ancestor-or-self::``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from serai.coordinate.iati.spec import Shape, shapes

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Path = tuple[str, ...]

_LEAF = re.compile(r"^(?:(?P<above>ancestor(?:-or-self)?)::(?P<base>[\w-]+)/)?(?P<steps>[\w/-]*?)"
                   r"(?:\[@(?P<test>[\w:-]+)='(?P<value>[^']*)'\])?/?(?:@(?P<attribute>[\w:-]+))?$")  # fmt: skip
_ROW = re.compile(r"^(?P<steps>[\w/-]+)(?:\[not\((?P<unless>[\w-]+)\)\])?$")
_TEXT = re.compile(r"^normalize-space\((.*)\)$")
NONE = -1


class Plan(NamedTuple):
    """A tree of the elements that matter below a record, which is node 0.

    ``node``: of each its name (place in ``names``, length), first child, next sibling, first attribute and the one
    after the last, slot of its text, and how many slots a row of it has (``NONE``: no row begins here).
    ``attribute``: name (place, length), slot, and the attribute that must have a value (place, length) for it to count.
    """

    names: Bytes
    node: Ints
    attribute: Ints
    transaction: int
    """Node of a transaction; ``NONE`` where there are none."""


class Table(NamedTuple):
    """How rows of a table come about, each way with what it needs.

    ``ways``: node where a row begins, node that must not be below it, 1 where it lies in a transaction.
    ``cells``, by way and column: rows up to the one that holds the value, its slot, 1 where it is text; or ``NONE`` and
    the value itself (place in ``names``, length).
    """

    ways: Ints
    cells: Ints
    numbered: bool
    """Rows give the number of their transaction."""


@dataclass(slots=True)
class _Leaf:
    """Where a value stands: below which row, in which element, and in which attribute (empty: its text)."""

    base: Path
    element: Path
    attribute: str
    test: str
    value: str


@dataclass(slots=True)
class _Way:
    path: Path
    unless: str
    inside: bool


@dataclass(slots=True)
class _Tree:
    """Nodes and their parts, as they are met."""

    nodes: dict[Path, int] = field(default_factory=lambda: {(): 0})
    names: bytearray = field(default_factory=bytearray)
    slots: dict[tuple[object, ...], int] = field(default_factory=dict)
    counts: dict[Path, int] = field(default_factory=dict)
    """Rows that begin at a path, and the slots they have."""
    texts: dict[Path, int] = field(default_factory=dict)
    attributes: dict[Path, list[list[int]]] = field(default_factory=dict)

    def node(self, path: Path) -> int:
        for length in range(1, len(path) + 1):
            self.nodes.setdefault(path[:length], len(self.nodes))
        return self.nodes[path]

    def name(self, text: str) -> tuple[int, int]:
        raw = text.encode()
        if (at := self.names.find(raw)) < 0:
            at = len(self.names)
            self.names += raw
        return at, len(raw)

    def innermost(self, path: Path) -> Path:
        """The row within which an element lies."""
        return next(path[:length] for length in range(len(path), -1, -1) if path[:length] in self.counts)

    def levels(self, path: Path, base: Path) -> int:
        """Rows from one at ``path`` up to the one at ``base``."""
        return sum(path[:length] in self.counts for length in range(len(base), len(path)))

    def slot(self, leaves: list[_Leaf]) -> int:
        """Where the first of several values is kept, within the row they belong to."""
        base = leaves[0].base
        key = (base, *((one.element, one.attribute, one.test, one.value) for one in leaves))
        if key not in self.slots:
            self.slots[key] = self.counts[base]
            self.counts[base] += 1
            for one in leaves:
                self._place(one, self.slots[key])
        return self.slots[key]

    def _place(self, leaf: _Leaf, slot: int) -> None:
        self.node(leaf.element)
        if not leaf.attribute:
            if leaf.element in self.texts:
                raise ValueError(f"tables.toml: two columns take the text of {'/'.join(leaf.element)}")
            self.texts[leaf.element] = slot
            return
        entries = self.attributes.setdefault(leaf.element, [])
        needs = [NONE, 0, 0]
        if leaf.test:
            needs = [len(entries), *self.name(leaf.value)]
            entries.append([*self.name(leaf.test), NONE, NONE, 0, 0])
        entries.append([*self.name(leaf.attribute), slot, *needs])


@cache
def plan(unit: str) -> tuple[Plan, Mapping[str, Table]]:
    """The walk over a record of a kind, and its tables by name.

    Raises:
        ValueError: a path of ``tables.toml`` that is none of those above.
    """
    chosen = [shape for shape in shapes().values() if shape.unit == unit]
    tree = _Tree()
    every = {shape.name: list(_ways(shape)) for shape in chosen}
    for one in (way for ways in every.values() for way in ways):
        tree.node(one.path)
        tree.counts.setdefault(one.path, 0)
    leaves = {shape.name: [_leaves(shape, way) for way in every[shape.name]] for shape in chosen}
    for leaf in (leaf for ways in leaves.values() for way in ways for cell in way for leaf in cell or ()):
        tree.counts.setdefault(leaf.base, 0)
    tables = {shape.name: _table(tree, shape, every[shape.name], leaves[shape.name]) for shape in chosen}
    return _arrays(tree, unit), tables


def _ways(shape: Shape) -> Iterator[_Way]:
    for alternative in shape.path.split(" | "):
        if alternative == ".":
            yield _Way((), "", False)
            continue
        found = _ROW.match(alternative)
        if found is None:
            raise ValueError(f"tables.toml: {shape.name}: path '{alternative}' cannot be followed")
        yield _Way(tuple(found["steps"].split("/")), found["unless"] or "", False)
    if shape.both:
        yield from (_Way(("transaction", *name.split("/")), "", True) for name in shape.path.split(" | "))


def _leaves(shape: Shape, way: _Way) -> list[list[_Leaf] | None]:
    """Of each column where its value may stand; nothing where it is the name of the row's element."""
    return [None if one.path == "local-name()" else list(_places(shape, one.path, way.path)) for one in shape.fields]


def _places(shape: Shape, path: str, row: Path) -> Iterator[_Leaf]:
    text = _TEXT.match(path)
    for alternative in (text[1] if text else path).split(" | "):
        found = _LEAF.match(alternative)
        if found is None or bool(text) == bool(found["attribute"]):
            raise ValueError(f"tables.toml: {shape.name}: path '{path}' cannot be followed")
        base = row
        if found["above"]:
            base = row[: len(row) - row[::-1].index(found["base"])]
        steps = tuple(step for step in found["steps"].split("/") if step)
        yield _Leaf(base, base + steps, found["attribute"] or "", found["test"] or "", found["value"] or "")


def _table(tree: _Tree, shape: Shape, ways: list[_Way], leaves: list[list[list[_Leaf] | None]]) -> Table:
    rows, cells = [], []
    for way, columns in zip(ways, leaves, strict=True):
        unless = tree.node((*way.path, way.unless)) if way.unless else NONE
        rows.append([tree.node(way.path), unless, int(way.inside)])
        cells.append([_cell(tree, shape, way, found) for found in columns])
    return Table(np.array(rows, np.int32), np.array(cells, np.int32), "transaction" in shape.schema)


def _cell(tree: _Tree, shape: Shape, way: _Way, leaves: list[_Leaf] | None) -> list[int]:
    if leaves is None:
        return [NONE, *tree.name(way.path[-1])]
    for leaf in leaves:
        if tree.innermost(leaf.element) != leaf.base:
            raise ValueError(f"tables.toml: {shape.name}: {'/'.join(leaf.element)} lies in another row")
    return [tree.levels(way.path, leaves[0].base), tree.slot(leaves), int(not leaves[0].attribute)]


def _arrays(tree: _Tree, unit: str) -> Plan:
    nodes = np.full((len(tree.nodes), 8), NONE, np.int32)
    entries: list[list[int]] = []
    last: dict[Path, int] = {}
    for path, number in tree.nodes.items():
        own = tree.attributes.get(path, [])
        begin = len(entries)
        entries += [[*one[:3], one[3] + begin if one[3] >= 0 else NONE, *one[4:]] for one in own]
        nodes[number, :2] = tree.name(path[-1] if path else unit)
        nodes[number, 4:] = begin, len(entries), tree.texts.get(path, NONE), tree.counts.get(path, NONE)
        if path:
            parent = path[:-1]
            nodes[last[parent] if parent in last else tree.nodes[parent], 3 if parent in last else 2] = number
            last[parent] = number
    names = np.frombuffer(bytes(tree.names), np.uint8)
    attributes = np.array(entries, np.int32).reshape(-1, 6)
    return Plan(names, nodes, attributes, tree.nodes.get(("transaction",), NONE))
