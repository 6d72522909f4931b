"""Compiled kernels: what a walk found, written as rows of text, their columns apart by tabs.

Values are those XPath gives: an attribute with its white space as blanks; the text of an element with that of all
elements within it, its white space as one blank and none at either end; references resolved.
"""

from __future__ import annotations

from serai.coordinate.iati import _walk
from serai.coordinate.iati._walk import AMP, BANG, DASH, LINE, LT, NODE, NUMBER, PARENT, RETURN, SLOTS, SPACE, TAB
from serai.coordinate.iati.plan import Bytes, Ints, Longs, Plan, Table
from serai.kernels import at as byte
from serai.kernels import entrance, part

KEYS = 23
"""Bytes that the keys of a row take at most: two numbers of ten digits, a tab after each, the end of the line."""


@part
def _unless(rows: Ints, row: int, end: int, node: int) -> bool:
    """Whether a row of a node lies right within a row."""
    at = row + 1
    while at < end and rows[at, PARENT] >= row:
        if rows[at, PARENT] == row and rows[at, NODE] == node:
            return True
        at += 1
    return False


@entrance
def order(rows: Ints, first: Ints, plan: Plan, table: Table, found: Ints) -> int:
    """Find the rows of a table (row, way, record) by record, transaction (the activity's own first) and way.

    Args:
        rows: as from a walk, with the first of each record.
        first: of each record its first row.
        plan: what the walk looked for.
        table: which rows.
        found: where to, with room for as many as there are rows.

    Returns:
        How many there are.
    """
    used = 0
    for record in range(first.size - 1):
        low, high = first[record], first[record + 1]
        for way in range(table.ways.shape[0]):
            if table.ways[way, 2] == 0:
                for row in range(low, high):
                    if rows[row, NODE] == table.ways[way, 0] and (
                        table.ways[way, 1] < 0 or not _unless(rows, row, high, table.ways[way, 1])
                    ):
                        found[used, 0], found[used, 1], found[used, 2] = row, way, record
                        used += 1
        if table.ways[-1, 2] == 0:
            continue
        head = low
        while head < high:
            after = head + 1
            while after < high and rows[after, NODE] != plan.transaction:
                after += 1
            if rows[head, NODE] == plan.transaction and after > head + 1:
                for way in range(table.ways.shape[0]):
                    if table.ways[way, 2] == 1:
                        for row in range(head + 1, after):
                            if rows[row, NODE] == table.ways[way, 0]:
                                found[used, 0], found[used, 1], found[used, 2] = row, way, record
                                used += 1
            head = after
    return used


@part
def _slot(rows: Ints, row: int, up: int, slot: int) -> int:
    """Where a value is kept that a row so many levels up has."""
    for _ in range(up):
        row = rows[row, PARENT]
    return rows[row, SLOTS] + slot


@entrance
def sizes(chosen: Ints, rows: Ints, slots: Ints, table: Table, total: Longs) -> None:
    """Add to each record's total the most bytes that its rows of a table can take."""
    for i in range(chosen.shape[0]):
        row, way, size = chosen[i, 0], chosen[i, 1], KEYS
        for column in range(table.cells.shape[1]):
            up, place, length = table.cells[way, column, 0], table.cells[way, column, 1], table.cells[way, column, 2]
            if up >= 0:  # else the value itself
                place = _slot(rows, row, up, place)
                length = slots[place, 1] - slots[place, 0] if slots[place, 0] >= 0 else 0
            size += length + 1
        total[chosen[i, 2]] += size


@part
def _digits(number: int, out: Bytes, at: int) -> int:
    """Write a number; where the next byte goes."""
    size, rest = 1, number
    while rest >= 10:
        rest //= 10
        size += 1
    for i in range(size):
        out[at + size - 1 - i] = 48 + number % 10
        number //= 10
    return at + size


@part
def _utf8(code: int, out: Bytes, at: int) -> int:
    """Write a character; where the next goes."""
    if code < 0x80:
        out[at] = code
        return at + 1
    more, lead = (1, 0xC0) if code < 0x800 else (2, 0xE0) if code < 0x10000 else (3, 0xF0)
    out[at] = lead | (code >> (6 * more))
    for i in range(more):
        out[at + 1 + i] = 0x80 | ((code >> (6 * (more - 1 - i))) & 0x3F)
    return at + 1 + more


@part
def _attribute(text: Bytes, at: int, end: int, out: Bytes, to: int) -> int:
    """Write the value of an attribute, white space as blanks; where the next byte goes."""
    while at < end:
        one = byte(text, at)
        if one == AMP:
            code, at = _walk.reference(text, at, end)
            to = _utf8(SPACE if _walk.blank(code) else code, out, to)
            continue
        at += 1
        if one == RETURN and at < end and byte(text, at) == LINE:
            continue
        out[to] = SPACE if one in (TAB, LINE, RETURN) else one
        to += 1
    return to


@part
def _content(text: Bytes, at: int, end: int, out: Bytes, to: int) -> int:
    """Write the text of an element and of all within it, white space normalized; where the next byte goes."""
    begin, waits, raw = to, False, -1
    while at < end:
        if at == raw:  # where character data ends
            at, raw = at + 3, -1
            continue
        one = byte(text, at)
        code = one
        if raw < 0 and one == LT:
            after = _walk.skip(text, at, end)
            if byte(text, at + 1) == BANG and byte(text, at + 2) != DASH:
                at, raw = at + 9, after - 3
            else:
                at = after
            continue
        if raw < 0 and one == AMP:
            code, at = _walk.reference(text, at, end)
        else:
            at += 1
        if _walk.blank(code):
            waits = to > begin
            continue
        if waits:
            out[to] = SPACE
            to += 1
            waits = False
        if code == one:
            out[to] = one
            to += 1
        else:
            to = _utf8(code, out, to)
    return to


@entrance
def write(
    chosen: Ints, rows: Ints, slots: Ints, text: Bytes, names: Bytes, table: Table, numbers: Ints, out: Bytes
) -> int:
    """Write rows of a table: number of the record, that of the transaction where the table has it, then its columns.

    Args:
        chosen: as from :func:`order`.
        rows: as from a walk, with its slots.
        slots: where values lie in the text.
        text: the document.
        names: those of the plan.
        table: which columns.
        numbers: of each record its number.
        out: where to, with as much room as :func:`sizes` says.

    Returns:
        Bytes written.
    """
    to = 0
    for i in range(chosen.shape[0]):
        row, way = chosen[i, 0], chosen[i, 1]
        to = _digits(numbers[chosen[i, 2]], out, to)
        if table.numbered:
            out[to] = TAB
            to = _digits(rows[row, NUMBER], out, to + 1)
        for column in range(table.cells.shape[1]):
            out[to] = TAB
            to += 1
            up, place, size = table.cells[way, column, 0], table.cells[way, column, 1], table.cells[way, column, 2]
            if up < 0:
                for j in range(size):
                    out[to + j] = names[place + j]
                to += size
                continue
            place = _slot(rows, row, up, place)
            at, end = slots[place, 0], slots[place, 1]
            if size and at >= 0:
                to = _content(text, at, end, out, to)
            elif at >= 0:
                to = _attribute(text, at, end, out, to)
        out[to] = LINE
        to += 1
    return to
