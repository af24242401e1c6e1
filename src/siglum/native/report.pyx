# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The rows of a report: twins of `siglum.report`. The text is walked once, for bytes and lines together."""

from cpython.unicode cimport Py_UNICODE_ISSPACE, PyUnicode_DATA, PyUnicode_KIND, PyUnicode_READ

from siglum.native.named cimport fields

from siglum import report as python


cdef class Walk:
    """Counts UTF-8 bytes and ended lines on the way through a text, which is only walked forward."""

    cdef str text
    cdef int kind
    cdef const void *data
    cdef Py_ssize_t size, at, bytes, lines

    def __init__(self, str text):
        self.text = text
        self.kind, self.data, self.size = PyUnicode_KIND(text), PyUnicode_DATA(text), len(text)

    cdef int to(self, Py_ssize_t position) except -1:
        cdef Py_UCS4 c
        cdef int kind = self.kind
        cdef const void *data = self.data
        cdef Py_ssize_t at = self.at, bytes = self.bytes, lines = self.lines
        if not at <= position <= self.size:
            raise ValueError(f"positions must not descend: {position} after {at}, of {self.size} code points")
        while at < position:
            c = PyUnicode_READ(kind, data, at)
            at += 1
            bytes += 1 + (c >= 0x80) + (c >= 0x800) + (c >= 0x10000)
            if c == c"\n":
                lines += 1
            elif c == c"\r" and (at == self.size or PyUnicode_READ(kind, data, at) != c"\n"):
                lines += 1
        self.at, self.bytes, self.lines = at, bytes, lines
        return 0


def edit_rows(str source, edits, findings, dict ids, refs):
    """Return one row for each edit, as the report tells it when nothing is asked for but what is always told."""
    cdef list rows = [], causes, names, reasons
    cdef dict known = refs.known, row
    cdef tuple edit, span, places, evidence, told
    cdef str before, after
    cdef Py_ssize_t start, end, out, shift = 0, n = 0, start_byte, start_line
    cdef double sure
    cdef bint may_be_told
    cdef Py_ssize_t place
    cdef Walk walk = Walk(source)
    for found in edits:
        n += 1
        edit = fields(found, 4)
        span = fields(edit[0], 2)
        start, end, before, after, places = span[0], span[1], edit[1], edit[2], edit[3]
        walk.to(start)
        start_byte, start_line = walk.bytes, walk.lines + 1
        walk.to(max(start, end - 1))
        end_line = walk.lines + 1
        walk.to(end)
        out = start + shift
        shift += len(after) - len(before)
        causes = [fields(fields(findings[cause], 3)[1], 7) for cause in places]
        names, reasons = [], []
        category, surest, may_be_told = "other", 1.0, False
        for place in range(len(causes)):
            evidence = <tuple> causes[place]
            told = known.get(evidence[0])
            if told is None:
                told = refs.told(causes[place])
            if told[0] not in names:
                names.append(told[0])
            if evidence[4] != told[1] and evidence[4] not in reasons:
                reasons.append(evidence[4])
            if place == 0:
                category, surest = evidence[1], evidence[2]
            elif evidence[2] > surest:
                surest = evidence[2]
            may_be_told = may_be_told or evidence[1] == "credit" or places[place] in ids
        why = "; ".join(reasons) if reasons else ""
        sure = surest
        row = {
            "id": f"e{n}",
            "op": "insert" if not before else "replace" if after else "delete",
            "src": [start, end],
            "src_bytes": [start_byte, walk.bytes],
            "out": [out, end + shift],
            "src_lines": [start_line, end_line],
            "del": before,
            "ins": after,
            "rules": names,
            "category": category,
            "confidence": surest,
            "risk": "none" if sure >= 0.98 else "low" if sure >= 0.9 else "review",
            "state": "applied",
        }
        if why:
            row["why"] = why
        if may_be_told:
            stated = python.stated_by(places, causes, findings, ids, found[0])
            if stated:
                row["findings"] = stated
        rows.append(row)
    return rows


def listed(findings):
    """Return which of *findings* the report lists."""
    cdef tuple finding, evidence, elsewhere = python.TOLD_ELSEWHERE
    cdef list found = []
    cdef Py_ssize_t n
    for n in range(len(findings)):
        finding = fields(findings[n], 3)
        evidence = fields(finding[1], 7)
        if (finding[2] is None or evidence[5] or "method" in evidence[3]) and evidence[1] not in elsewhere:
            found.append(n)
    return found


def segment_rows(str clean_text, starts, ends, out_starts, out_ends, tags):
    """Return one row for each line, as the report tells it."""
    cdef int kind = PyUnicode_KIND(clean_text)
    cdef const void *data = PyUnicode_DATA(clean_text)
    cdef Py_ssize_t i, at, stop, size = len(clean_text)
    cdef list rows = []
    cdef dict row
    cdef tuple tag
    if not len(starts) == len(ends) == len(out_starts) == len(out_ends) == len(tags):
        raise ValueError("columns must be of one length")
    for i in range(len(tags)):
        tag = tags[i]
        at, stop = max(<Py_ssize_t> out_starts[i], 0), min(<Py_ssize_t> out_ends[i], size)
        while at < stop and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, at)):
            at += 1
        row = {
            "src": [starts[i], ends[i]],
            "out": [out_starts[i], out_ends[i]] if at < stop else None,
            "lang": tag[0],
            "confidence": tag[1],
        }
        if tag[2]:
            row["alternatives"] = list(tag[2])
        rows.append(row)
    return rows
