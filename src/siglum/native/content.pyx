# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""What the line model found, told as findings: twin of `siglum.cleaners.content.line_findings`."""

from libc.math cimport rint
from libc.stdint cimport int64_t
from libc.stdlib cimport calloc, free

from siglum.native.lines cimport Reading, Told
from siglum.native.named cimport new_evidence, new_finding, new_span
from siglum.native.rows cimport Rows, rows_of

from siglum.cleaners import content as python
from siglum.content import lines as model
from siglum.content.line_shape import SHORT
from siglum.document import NOTHING, Evidence, Finding
from siglum.span import Span

cdef type Found = Finding
cdef type Why = Evidence
cdef type Place = Span
cdef int short_words = SHORT
cdef int64_t many = model.MANY + 1  # from here on a reason tells no number

cdef enum:
    BASE = 64
assert 2 * many + 1 < BASE

cdef list confidences = [round(1 - n / 1000, 3) for n in range(1001)]
cdef dict reasons = {}  # what a run is like, as one number -> the reason in words


def line_findings(Reading reading not None, dict labels not None, rows, double low, double high):
    """Return what goes, a finding a run of lines, and what is not sure enough to go."""
    cdef Rows laid = rows_of(rows)
    cdef Told *lines = reading.lines
    cdef Py_ssize_t m = reading.count, n, first
    cdef double chance
    cdef list found = []
    if m > laid.count:
        raise ValueError(f"{m} lines are told of, and {laid.count} stand in the text")
    cdef char *labelled = <char *> calloc(m + 1, 1)
    if labelled == NULL:
        raise MemoryError
    try:
        for n in labels:
            if 0 <= n < m:
                labelled[n] = True
        n = 0
        while n < m:
            first, chance = n, lines[n].keep
            n += 1
            if chance >= low:
                continue
            # Lines that go together are told together, but for labels: each of those has a name of its own.
            while n < m and lines[n].keep < low and not labelled[first] and not labelled[n]:
                chance = max(chance, lines[n].keep)
                n += 1
            found.append(finding(laid, first, n - 1, chance, reason(reading, first, n - 1), ""))
    finally:
        free(labelled)
    n = 0
    while n < m:
        first, chance = n, lines[n].keep
        n += 1
        if not low <= chance < high:
            continue
        while n < m and low <= lines[n].keep < high:
            chance = min(chance, lines[n].keep)
            n += 1
        found.append(finding(laid, first, n - 1, chance, python.UNSURE, None))
    return found


cdef object finding(Rows rows, Py_ssize_t first, Py_ssize_t last, double keep, str why, str after):
    place = new_span(Place, rows.rows[first].start, rows.rows[last].end)
    return new_finding(Found, place, told(keep, why), after)


cdef object told(double keep, str why):
    cdef int thousandths = <int> rint(min(max(keep, 0.0), 1.0) * 1000)
    return new_evidence(Why, "content/lines", "content", confidences[thousandths], NOTHING, why, "", "")


cdef str reason(Reading reading, Py_ssize_t first, Py_ssize_t last):
    """Return in words what sets a run apart: twin of `siglum.content.lines.Reading.reasons`."""
    cdef Told *lines = reading.lines
    cdef Py_ssize_t begin = reading.begin, end = reading.end
    cdef Py_ssize_t away = 0, i
    cdef int64_t a = 0, b = 0, c = 0, asked  # of one line: words, company, repeated; of more: lines, short, repeated
    if last < begin:
        away = max(last - begin, -many)
    elif first >= end:
        away = min(first - end + 1, many)
    if first == last:
        a, b = <int64_t> min(lines[first].words, <double> many), min(lines[first].company, many)
        c = lines[first].repeats > 1
    else:
        a = last + 1 - first
        for i in range(first, last + 1):
            b += lines[i].words < short_words
            c += lines[i].repeats > 1
    # No reason tells two numbers beyond `many` apart, but whether all lines of a run are short.
    asked = (((first == last) * 2 + (a == b)) * BASE + min(a, many)) * BASE + min(b, many)
    asked = (asked * BASE + min(c, many)) * BASE + (away + many + 1 if begin != end else 0)
    why = reasons.get(asked)
    if why is None:
        far = away if begin != end else None
        why = model.reason_of_one(a, b, bool(c), far) if first == last else model.reason_of_many(a, b, c, far)
        reasons[asked] = why
    return why
