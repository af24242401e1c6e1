# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""What the line model found, told as findings: twin of `siglum.cleaners.content.line_findings`."""

from libc.math cimport rint
from libc.stdint cimport int64_t

from siglum.native.named cimport named, settled

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


def line_findings(reading, dict labels, tuple starts, tuple ends, double low, double high):
    """Return what goes, a finding a run of lines, and what is not sure enough to go."""
    cdef list keep = reading.keep, words = reading.words, company = reading.company, repeats = reading.repeats
    cdef Py_ssize_t m = len(keep), n, i, first, begin, end
    cdef double chance
    cdef list found = []
    if not m == len(words) == len(company) == len(repeats) <= min(len(starts), len(ends)):
        raise ValueError(f"lines are told apart in {m} chances, and stand at {len(starts)} places")
    begin, end = reading.stretch
    n = 0
    while n < m:
        if <double> keep[n] >= low:
            n += 1
            continue
        first, chance = n, keep[n]
        n += 1
        # Lines that go together are told together, but for labels: each of those has a name of its own.
        if labels.get(first) is None:
            while n < m and <double> keep[n] < low and labels.get(n) is None:
                chance = max(chance, <double> keep[n])
                n += 1
        why = reason(words, company, repeats, first, n - 1, begin, end)
        found.append(settled(named(Found, (placed(starts, ends, first, n - 1), told(chance, why), ""))))
    n = 0
    while n < m:
        if not low <= <double> keep[n] < high:
            n += 1
            continue
        first, chance = n, keep[n]
        n += 1
        while n < m and low <= <double> keep[n] < high:
            chance = min(chance, <double> keep[n])
            n += 1
        found.append(settled(named(Found, (placed(starts, ends, first, n - 1), told(chance, python.UNSURE), None))))
    return found


cdef object placed(tuple starts, tuple ends, Py_ssize_t first, Py_ssize_t last):
    return settled(named(Place, (starts[first], ends[last])))


cdef object told(double keep, str why):
    cdef int thousandths = <int> rint(min(max(keep, 0.0), 1.0) * 1000)
    return settled(named(Why, ("content/lines", "content", confidences[thousandths], NOTHING, why, "", "")))


cdef str reason(
    list words, list company, list repeats, Py_ssize_t first, Py_ssize_t last, Py_ssize_t begin, Py_ssize_t end
):
    """Return in words what sets a run apart: twin of `siglum.content.lines.Reading.reasons`."""
    cdef Py_ssize_t away = 0, i
    cdef int64_t a = 0, b = 0, c = 0, asked  # of one line: words, company, repeated; of more: lines, short, repeated
    if last < begin:
        away = max(last - begin, -many)
    elif first >= end:
        away = min(first - end + 1, many)
    if first == last:
        a, b = <int> min(<double> words[first], <double> many), min(<int> company[first], many)
        c = <int> repeats[first] > 1
    else:
        a = last + 1 - first
        for i in range(first, last + 1):
            b += <double> words[i] < short_words
            c += <int> repeats[i] > 1
    # No reason tells two numbers beyond `many` apart, but whether all lines of a run are short.
    asked = (((first == last) * 2 + (a == b)) * BASE + min(a, many)) * BASE + min(b, many)
    asked = (asked * BASE + min(c, many)) * BASE + (away + many + 1 if begin != end else 0)
    why = reasons.get(asked)
    if why is None:
        far = away if begin != end else None
        why = model.reason_of_one(a, b, bool(c), far) if first == last else model.reason_of_many(a, b, c, far)
        reasons[asked] = why
    return why
