"""Compiled kernels: one walk over the bytes of records finds the values of every table.

The bytes were found well-formed, in UTF-8 and without a document type before they come here, so that a walk needs to
tell tags from text and no more. Every place is bounded all the same: what does not add up is a fault of its record.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from serai.coordinate.iati.plan import Bytes, Ints, Plan

SOUND, NOT_ONE, FOREIGN = 0, 1, 2
"""What is found of a record: sound, not one element, an element of another namespace."""
DEPTH = 400
"""Elements within each other; the parser allows fewer."""
NODE, PARENT, SLOTS, NUMBER = 0, 1, 2, 3
PREFIXED, RENAMED = 1, 2
LT, GT, AMP, SLASH, QUOTE, APOS, EQUALS, COLON = 60, 62, 38, 47, 34, 39, 61, 58
SPACE, TAB, LINE, RETURN, BANG, ASK, DASH, CLOSES = 32, 9, 10, 13, 33, 63, 45, 93
HASH, SEMICOLON, SMALL_X, SMALL_M, SMALL_L, SMALL_N = 35, 59, 120, 109, 108, 110


@njit(cache=True, nogil=True)
def blank(byte: int) -> bool:
    """White space, as XML has it."""
    return byte in (SPACE, LINE, TAB, RETURN)


@njit(cache=True, nogil=True)
def same(text: Bytes, at: int, size: int, names: Bytes, place: int, length: int) -> bool:
    """Whether two runs of bytes are the same."""
    if size != length:
        return False
    for i in range(size):
        if text[at + i] != names[place + i]:
            return False
    return True


@njit(cache=True, nogil=True)
def reference(text: Bytes, at: int, end: int) -> tuple[int, int]:
    """The character a reference at ``at`` stands for, and where it ends."""
    close = at + 1
    while close < end and text[close] != SEMICOLON:
        close += 1
    code = 0
    if text[at + 1] == HASH:
        base, begin = (16, at + 3) if text[at + 2] == SMALL_X else (10, at + 2)
        for i in range(begin, close):
            byte = text[i]
            digit = byte - 48 if byte < 58 else (byte | 32) - 87
            code = min(code * base + digit, 0x110000)
    elif text[at + 1] == 108:  # lt
        code = 60
    elif text[at + 1] == 103:  # gt
        code = 62
    elif text[at + 1] == 113:  # quot
        code = 34
    else:
        code = AMP if text[at + 2] == 109 else 39  # amp, apos
    return code, close + 1


@njit(cache=True, nogil=True)
def _means(text: Bytes, at: int, end: int, names: Bytes, place: int, length: int) -> bool:
    """Whether the value of an attribute is a word in ASCII, references resolved."""
    done = 0
    while at < end and done < length:
        code = np.int64(text[at])
        if code == AMP:
            code, at = reference(text, at, end)
        else:
            at += 1
        if code != names[place + done]:
            return False
        done += 1
    return at >= end and done == length


@njit(cache=True, nogil=True)
def _after(text: Bytes, at: int, end: int, mark: int, times: int) -> int:
    """Where goes on what is closed by a mark once or twice and ``>``."""
    for i in range(at + times, end):
        if text[i] == GT and text[i - 1] == mark and text[i - times] == mark:
            return i + 1
    return end


@njit(cache=True, nogil=True)
def skip(text: Bytes, at: int, end: int) -> int:
    """Where a comment, an instruction, character data or a tag ends that begins at ``at``, which is not the last."""
    if text[at + 1] == ASK:
        return _after(text, at + 2, end, ASK, 1)
    if text[at + 1] == BANG:
        return _after(text, at + 4, end, DASH if text[min(at + 2, end - 1)] == DASH else CLOSES, 2)
    quote = 0
    for i in range(at + 1, end):
        if quote:
            quote = 0 if text[i] == quote else quote
        elif text[i] in (QUOTE, APOS):
            quote = text[i]
        elif text[i] == GT:
            return i + 1
    return end


@njit(cache=True, nogil=True)
def _larger(array: Ints, needed: int) -> Ints:
    """The array, or one with room to spare and the same rows first."""
    if needed <= array.shape[0]:
        return array
    larger = np.empty((2 * needed, array.shape[1]), np.int32)
    for i in range(array.shape[0]):  # an assignment of slices takes seconds to compile
        for j in range(array.shape[1]):
            larger[i, j] = array[i, j]
    return larger


@njit(cache=True, nogil=True)
def _child(text: Bytes, at: int, size: int, plan: Plan, parent: int) -> int:
    """The node of an element of this name below a node; -1 where none matters."""
    node = plan.node[parent, 2]
    while node >= 0 and not same(text, at, size, plan.names, plan.node[node, 0], plan.node[node, 1]):
        node = plan.node[node, 3]
    return node


@njit(cache=True, nogil=True)
def _attributes(text: Bytes, at: int, end: int, plan: Plan, node: int, value: Ints) -> tuple[int, int]:
    """Note where the values of a tag's attributes lie.

    Returns:
        Where the tag closes, with ``/`` or ``>``; and whether prefixes or a namespace of its own are used.
    """
    low, high = (plan.node[node, 4], plan.node[node, 5]) if node >= 0 else (0, 0)
    for i in range(low, high):
        value[i, 0] = -1
    found = 0
    while True:
        while at < end and blank(text[at]):
            at += 1
        if at >= end or text[at] == GT or text[at] == SLASH:
            return at, found
        name, colon = at, -1
        while at < end and text[at] != EQUALS and not blank(text[at]):
            if text[at] == COLON:
                colon = at - name
            at += 1
        size = at - name
        while at < end and text[at] != QUOTE and text[at] != APOS:
            at += 1
        if at >= end:
            return end, found
        quote = text[at]
        held = at + 1
        at = held
        while at < end and text[at] != quote:
            at += 1
        for i in range(low, high):
            if same(text, name, size, plan.names, plan.attribute[i, 0], plan.attribute[i, 1]):
                value[i, 0], value[i, 1] = held, at
        if size >= 5 and text[name] == SMALL_X and text[name + 1] == SMALL_M and text[name + 2] == SMALL_L:
            if text[name + 3] == SMALL_N:  # xmlns; else xml:lang and the like
                found |= PREFIXED
                if size == 5 and at > held:
                    found |= RENAMED
        elif colon >= 0:
            found |= PREFIXED
        at += 1


@njit(cache=True, nogil=True)
def _keep(text: Bytes, plan: Plan, node: int, value: Ints, slots: Ints, base: int) -> None:
    """Keep the values of a tag's attributes in the slots of its row, where none is kept yet."""
    for i in range(plan.node[node, 4], plan.node[node, 5]):
        place, needs = base + plan.attribute[i, 2], plan.attribute[i, 3]
        if value[i, 0] < 0 or plan.attribute[i, 2] < 0 or slots[place, 0] >= 0:
            continue
        if needs >= 0:
            at, end = value[needs, 0], value[needs, 1]
            if at < 0 or not _means(text, at, end, plan.names, plan.attribute[i, 4], plan.attribute[i, 5]):
                continue
        slots[place, 0], slots[place, 1] = value[i, 0], value[i, 1]


@njit(cache=True, nogil=True)
def walk(text: Bytes, start: int, ends: Ints, plan: Plan) -> tuple[Ints, Ints, Ints, Ints, bool]:
    """Find the values of every table in records that lie one after another.

    Args:
        text: a document.
        start: where its first record begins.
        ends: where each record ends, and the next begins.
        plan: what to look for.

    Returns:
        - rows, each with its node, the row it lies in, its first slot and the number of its transaction;
        - slots: where a value begins and ends, -1 where there is none;
        - of each record its first row, and where those of the last end;
        - of each record whether it is sound;
        - whether prefixes or namespaces of their own are used.
    """
    rows, slots = np.empty((4096, 4), np.int32), np.empty((32768, 2), np.int32)
    first, state = np.zeros(ends.size + 1, np.int32), np.zeros(ends.size, np.int32)
    value = np.empty((plan.attribute.shape[0] + 1, 2), np.int32)
    # Of each open element its node, the row it lies in, and the slot that takes its text.
    stack = np.empty((DEPTH, 3), np.int32)
    used, filled, prefixed, at = 0, 0, False, start
    for record in range(ends.size):
        end, depth, number, roots = ends[record], 0, 0, 0
        first[record] = used
        while True:
            while at < end and text[at] != LT:
                at += 1
            if at + 1 >= end:
                break
            if text[at + 1] == BANG or text[at + 1] == ASK:
                at = skip(text, at, end)
                continue
            if text[at + 1] == SLASH:
                depth -= 1
                if depth < 0:
                    break
                if stack[depth, 2] >= 0:
                    slots[stack[depth, 2], 1] = at
                at += 2
                continue
            name = at + 1
            at = name
            while at < end and text[at] != GT and text[at] != SLASH and not blank(text[at]):
                if text[at] == COLON:
                    prefixed = True
                at += 1
            node, row = -1, -1
            if depth == 0:
                roots += 1
                if same(text, name, at - name, plan.names, plan.node[0, 0], plan.node[0, 1]):
                    node = 0
            else:
                row = stack[depth - 1, 1]
                if stack[depth - 1, 0] >= 0:
                    node = _child(text, name, at - name, plan, stack[depth - 1, 0])
            at, found = _attributes(text, at, end, plan, node, value)
            if at >= end or depth + 1 >= DEPTH:
                depth = -1
                break
            if found & PREFIXED:
                prefixed = True
            if found & RENAMED:
                node = -1
            alone = text[at] == SLASH
            at += 2 if alone else 1
            taking = -1
            if node >= 0:
                if plan.node[node, 7] >= 0:
                    rows, slots = _larger(rows, used + 1), _larger(slots, filled + plan.node[node, 7])
                    if node == plan.transaction:
                        number += 1
                    inside = node == plan.transaction or (row >= 0 and rows[row, NUMBER] > 0)
                    rows[used, NODE], rows[used, PARENT], rows[used, SLOTS] = node, row, filled
                    rows[used, NUMBER] = number if inside else 0
                    for _ in range(plan.node[node, 7]):
                        slots[filled, 0], slots[filled, 1] = -1, -1
                        filled += 1
                    row = used
                    used += 1
                _keep(text, plan, node, value, slots, rows[row, SLOTS])
                place = rows[row, SLOTS] + plan.node[node, 6]
                if plan.node[node, 6] >= 0 and slots[place, 0] < 0:
                    slots[place, 0], slots[place, 1] = at, at
                    taking = place
            if not alone:
                stack[depth, 0], stack[depth, 1], stack[depth, 2] = node, row, taking
                depth += 1
        at = end
        if depth != 0 or roots != 1:
            state[record] = NOT_ONE
        elif used == first[record]:
            state[record] = FOREIGN
        if state[record] != SOUND:
            used = first[record]
    first[ends.size] = used
    return rows[:used], slots[:filled], first, state, prefixed
