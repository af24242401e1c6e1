# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Edits made, undone and composed: twins of `siglum.edit`, and what `siglum.chain` does with many findings."""

from cpython.object cimport PyObject
from cpython.unicode cimport (
    PyUnicode_CopyCharacters,
    PyUnicode_DATA,
    PyUnicode_FromKindAndData,
    PyUnicode_KIND,
    PyUnicode_New,
    PyUnicode_READ,
)
from libc.stdlib cimport free, malloc, qsort
from libc.string cimport memcmp

from siglum.native.named cimport fields, new_edit, new_finding, new_span

from siglum import edit as python
from siglum.document import Finding
from siglum.errors import EditError
from siglum.span import Span

cdef extern from "Python.h":
    Py_UCS4 PyUnicode_MAX_CHAR_VALUE(object text)

cdef type Edit = python.Edit
cdef type Found = Finding
cdef type Place = Span


cdef struct Wanted:
    Py_ssize_t start, end, n


cdef int earlier(const void *a, const void *b) noexcept nogil:
    """Order findings: which starts first, then which is longest, then which was given first."""
    cdef const Wanted *x = <const Wanted *> a
    cdef const Wanted *y = <const Wanted *> b
    if x.start != y.start:
        return -1 if x.start < y.start else 1
    if x.end != y.end:
        return -1 if x.end > y.end else 1
    return -1 if x.n < y.n else 1


cdef list singles = [(n,) for n in range(512)]  # most edits have one cause, among the first few


cdef inline tuple alone(Py_ssize_t n):
    """Return ``(n,)``."""
    return <tuple> singles[n] if 0 <= n < len(singles) else (n,)


def settle(str text, findings, Py_ssize_t first=0):
    """Turn *findings* into edits of *text*, sorted and disjoint; each names the findings it was made of."""
    cdef Py_ssize_t count = len(findings), kept = 0, n, i, start, end, done = 0, last_start = 0
    cdef Wanted *wanted = <Wanted *> malloc(max(count, 1) * sizeof(Wanted))
    cdef list edits = []
    cdef tuple finding, span, last
    cdef str before, after
    cdef bint sorted = True
    if wanted == NULL:
        raise MemoryError
    try:
        for n in range(count):
            finding = fields(findings[n], 3)
            if finding[2] is None:
                continue
            span = fields(finding[0], 2)
            wanted[kept].start, wanted[kept].end, wanted[kept].n = span[0], span[1], n
            if kept and earlier(&wanted[kept - 1], &wanted[kept]) > 0:
                sorted = False
            kept += 1
        if not sorted:
            qsort(wanted, kept, sizeof(Wanted), earlier)
        for i in range(kept):
            start, end, n = wanted[i].start, wanted[i].end, wanted[i].n
            finding = <tuple> findings[n]
            after = finding[2]
            before = text[start:end]
            if before == after:
                continue
            if edits and (start < done or (start == last_start and end == done)):
                last = <tuple> edits[len(edits) - 1]
                if not after and not last[2]:
                    whole, before = last[0], last[1]
                    if end > done:
                        done, before = end, text[last_start:end]
                        whole = new_span(Place, last_start, end)
                    causes = (<tuple> last[3]) + alone(first + n)
                    edits[len(edits) - 1] = new_edit(Edit, whole, before, "", causes)
                continue
            edits.append(new_edit(Edit, finding[0], before, after, alone(first + n)))
            last_start, done = start, end
    finally:
        free(wanted)
    return edits


cdef struct Piece:
    PyObject *text  # borrowed from what the edits hold
    Py_ssize_t start, size


def apply(str text, edits):
    """Return *text* with *edits* made. Raises EditError where one does not fit."""
    cdef list rows = list(edits)
    cdef Py_ssize_t done = 0, start, end, n = 0, count = 0
    cdef tuple edit, span
    cdef str before
    cdef Piece *pieces = pieces_for(rows)
    try:
        for n in range(len(rows)):
            edit = fields(rows[n], 4)
            span = fields(edit[0], 2)
            start, end, before = span[0], span[1], edit[1]
            if start < done or end > len(text) or end - start != len(before) or not stands(text, before, start):
                raise EditError(python.misfit(text, edits, n, done))
            count += piece(pieces + count, text, done, start - done)
            count += piece(pieces + count, edit[2], 0, len(<str> edit[2]))
            done = end
        count += piece(pieces + count, text, done, len(text) - done)
        return joined(pieces, count)
    finally:
        free(pieces)


def undo(str text, edits):
    """Return the text that *edits* were made of, from the *text* they gave. Raises EditError for another text."""
    cdef list rows = list(edits)
    cdef Piece *pieces = pieces_for(rows)
    cdef Py_ssize_t wrong = -1, at = 0, count
    try:
        count = undone(text, rows, pieces, &wrong, &at)
        if wrong >= 0:
            raise EditError(python.other_text(rows[wrong][2], at))
        return joined(pieces, count)
    finally:
        free(pieces)


def undoes(str text, edits, str source):
    """Tell whether *source* is what undoing *edits* in *text* gives; no text is made for that."""
    cdef list rows = list(edits)
    cdef Piece *pieces = pieces_for(rows)
    cdef Py_ssize_t wrong = -1, at = 0, count, n
    try:
        count = undone(text, rows, pieces, &wrong, &at)
        if wrong >= 0:
            return False
        at = 0
        for n in range(count):
            if at + pieces[n].size > len(source) or not alike(source, at, pieces + n):
                return False
            at += pieces[n].size
        return at == len(source)
    finally:
        free(pieces)


cdef Py_ssize_t undone(str text, list rows, Piece *pieces, Py_ssize_t *wrong, Py_ssize_t *place) except -1:
    """Find the pieces of the text before the edits *rows*, and return how many.

    Where *text* is not what the edits give, *wrong* is the edit at which that shows, and *place* where it should stand.
    """
    cdef Py_ssize_t at = 0, done = 0, kept, start, n, count = 0
    cdef tuple edit, span
    cdef str after
    for n in range(len(rows)):
        edit = fields(rows[n], 4)
        span = fields(edit[0], 2)
        start, after = span[0], edit[2]
        kept = at + start - done
        if start < done or kept + len(after) > len(text) or not stands(text, after, kept):
            wrong[0], place[0] = n, kept
            return 0
        count += piece(pieces + count, text, at, kept - at)
        count += piece(pieces + count, edit[1], 0, len(<str> edit[1]))
        at, done = kept + len(after), span[1]
    return count + piece(pieces + count, text, at, len(text) - at)


cdef Piece *pieces_for(list rows) except NULL:
    """Return room for what *rows* of edits part a text into."""
    cdef Piece *pieces = <Piece *> malloc((2 * len(rows) + 1) * sizeof(Piece))
    if pieces == NULL:
        raise MemoryError
    return pieces


cdef inline int piece(Piece *there, str text, Py_ssize_t start, Py_ssize_t size) noexcept:
    """Note a piece and return 1; 0 where it is empty."""
    there.text, there.start, there.size = <PyObject *> text, start, size
    return size > 0


cdef bint stands(str text, str part, Py_ssize_t at) except -1:
    """Tell whether *part* stands in *text* at *at*, where there is room for it."""
    cdef Piece whole
    return not piece(&whole, part, 0, len(part)) or alike(text, at, &whole)


cdef bint alike(str text, Py_ssize_t at, const Piece *there) noexcept:
    """Tell whether a piece reads as *text* does from *at* on, where there is room for it."""
    cdef int kind = PyUnicode_KIND(text), other_kind = PyUnicode_KIND(<object> there.text)
    cdef const char *data = <const char *> PyUnicode_DATA(text)
    cdef const char *other = <const char *> PyUnicode_DATA(<object> there.text)
    cdef Py_ssize_t n
    if kind == other_kind:
        return memcmp(data + at * kind, other + there.start * kind, there.size * kind) == 0
    for n in range(there.size):
        if PyUnicode_READ(kind, data, at + n) != PyUnicode_READ(other_kind, other, there.start + n):
            return False
    return True


cdef str joined(const Piece *pieces, Py_ssize_t count):
    """Return the text of *pieces*, one behind the other."""
    cdef Py_ssize_t n, size = 0, at = 0
    cdef Py_UCS4 widest = 0x7F
    cdef str text
    for n in range(count):
        size += pieces[n].size
        widest = max(widest, PyUnicode_MAX_CHAR_VALUE(<object> pieces[n].text))
    text = PyUnicode_New(size, widest)
    for n in range(count):
        PyUnicode_CopyCharacters(text, at, <object> pieces[n].text, pieces[n].start, pieces[n].size)
        at += pieces[n].size
    if widest == 0x7F or has_wide(PyUnicode_KIND(text), PyUnicode_DATA(text), size):
        return text
    return PyUnicode_FromKindAndData(PyUnicode_KIND(text), PyUnicode_DATA(text), size)  # as narrow as it may be


cdef bint has_wide(int kind, const void *data, Py_ssize_t size) noexcept:
    """Tell whether a text has a code point for which a narrower kind of text has no room."""
    cdef Py_ssize_t n
    cdef Py_UCS4 least = 0x80 if kind == 1 else 0x100 if kind == 2 else 0x10000
    for n in range(size):
        if PyUnicode_READ(kind, data, n) >= least:
            return True
    return False


def bounds(edits):
    """Return where each edit begins and ends in the source, and where what it puts in does in the edited text."""
    cdef list starts = [], ends = [], out_starts = [], out_ends = []
    cdef Py_ssize_t shift = 0, start, end
    cdef tuple edit, span
    for row in edits:
        edit = fields(row, 4)
        span = fields(edit[0], 2)
        start, end = span[0], span[1]
        starts.append(span[0])
        ends.append(span[1])
        out_starts.append(start + shift)
        shift += len(<str> edit[2]) - (end - start)
        out_ends.append(end + shift)
    return starts, ends, out_starts, out_ends


cdef struct Middle:
    Py_ssize_t start, end  # in the text between the two


def compose(first, second):
    """Return the edits that do at once what *first* and then *second* do, with the causes of both."""
    cdef Py_ssize_t n = len(first), m = len(second), i = 0, j = 0, k, a, b, start, end, shift, hull_end
    cdef Middle *middle = NULL
    cdef list out = []
    cdef tuple edit, span
    if n == 0 or m == 0:
        return list(first or second)
    middle = <Middle *> malloc(n * sizeof(Middle))
    if middle == NULL:
        raise MemoryError
    try:
        shift = 0
        for k in range(n):
            edit = fields(first[k], 4)
            span = fields(edit[0], 2)
            start, end = span[0], span[1]
            middle[k].start = start + shift
            shift += len(<str> edit[2]) - (end - start)
            middle[k].end = end + shift
        while j < m:
            edit = fields(second[j], 4)
            span = fields(edit[0], 2)
            start, end = span[0], span[1]
            # The edits of *first* before this one stay as they are.
            while i < n and middle[i].end <= start:
                add(out, first[i])
                i += 1
            if i == n or end <= middle[i].start:
                shift = end_of(first[i - 1]) - middle[i - 1].end if i else 0  # from the middle text to the source
                if shift:
                    moved = new_span(Place, start + shift, end + shift)
                    add(out, new_edit(Edit, moved, edit[1], edit[2], edit[3]))
                else:
                    add(out, edit)
                j += 1
                continue
            a, b, hull_end = i, j, max(middle[i].end, end)
            i, j = i + 1, j + 1
            while True:
                if i < n and middle[i].start < hull_end:
                    hull_end, i = max(hull_end, middle[i].end), i + 1
                elif j < m and <Py_ssize_t> fields(fields(second[j], 4)[0], 2)[0] < hull_end:
                    hull_end, j = max(hull_end, end_of(second[j])), j + 1
                else:
                    break
            if j - b == 1 and not edit[2] and deletes_all(first, a, i):
                split_deletion(out, first, middle, a, i, edit)
            else:
                places = [new_span(Place, middle[k].start, middle[k].end) for k in range(a, i)]
                for merged in python.merged(first[a:i], places, second[b:j], hull_end):
                    add(out, merged)
        while i < n:
            add(out, first[i])
            i += 1
    finally:
        free(middle)
    return out


cdef bint deletes_all(edits, Py_ssize_t a, Py_ssize_t b) except -1:
    cdef Py_ssize_t n
    for n in range(a, b):
        if fields(edits[n], 4)[2]:
            return False
    return True


cdef int split_deletion(list out, first, Middle *middle, Py_ssize_t a, Py_ssize_t b, tuple deletion) except -1:
    """Add *deletion* in the pieces that the deletions first[a:b] leave of it, and those: twin of `_split_deletion`."""
    cdef Py_ssize_t start = fields(deletion[0], 2)[0], at = min(middle[a].start, start), n
    cdef Py_ssize_t source = <Py_ssize_t> fields(fields(first[a], 4)[0], 2)[0] - (middle[a].start - at)
    cdef str part, before = deletion[1]
    for n in range(a, b + 1):
        part = before[at - start : middle[n].start - start] if n < b else before[at - start :]
        place = new_span(Place, source, source + len(part))
        add(out, new_edit(Edit, place, part, "", deletion[3]))
        if n < b:
            add(out, first[n])
            at, source = middle[n].start, end_of(first[n])
    return 0


cdef Py_ssize_t end_of(edit) except -1:
    return fields(fields(edit, 4)[0], 2)[1]


cdef int add(list out, new) except -1:
    """Add one edit; what changes nothing is left out, two insertions at one place become one."""
    cdef tuple edit = fields(new, 4), last
    if edit[1]:
        if <str> edit[1] != <str> edit[2]:
            out.append(new)
    elif edit[2]:
        if out:
            last = <tuple> out[len(out) - 1]
            if not last[1] and fields(last[0], 2)[1] == fields(edit[0], 2)[0]:
                python.extend(out, (new,))
                return 0
        out.append(new)
    return 0


cdef struct Stretch:
    Py_ssize_t start, end


def move(span, list starts, list ends, list to_starts, list to_ends):
    """Return where *span* stands on the other side of edits, given where they begin and end on either."""
    cdef Stretch there = moved(fields(span, 2), starts, ends, to_starts, to_ends)
    return new_span(Place, there.start, there.end)


cdef Stretch moved(tuple place, list starts, list ends, list to_starts, list to_ends) except *:
    cdef Py_ssize_t start = place[0], end = place[1], n
    cdef Stretch there
    n = first_above(starts, start) - 1
    if n < 0:
        there.start = start
    elif start >= <Py_ssize_t> ends[n]:
        there.start = start - <Py_ssize_t> ends[n] + <Py_ssize_t> to_ends[n]
    else:
        there.start = to_starts[n]
    there.end = there.start
    if end <= start:
        return there
    n = first_above(ends, end - 1)
    if n >= len(ends) or end <= <Py_ssize_t> starts[n]:
        there.end = end - <Py_ssize_t> ends[n - 1] + <Py_ssize_t> to_ends[n - 1] if n else end
    else:
        there.end = to_ends[n]
    there.end = max(there.start, there.end)
    return there


def traced(findings, edits):
    """Return *findings* of the text that *edits* gave with their spans in the text the edits were made of."""
    cdef list starts, ends, out_starts, out_ends, out = []
    cdef tuple finding, span
    cdef Stretch there
    starts, ends, out_starts, out_ends = bounds(edits)
    for found in findings:
        finding = fields(found, 3)
        span = fields(finding[0], 2)
        there = moved(span, out_starts, out_ends, starts, ends)
        if there.start == <Py_ssize_t> span[0] and there.end == <Py_ssize_t> span[1]:
            out.append(found)  # most stand before all that was edited
        else:
            out.append(new_finding(Found, new_span(Place, there.start, there.end), finding[1], finding[2]))
    return out


cdef Py_ssize_t first_above(list numbers, Py_ssize_t least) except -1:
    """Return how many of *numbers*, which ascend, are *least* or less."""
    cdef Py_ssize_t low = 0, high = len(numbers), middle
    while low < high:
        middle = (low + high) // 2
        if <Py_ssize_t> numbers[middle] <= least:
            low = middle + 1
        else:
            high = middle
    return low


def shared(str a, str b):
    """Return how many code points *a* and *b* begin with alike."""
    cdef Py_ssize_t n = 0, least = min(len(a), len(b))
    while n < least and a[n] == b[n]:
        n += 1
    return n


def move_lines(starts, ends, list edit_starts, list edit_ends, list to_starts, list to_ends):
    """Return what `move` makes of each of many spans, in order and none overlapping another."""
    cdef Py_ssize_t m = len(edit_starts), i, n = 0, k = 0, shift = 0, end_shift = 0, start, end
    cdef list new_starts = [], new_ends = []
    if not m == len(edit_ends) == len(to_starts) == len(to_ends) or len(starts) != len(ends):
        raise ValueError("columns must be of one length")
    for i in range(len(starts)):
        start, end = starts[i], ends[i]
        while n < m and start >= <Py_ssize_t> edit_ends[n]:
            shift = <Py_ssize_t> to_ends[n] - <Py_ssize_t> edit_ends[n]
            n += 1
        start = to_starts[n] if n < m and start >= <Py_ssize_t> edit_starts[n] else start + shift
        while k < m and end > <Py_ssize_t> edit_ends[k]:
            end_shift = <Py_ssize_t> to_ends[k] - <Py_ssize_t> edit_ends[k]
            k += 1
        end = to_ends[k] if k < m and end > <Py_ssize_t> edit_starts[k] else end + end_shift
        new_starts.append(start)
        new_ends.append(max(start, end))
    return new_starts, new_ends
