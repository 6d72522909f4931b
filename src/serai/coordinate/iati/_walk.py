"""Compiled kernels: one walk over the bytes of records finds the values of every table.

The bytes were found well-formed, in UTF-8 and without a document type before they come here, so that a walk needs to
tell tags from text and no more. Every place is bounded all the same: what does not add up is a fault of its record.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from serai.coordinate.iati.plan import Bytes, Ints, Plan
from serai.kernels import at as byte
from serai.kernels import entrance, part

SOUND, NOT_ONE, FOREIGN, DEEP, LONG = 0, 1, 2, 3, 4
"""What is found of a record: sound, not one element, an element of another namespace, deeper or longer than bounds."""
DEPTH = 250
"""Elements within each other that a record may have. A parser that makes a tree allows a few more."""
TEXT = 9 * 2**20
"""Bytes of text between two tags that a record may have: a parser that makes a tree allows ten million."""
NO_ROOM = -1
"""There was no room for the rows of a record."""
NODE, PARENT, SLOTS, NUMBER = 0, 1, 2, 3
ROW, TAKING = 1, 2
ROWS, SLOTS_USED, PREFIXES = 0, 1, 2
PREFIXED, RENAMED = 1, 2
XML, NAMESPACE = 1, 2
LT, GT, AMP, SLASH, QUOTE, APOS, EQUALS, COLON = 60, 62, 38, 47, 34, 39, 61, 58
SPACE, TAB, LINE, RETURN, BANG, ASK, DASH, CLOSES = 32, 9, 10, 13, 33, 63, 45, 93
HASH, SEMICOLON, SMALL_X, SMALL_M, SMALL_L, SMALL_N, SMALL_S = 35, 59, 120, 109, 108, 110, 115
SMALL_A, SMALL_Z = 97, 122
PER_ROW, PER_SLOT = 256, 32
"""Bytes of a document to a row and to a slot that there is room for at first."""


class Found(NamedTuple):
    """What a walk finds.

    ``rows``: node, the row it lies in, its first slot, the number of its transaction. ``slots``: where a value begins
    and ends, -1 where there is none. ``first``: of each record its first row, and where those of the last end.
    ``state``: whether a record is sound, or what it is. ``used``: rows, slots, and 1 where prefixes or namespaces are
    used.
    """

    rows: Ints
    slots: Ints
    first: Ints
    state: Ints
    used: Ints


class _Desk(NamedTuple):
    """Where a walk works.

    ``value``: where the values of a tag's attributes lie. ``stack``: of each open element its node, the row it lies in,
    and the slot that takes its text.
    """

    value: Ints
    stack: Ints


def walk(text: Bytes, start: int, ends: Ints, plan: Plan) -> Found:
    """Find the values of every table in records that lie one after another.

    Args:
        text: a document.
        start: where its first record begins.
        ends: where each record ends, and the next begins.
        plan: what to look for.
    """
    room = 1
    while True:
        rows, slots = (room * (text.size // each + 64) for each in (PER_ROW, PER_SLOT))
        found = Found(
            np.empty((rows, 4), np.int32), np.empty((slots, 2), np.int32),
            np.zeros(ends.size + 1, np.int32), np.zeros(ends.size, np.int32), np.zeros(3, np.int32),
        )  # fmt: skip
        desk = _Desk(np.empty((plan.attribute.shape[0] + 1, 2), np.int32), np.empty((DEPTH, 3), np.int32))
        if _records(text, start, ends, plan, found, desk):
            return found._replace(rows=found.rows[: found.used[ROWS]], slots=found.slots[: found.used[SLOTS_USED]])
        room *= 4


@part
def blank(byte: int) -> bool:
    """White space, as XML has it."""
    return byte in (SPACE, LINE, TAB, RETURN)


@part
def same(text: Bytes, at: int, size: int, names: Bytes, place: int, length: int) -> bool:
    """Whether two runs of bytes are the same."""
    if size != length:
        return False
    for i in range(size):
        if byte(text, at + i) != names[place + i]:
            return False
    return True


@part
def reference(text: Bytes, at: int, end: int) -> tuple[int, int]:
    """The character a reference at ``at`` stands for, and where it ends."""
    close = at + 1
    while close < end and byte(text, close) != SEMICOLON:
        close += 1
    code = 0
    if byte(text, at + 1) == HASH:
        base, begin = (16, at + 3) if byte(text, at + 2) == SMALL_X else (10, at + 2)
        for i in range(begin, close):
            one = byte(text, i)
            digit = one - 48 if one < 58 else (one | 32) - 87
            code = min(code * base + digit, 0x110000)
    elif byte(text, at + 1) == 108:  # lt
        code = 60
    elif byte(text, at + 1) == 103:  # gt
        code = 62
    elif byte(text, at + 1) == 113:  # quot
        code = 34
    else:
        code = AMP if byte(text, at + 2) == 109 else 39  # amp, apos
    return code, close + 1


@part
def _means(text: Bytes, at: int, end: int, names: Bytes, place: int, length: int) -> bool:
    """Whether the value of an attribute is a word in ASCII, references resolved."""
    done = 0
    while at < end and done < length:
        code = byte(text, at)
        if code == AMP:
            code, at = reference(text, at, end)
        else:
            at += 1
        if code != names[place + done]:
            return False
        done += 1
    return at >= end and done == length


@part
def _after(text: Bytes, at: int, end: int, mark: int, times: int) -> int:
    """Where goes on what is closed by a mark once or twice and ``>``."""
    for i in range(at + times, end):
        if byte(text, i) == GT and byte(text, i - 1) == mark and byte(text, i - times) == mark:
            return i + 1
    return end


@part
def skip(text: Bytes, at: int, end: int) -> int:
    """Where a comment, an instruction, character data or a tag ends that begins at ``at``, which is not the last."""
    if byte(text, at + 1) == ASK:
        return _after(text, at + 2, end, ASK, 1)
    if byte(text, at + 1) == BANG:
        return _after(text, at + 4, end, DASH if byte(text, min(at + 2, end - 1)) == DASH else CLOSES, 2)
    quote = 0
    for i in range(at + 1, end):
        if quote:
            quote = 0 if byte(text, i) == quote else quote
        elif byte(text, i) in (QUOTE, APOS):
            quote = byte(text, i)
        elif byte(text, i) == GT:
            return i + 1
    return end


@part
def _child(text: Bytes, at: int, size: int, names: Bytes, nodes: Ints, parent: int) -> int:
    """The node of an element of this name below a node; -1 where none matters."""
    node = nodes[parent, 2]
    while node >= 0 and not same(text, at, size, names, nodes[node, 0], nodes[node, 1]):
        node = nodes[node, 3]
    return node


@part
def _named(text: Bytes, at: int, size: int, colon: int) -> int:
    """Whether an attribute declares a namespace (``xmlns``, ``xmlns:x``), or is one of XML itself (``xml:lang``)."""
    if size < 5 or byte(text, at) != SMALL_X or byte(text, at + 1) != SMALL_M or byte(text, at + 2) != SMALL_L:
        return 0
    if colon == 3:  # what begins with no letter may be no name
        return XML if SMALL_A <= byte(text, at + 4) <= SMALL_Z else 0
    if byte(text, at + 3) != SMALL_N or byte(text, at + 4) != SMALL_S:
        return 0
    return NAMESPACE if size == 5 or colon == 5 else 0


@part
def _attributes(
    text: Bytes, at: int, end: int, names: Bytes, attribute: Ints, low: int, high: int, value: Ints
) -> tuple[int, int]:
    """Note where the values of a tag's attributes lie: those from ``low`` to ``high`` of the plan.

    Returns:
        Where the tag closes, with ``/`` or ``>``; and whether prefixes or a namespace of its own are used.
    """
    for i in range(low, high):
        value[i, 0] = -1
    found = 0
    while True:
        while at < end and blank(byte(text, at)):
            at += 1
        if at >= end or byte(text, at) == GT or byte(text, at) == SLASH:
            return at, found
        name, colon = at, -1
        while at < end and byte(text, at) != EQUALS and not blank(byte(text, at)):
            if byte(text, at) == COLON:
                colon = at - name
            at += 1
        size = at - name
        while at < end and byte(text, at) != QUOTE and byte(text, at) != APOS:
            at += 1
        if at >= end:
            return end, found
        quote = byte(text, at)
        held = at + 1
        at = held
        while at < end and byte(text, at) != quote:
            at += 1
        for i in range(low, high):
            if same(text, name, size, names, attribute[i, 0], attribute[i, 1]):
                value[i, 0], value[i, 1] = held, at
        kind = _named(text, name, size, colon)
        if kind == NAMESPACE or (kind != XML and colon >= 0):
            found |= PREFIXED
            if kind == NAMESPACE and size == 5 and at > held:
                found |= RENAMED
        at += 1


@part
def _keep(text: Bytes, names: Bytes, attribute: Ints, low: int, high: int, value: Ints, slots: Ints, base: int) -> None:
    """Keep the values of a tag's attributes in the slots of its row, where none is kept yet."""
    for i in range(low, high):
        place, needs = base + attribute[i, 2], attribute[i, 3]
        if value[i, 0] < 0 or attribute[i, 2] < 0 or slots[place, 0] >= 0:
            continue
        if needs >= 0:
            at, end = value[needs, 0], value[needs, 1]
            if at < 0 or not _means(text, at, end, names, attribute[i, 4], attribute[i, 5]):
                continue
        slots[place, 0], slots[place, 1] = value[i, 0], value[i, 1]


@part
def _begin(rows: Ints, slots: Ints, used: Ints, node: int, parent: int, number: int, size: int) -> int:
    """Begin a row of so many slots; its number, or -1 where there is no room for it."""
    row, filled = used[ROWS], used[SLOTS_USED]
    if row == rows.shape[0] or filled + size > slots.shape[0]:
        return -1
    rows[row, NODE], rows[row, PARENT] = node, parent
    rows[row, SLOTS], rows[row, NUMBER] = filled, number
    for slot in range(filled, filled + size):
        slots[slot, 0], slots[slot, 1] = -1, -1
    used[ROWS], used[SLOTS_USED] = row + 1, filled + size
    return row


@part
def _text(slot: int, place: int, at: int, slots: Ints) -> int:
    """The slot that takes the text of an element which begins here; -1 where none does, or one has it already."""
    if slot < 0 or slots[place, 0] >= 0:
        return -1
    slots[place, 0], slots[place, 1] = at, at
    return place


@part
def _name(text: Bytes, at: int, end: int, used: Ints) -> int:
    """Where the name of an element ends; a prefix is noted."""
    while at < end and byte(text, at) != GT and byte(text, at) != SLASH and not blank(byte(text, at)):
        if byte(text, at) == COLON:
            used[PREFIXES] = 1
        at += 1
    return at


@part
def _record(text: Bytes, at: int, end: int, plan: Plan, found: Found, desk: _Desk) -> int:
    """Walk over one record; what is found of it, or that there is no room."""
    names, nodes, attribute = plan.names, plan.node, plan.attribute
    rows, slots, used = found.rows, found.slots, found.used
    stack, value, depth, number, roots = desk.stack, desk.value, 0, 0, 0
    begun, tag = used[ROWS], at
    while True:
        while at < end and byte(text, at) != LT:
            at += 1
        if at + 1 >= end:
            if roots != 1 or depth > 0:
                return NOT_ONE
            return SOUND if used[ROWS] > begun else FOREIGN
        if byte(text, at + 1) == BANG or byte(text, at + 1) == ASK:
            if byte(text, at + 1) == ASK:  # for its prefix: an instruction's name may have none
                _name(text, at + 2, end, used)
            at = skip(text, at, end)
            continue
        if at - tag > TEXT:
            return LONG
        if byte(text, at + 1) == SLASH:
            depth -= 1
            if depth < 0:
                return NOT_ONE
            if stack[depth, TAKING] >= 0:
                slots[stack[depth, TAKING], 1] = at
            tag = at = at + 2
            continue
        name = at + 1
        at = _name(text, name, end, used)
        node, row = -1, -1
        if depth == 0:
            roots += 1
            if same(text, name, at - name, names, nodes[0, 0], nodes[0, 1]):
                node = 0
        else:
            row = stack[depth - 1, ROW]
            if stack[depth - 1, NODE] >= 0:
                node = _child(text, name, at - name, names, nodes, stack[depth - 1, NODE])
        low, high = (nodes[node, 4], nodes[node, 5]) if node >= 0 else (0, 0)
        at, marks = _attributes(text, at, end, names, attribute, low, high, value)
        if at >= end or depth == DEPTH:
            return DEEP if at < end else NOT_ONE
        if marks & PREFIXED:
            used[PREFIXES] = 1
        if marks & RENAMED:
            node = -1
        alone = byte(text, at) == SLASH
        at += 2 if alone else 1
        tag, taking = at, -1
        if node >= 0:
            if nodes[node, 7] >= 0:
                if node == plan.transaction:
                    number += 1
                inside = node == plan.transaction or (row >= 0 and rows[row, NUMBER] > 0)
                row = _begin(rows, slots, used, node, row, number if inside else 0, nodes[node, 7])
                if row < 0:
                    return NO_ROOM
            base = rows[row, SLOTS]
            _keep(text, names, attribute, low, high, value, slots, base)
            taking = _text(nodes[node, 6], base + nodes[node, 6], at, slots)
        if not alone:
            stack[depth, NODE], stack[depth, ROW], stack[depth, TAKING] = node, row, taking
            depth += 1


@entrance
def _records(text: Bytes, start: int, ends: Ints, plan: Plan, found: Found, desk: _Desk) -> bool:
    """Walk over records; whether there was room for what they hold."""
    at = start
    for record in range(ends.size):
        begun = found.used[ROWS]
        found.first[record] = begun
        state = _record(text, at, ends[record], plan, found, desk)
        if state == NO_ROOM:
            return False
        found.state[record] = state
        if state != SOUND:
            found.used[ROWS] = begun
        at = ends[record]
    found.first[ends.size] = found.used[ROWS]
    return True
