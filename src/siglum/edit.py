"""Edits: apply them, undo them, compose them, and carry offsets across them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from siglum.errors import EditError
from siglum.native import twinned
from siglum.span import Span


class Edit(NamedTuple):
    """Replace *before*, which stands at *span*, with *after*; "" deletes.

    *before* is what makes an edit checkable (apply refuses a text it was not made for) and reversible. *causes* names
    the findings it was made of, as places in a list the holder of the edit keeps.
    """

    span: Span
    before: str
    after: str = ""
    causes: tuple[int, ...] = ()


Edits = Sequence[Edit]


@twinned("edits")
def apply(text: str, edits: Edits) -> str:
    """Return *text* with *edits* made: sorted by span, spans disjoint (they may touch).

    Raises EditError where an edit is out of order, overlaps the one before, or does not find its *before*.

    >>> apply("0\\nNATO", [Edit(Span(0, 2), "0\\n")])
    'NATO'
    """
    out: list[str] = []
    done = 0
    for n, ((start, end), before, after, _) in enumerate(edits):
        if start < done or end > len(text) or text[start:end] != before or end - start != len(before):
            raise EditError(misfit(text, edits, n, done))
        out += (text[done:start], after)
        done = end
    out.append(text[done:])
    return "".join(out)


def misfit(text: str, edits: Edits, n: int, done: int) -> str:
    """Return why edit *n* cannot be made, where the one before it ends at *done*."""
    (start, end), before, _, _ = edits[n]
    if start < done:
        return f"edit {n} starts at {start}, before the end {done} of the one before it: sort edits, keep them disjoint"
    return f"edit {n} expects {before!r:.60} at [{start}, {end}), found {text[start:end]!r:.60}: another text"


def invert(edits: Edits) -> list[Edit]:
    """Return the edits that undo *edits*: ``apply(apply(t, e), invert(e)) == t``."""
    places = map(Span, *bounds(edits)[2:])
    return [Edit(span, after, before, causes) for span, (_, before, after, causes) in zip(places, edits, strict=True)]


@twinned("edits")
def bounds(edits: Edits) -> tuple[list[int], list[int], list[int], list[int]]:
    """Return where each edit begins and ends in the source, and where what it puts in does in the edited text."""
    starts, ends, out_starts, out_ends, shift = [], [], [], [], 0
    for (start, end), _, after, _ in edits:
        starts.append(start)
        ends.append(end)
        out_starts.append(start + shift)
        shift += len(after) - (end - start)
        out_ends.append(end + shift)
    return starts, ends, out_starts, out_ends


@twinned("edits")
def undo(text: str, edits: Edits) -> str:
    """Return the text that *edits* were made of, from the *text* they gave: ``undo(apply(t, e), e) == t``.

    The same as applying the inverse, without making it. Raises EditError where *text* is not what the edits give.

    >>> undo("NATO", [Edit(Span(0, 2), "0\\n")])
    '0\\nNATO'
    """
    out: list[str] = []
    at = done = 0  # how far the edited text, and the source, are read
    for (start, end), before, after, _ in edits:
        kept = at + start - done
        if start < done or not text.startswith(after, kept):
            raise EditError(other_text(after, kept))
        out += (text[at:kept], before)
        at, done = kept + len(after), end
    out.append(text[at:])
    return "".join(out)


@twinned("edits")
def undoes(text: str, edits: Edits, source: str) -> bool:
    """Tell whether *source* is what undoing *edits* in *text* gives."""
    try:
        return undo(text, edits) == source
    except EditError:
        return False


def other_text(after: str, at: int) -> str:
    """Return what is wrong with an edited text that does not have *after* at *at*."""
    return f"expected {after!r:.60} at {at} of the edited text, found another text"


class EditMap:
    """Where offsets go when edits are made, for many questions about the same edits; each is answered in O(log n)."""

    def __init__(self, edits: Edits) -> None:
        self._starts, self._ends, self._out_starts, self._out_ends = bounds(edits)

    def carry(self, span: Span) -> Span:
        """Return where the source *span* stands in the edited text.

        A bound inside an edit moves outward to that edit's bound, so the answer covers at least as much. Text inserted
        at a bound is left out. A span whose text was all deleted comes back empty, where it stood.
        """
        return move(span, self._starts, self._ends, self._out_starts, self._out_ends)

    def trace(self, span: Span) -> Span:
        """Return the smallest stretch of the source that covers *span* of the edited text.

        A bound inside inserted text moves outward; deletions at the bounds are left out, those inside are covered.
        """
        return move(span, self._out_starts, self._out_ends, self._starts, self._ends)

    def carry_lines(self, starts: Sequence[int], ends: Sequence[int]) -> tuple[list[int], list[int]]:
        """Return where `carry` takes many spans at once: none empty, in order, none overlapping another."""
        return move_lines(starts, ends, self._starts, self._ends, self._out_starts, self._out_ends)

    def trace_lines(self, starts: Sequence[int], ends: Sequence[int]) -> tuple[list[int], list[int]]:
        """Return where `trace` takes many spans at once: none empty, in order, none overlapping another."""
        return move_lines(starts, ends, self._out_starts, self._out_ends, self._starts, self._ends)

    def pieces(self, span: Span) -> list[Span]:
        """Return the source stretches *span* of the edited text was copied from, in order, none empty.

        What was deleted inside is not covered, and inserted text has no source.
        """
        found, at = [], span.start
        n = bisect_right(self._out_ends, span.start)
        while at < span.end:
            stop = self._out_starts[n] if n < len(self._out_starts) else span.end
            upto = min(stop, span.end)
            if upto > at:
                shift = self._shift_before(n)
                found.append(Span(at + shift, upto + shift))
            if n >= len(self._out_starts):
                break
            at, n = max(at, self._out_ends[n]), n + 1
        return found

    def _shift_before(self, n: int) -> int:
        return self._ends[n - 1] - self._out_ends[n - 1] if n else 0


@twinned("edits")
def move(span: Span, starts: list[int], ends: list[int], to_starts: list[int], to_ends: list[int]) -> Span:
    # The last edit that begins at or before the bound decides: past its end, the shift behind it applies.
    n = bisect_right(starts, span.start) - 1
    if n < 0:
        start = span.start
    elif span.start >= ends[n]:
        start = span.start - ends[n] + to_ends[n]
    else:
        start = to_starts[n]
    if span.end <= span.start:
        return Span(start, start)
    # For the end, the first edit that ends at or after the bound decides: before its start, the shift ahead of it.
    n = bisect_left(ends, span.end)
    if n >= len(ends) or span.end <= starts[n]:
        end = span.end - ends[n - 1] + to_ends[n - 1] if n else span.end
    else:
        end = to_ends[n]
    return Span(start, max(start, end))


@twinned("edits")
def move_lines(
    starts: Sequence[int],
    ends: Sequence[int],
    edit_starts: list[int],
    edit_ends: list[int],
    to_starts: list[int],
    to_ends: list[int],
) -> tuple[list[int], list[int]]:
    """Return what `move` makes of each span: what stands between two edits moves by one shift, in one go."""
    new_starts: list[int] = []
    new_ends: list[int] = []
    shift = 0
    for edit_start, edit_end, to_start, to_end in zip(edit_starts, edit_ends, to_starts, to_ends, strict=True):
        n, m = len(new_starts), len(new_ends)
        before, inside = bisect_left(starts, edit_start, n), bisect_left(starts, edit_end, n)
        new_starts += [start + shift for start in starts[n:before]]
        new_starts += [to_start] * (inside - before)
        before, inside = bisect_right(ends, edit_start, m), bisect_right(ends, edit_end, m)
        new_ends += [end + shift for end in ends[m:before]]
        new_ends += [to_end] * (inside - before)
        shift = to_end - edit_end
    new_starts += [start + shift for start in starts[len(new_starts) :]]
    new_ends += [end + shift for end in ends[len(new_ends) :]]
    return new_starts, list(map(max, new_starts, new_ends))


def narrowed(start: int, before: str, after: str) -> tuple[Span, str]:
    """Return what must change for *before*, standing at *start*, to read *after*: where, and what stands there then.

    What the two share at their beginning, and then at their end, is left out.

    >>> narrowed(5, "\\n\\n\\n\\n", "\\n\\n")
    (Span(start=7, end=9), '')
    """
    prefix = shared(before, after)
    suffix = shared(before[prefix:][::-1], after[prefix:][::-1])
    return Span(start + prefix, start + len(before) - suffix), after[prefix : len(after) - suffix]


@twinned("edits")
def shared(a: str, b: str) -> int:
    """Return how many code points *a* and *b* begin with alike."""
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def carry(span: Span, edits: Edits) -> Span:
    """Return where *span* stands once *edits* are made; see `EditMap.carry`.

    >>> carry(Span(5, 9), [Edit(Span(0, 5), "Skip\\n")])
    Span(start=0, end=4)
    """
    return EditMap(edits).carry(span)


def trace(span: Span, edits: Edits) -> Span:
    """Return the source of *span* of the edited text; see `EditMap.trace`.

    >>> trace(Span(0, 4), [Edit(Span(0, 5), "Skip\\n")])
    Span(start=5, end=9)
    """
    return EditMap(edits).trace(span)


def pieces(span: Span, edits: Edits) -> list[Span]:
    """Return the source of *span* of the edited text, piece by piece; see `EditMap.pieces`.

    >>> pieces(Span(0, 4), [Edit(Span(2, 5), "cut")])
    [Span(start=0, end=2), Span(start=5, end=7)]
    """
    return EditMap(edits).pieces(span)


@twinned("edits")
def compose(first: Edits, second: Edits) -> list[Edit]:
    """Return the edits that do at once what *first* and then *second* do, with the causes of both.

    Where a deletion of *second* spans deletions of *first*, each keeps its own edit, so that every stretch still names
    its own causes. Where the two meet in any other way they become one edit with the causes of all.

    >>> compose([Edit(Span(2, 3), "c")], [Edit(Span(0, 4), "abde")])  # "abcde" -> "abde" -> ""
    ... # doctest: +NORMALIZE_WHITESPACE
    [Edit(span=Span(start=0, end=2), before='ab', after='', causes=()),
     Edit(span=Span(start=2, end=3), before='c', after='', causes=()),
     Edit(span=Span(start=3, end=5), before='de', after='', causes=())]
    """
    if not first or not second:
        return list(first or second)
    _, _, starts, ends = bounds(first)  # where the edits of *first* stand in the text between the two
    out: list[Edit] = []
    i = 0
    n, j = len(first), 0
    while j < len(second):
        (start, end), before, after, causes = second[j]
        # The edits of *first* before this one stay as they are.
        a = i
        i = bisect_right(ends, start, i)
        extend(out, first[a:i])
        if i == n or end <= starts[i]:
            shift = first[i - 1].span.end - ends[i - 1] if i else 0  # from the middle text to the source
            moved = Edit(Span(start + shift, end + shift), before, after, causes) if shift else second[j]
            extend(out, (moved,))
            j += 1
            continue
        a, b, hull_end = i, j, max(ends[i], end)
        i, j = i + 1, j + 1
        while True:
            if i < n and starts[i] < hull_end:
                hull_end, i = max(hull_end, ends[i]), i + 1
            elif j < len(second) and second[j].span.start < hull_end:
                hull_end, j = max(hull_end, second[j].span.end), j + 1
            else:
                break
        extend(out, merged(first[a:i], list(map(Span, starts[a:i], ends[a:i])), second[b:j], hull_end))
    extend(out, first[i:])
    return out


def merged(first: Edits, middle: Sequence[Span], second: Edits, hull_end: int) -> list[Edit]:
    """Return the edits for one stretch in which edits of both lists meet, in source offsets."""
    hull_start = min(middle[0].start, second[0].span.start)
    source_start = first[0].span.start - (middle[0].start - hull_start)
    if len(second) == 1 and not second[0].after and all(not e.after for e in first):
        return _split_deletion(first, middle, second[0], source_start)
    text = [""] * (hull_end - hull_start)
    for edit, (start, end) in zip(first, middle, strict=True):
        text[start - hull_start : end - hull_start] = edit.after
    for (start, end), before, _, _ in second:
        text[start - hull_start : end - hull_start] = before

    def joined(cuts: list[tuple[Span, str]]) -> str:
        parts, at = [], hull_start
        for (start, end), put in cuts:
            parts += [*text[at - hull_start : start - hull_start], put]
            at = end
        return "".join([*parts, *text[at - hull_start :]])

    before = joined([(m, e.before) for m, e in zip(middle, first, strict=True)])
    after = joined([(e.span, e.after) for e in second])
    causes = tuple(dict.fromkeys(c for e in (*first, *second) for c in e.causes))
    return [Edit(Span(source_start, source_start + len(before)), before, after, causes)]


def _split_deletion(first: Edits, middle: Sequence[Span], deletion: Edit, source_start: int) -> list[Edit]:
    out, at, source_at = [], deletion.span.start, source_start
    for edit, (place, _) in zip(first, middle, strict=True):
        part = deletion.before[at - deletion.span.start : place - deletion.span.start]
        out += [Edit(Span(source_at, source_at + len(part)), part, "", deletion.causes), edit]
        at, source_at = place, edit.span.end
    part = deletion.before[at - deletion.span.start :]
    return [*out, Edit(Span(source_at, source_at + len(part)), part, "", deletion.causes)]


def extend(out: list[Edit], edits: Edits) -> None:
    """Add *edits*; what changes nothing is left out, two insertions at one place become one."""
    for edit in edits:
        if edit.before:
            if edit.before != edit.after:
                out.append(edit)
        elif edit.after:
            if out and not out[-1].before and out[-1].span.end == edit.span.start:
                last = out.pop()
                edit = Edit(last.span, "", last.after + edit.after, tuple(dict.fromkeys((*last.causes, *edit.causes))))
            out.append(edit)
