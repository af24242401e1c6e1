# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""A report as it is written: twins of `siglum.report`, which make no row that nobody asks for.

The text is walked once, for bytes and lines together.
"""

from cython cimport final
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.unicode cimport Py_UNICODE_ISSPACE, PyUnicode_DATA, PyUnicode_KIND, PyUnicode_READ
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy, strlen

import orjson

from siglum.native.characters cimport Char
from siglum.native.named cimport fields

from siglum import report as python
from siglum.document import NOTHING

cdef enum:
    LONGEST = 6  # bytes that one code point of a text may become in JSON: \u0000
    PIECE = 4096  # code points of a text that are written at a time
    DIGITS = 20  # of a number of 64 bits
    EIGHT = 8
    LITERAL = 512  # bytes that hold the names of a row's first fields and their numbers

cdef uint64_t ONES = 0x0101010101010101

cdef double little = python.LITTLE_RISK, some = python.SOME_RISK
cdef char *HEX = b"0123456789abcdef"
cdef dict written = {}  # numbers with a point -> how JSON has them


@final
cdef class Json:
    """Bytes of JSON that grow, as orjson would write them."""

    cdef char *data
    cdef Py_ssize_t size, room
    cdef bint lone  # a lone surrogate was met, for which there are no such bytes

    def __dealloc__(self):
        free(self.data)

    cdef int grow(self, Py_ssize_t more) except -1:
        """Make room for *more* bytes, where there is none."""
        cdef Py_ssize_t room = max(2 * self.room, self.size + more, 4 * PIECE)
        cdef char *data = <char *> realloc(self.data, room)
        if data == NULL:
            raise MemoryError
        self.data, self.room = data, room
        return 0

    cdef int put_bytes(self, bytes text) except -1:
        cdef Py_ssize_t size = PyBytes_GET_SIZE(text)
        need(self, size)
        memcpy(self.data + self.size, PyBytes_AS_STRING(text), size)
        self.size += size
        return 0

    cdef int put_real(self, number) except -1:
        found = written.get(number) if type(number) is float and number else None  # -0.0 is 0.0 to a dict
        if found is None:
            found = orjson.dumps(number)
            if type(number) is float and number and len(written) < PIECE:
                written[number] = found
        return self.put_bytes(found)

    cdef int put_text(self, str text) except -1:
        cdef int kind = PyUnicode_KIND(text)
        cdef const char *data = <const char *> PyUnicode_DATA(text)
        cdef Py_ssize_t at = 0, size = len(text), part
        cdef char *out
        put(self, '"')
        while at < size:
            part = min(size - at, PIECE)
            need(self, LONGEST * part)
            out = self.data + self.size
            if kind == 1:
                out = quoted(out, <const uint8_t *> data + at, part, &self.lone)
            elif kind == 2:
                out = quoted(out, <const uint16_t *> data + at, part, &self.lone)
            else:
                out = quoted(out, <const uint32_t *> data + at, part, &self.lone)
            at += part
            self.size = out - self.data
        return put(self, '"')

    cdef int put_texts(self, texts) except -1:
        cdef bint first = True
        for text in texts:
            put(self, "[" if first else ",")
            self.put_text(text)
            first = False
        return put(self, "[]" if first else "]")

    cdef bytes told(self):
        """Return what was written; None where a lone surrogate was."""
        return None if self.lone else PyBytes_FromStringAndSize(self.data, self.size)


cdef inline int need(Json json, Py_ssize_t more) except -1:
    """Make room for *more* bytes."""
    return json.grow(more) if json.size + more > json.room else 0


cdef inline int put(Json json, const char *text) except -1:
    """Write *text*, a literal: its length is known where this is compiled."""
    need(json, LITERAL)
    json.size = copied(json.data + json.size, text) - json.data
    return 0


cdef inline char *copied(char *out, const char *text) noexcept:
    cdef size_t size = strlen(text)
    memcpy(out, text, size)
    return out + size


cdef inline char *number(char *out, Py_ssize_t n) noexcept:
    """Write *n* and return where what comes next is written."""
    cdef char digits[DIGITS]
    cdef int at = DIGITS
    if n < 0:
        out[0] = c"-"
        out, n = out + 1, -n
    while True:
        at -= 1
        digits[at] = <char> (c"0" + n % 10)
        n //= 10
        if not n:
            break
    memcpy(out, digits + at, DIGITS - at)
    return out + DIGITS - at


cdef inline char *bounds(char *out, Py_ssize_t start, Py_ssize_t end) noexcept:
    out[0] = c"["
    out = number(out + 1, start)
    out[0] = c","
    out = number(out + 1, end)
    out[0] = c"]"
    return out + 1


cdef inline bint plain(const char *text) noexcept:
    """Tell whether eight bytes are ASCII that stands in JSON as it is.

    A byte is zero where its highest bit is set in ``(x - 1) & ~x``, and below 0x20 where it is in ``(x - 0x20) & ~x``;
    of several the lowest is told surely, which is enough (H. S. Warren, Hacker's Delight, 6-1).
    """
    cdef uint64_t x, quote, slash
    memcpy(&x, text, EIGHT)
    quote, slash = x ^ ONES * c'"', x ^ ONES * c"\\"
    return not ((x - ONES * 0x20) & ~x | (quote - ONES) & ~quote | (slash - ONES) & ~slash | x) & ONES * 0x80


cdef char *quoted(char *out, const Char *units, Py_ssize_t size, bint *lone) noexcept:
    """Write code points as they stand between quotes; *lone* tells of a surrogate. Return where what comes next is."""
    cdef Py_ssize_t n = 0
    cdef uint32_t c
    while n < size:
        if sizeof(Char) == 1 and size - n >= EIGHT and plain(<const char *> units + n):
            memcpy(out, units + n, EIGHT)
            out, n = out + EIGHT, n + EIGHT
            continue
        c = units[n]
        n += 1
        if c < 0x20 or c == c'"' or c == c"\\":
            out = escaped(out, c)
        elif c < 0x80:
            out[0] = <char> c
            out += 1
        else:
            lone[0] |= 0xD800 <= c < 0xE000
            out = in_bytes(out, c)
    return out


cdef inline char *in_bytes(char *out, uint32_t c) noexcept:
    """Write *c*, which is not ASCII, in UTF-8, and return where what comes next is written."""
    if c < 0x800:
        out[0] = <char> (0xC0 | c >> 6)
        out += 1
    elif c < 0x10000:
        out[0] = <char> (0xE0 | c >> 12)
        out[1] = <char> (0x80 | c >> 6 & 0x3F)
        out += 2
    else:
        out[0] = <char> (0xF0 | c >> 18)
        out[1] = <char> (0x80 | c >> 12 & 0x3F)
        out[2] = <char> (0x80 | c >> 6 & 0x3F)
        out += 3
    out[0] = <char> (0x80 | c & 0x3F)
    return out + 1


cdef inline char *escaped(char *out, uint32_t c) noexcept:
    """Write *c*, which may not stand in JSON as it is, and return where what comes next is written."""
    cdef char letter = 0
    if c == c'"' or c == c"\\":
        letter = <char> c
    elif c == c"\n":
        letter = c"n"
    elif c == c"\r":
        letter = c"r"
    elif c == c"\t":
        letter = c"t"
    elif c == 8:
        letter = c"b"
    elif c == 12:
        letter = c"f"
    out[0] = c"\\"
    if letter:
        out[1] = letter
        return out + 2
    out[1], out[2], out[3], out[4], out[5] = c"u", c"0", c"0", HEX[c >> 4], HEX[c & 15]
    return out + 6


@final
cdef class Walk:
    """Counts UTF-8 bytes and ended lines on the way through a text, which is only walked forward."""

    cdef str text
    cdef int kind
    cdef const void *data
    cdef Py_ssize_t size, at, bytes, lines
    cdef bint has_returns

    def __init__(self, str text):
        self.text, self.has_returns = text, "\r" in text
        self.kind, self.data, self.size = PyUnicode_KIND(text), PyUnicode_DATA(text), len(text)

    cdef int to(self, Py_ssize_t position) except -1:
        cdef Py_ssize_t at = self.at, size = position - at
        if not at <= position <= self.size:
            raise ValueError(f"positions must not descend: {position} after {at}, of {self.size} code points")
        self.bytes += size
        if self.kind == 1:
            pass_over(<const uint8_t *> self.data + at, size, &self.bytes, &self.lines)
        elif self.kind == 2:
            pass_over(<const uint16_t *> self.data + at, size, &self.bytes, &self.lines)
        else:
            pass_over(<const uint32_t *> self.data + at, size, &self.bytes, &self.lines)
        if self.has_returns:
            for at in range(at, position):
                if self.text[at] == "\r" and (at + 1 == self.size or self.text[at + 1] != "\n"):
                    self.lines += 1
        self.at = position
        return 0


cdef void pass_over(const Char *units, Py_ssize_t size, Py_ssize_t *bytes, Py_ssize_t *lines) noexcept:
    """Add the bytes that code points have beyond one each, and the line feeds among them."""
    cdef Py_ssize_t n, more = 0, feeds = 0
    cdef uint32_t c
    for n in range(size):
        c = units[n]
        more += (c >= 0x80) + (c >= 0x800) + (c >= 0x10000)
        feeds += c == c"\n"
    bytes[0] += more
    lines[0] += feeds


def written_edits(str source, edits, findings, dict ids, refs):
    """Return the rows of edits as JSON, each as `edit_rows` has it."""
    cdef Json json = Json()
    cdef list names, reasons
    cdef dict known = refs.known
    cdef tuple edit, span, places, evidence, told
    cdef str before, after
    cdef Py_ssize_t start, end, out, shift = 0, n = 0, start_byte, start_line, end_line
    cdef double sure
    cdef bint may_be_told
    cdef Py_ssize_t place
    cdef Walk walk = Walk(source)
    cdef char *at
    put(json, "[")
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
        names, reasons = [], []
        category, surest, may_be_told = "other", 1.0, False
        for place in range(len(places)):
            evidence = fields(fields(findings[places[place]], 3)[1], 7)
            told = known.get(evidence[0])
            if told is None:
                told = refs.told(evidence)
            if told[0] not in names:
                names.append(told[0])
            if evidence[4] != told[1] and evidence[4] not in reasons:
                reasons.append(evidence[4])
            if place == 0:
                category, surest = evidence[1], evidence[2]
            elif evidence[2] > surest:
                surest = evidence[2]
            may_be_told = may_be_told or evidence[1] == "credit" or places[place] in ids
        sure = surest
        need(json, LITERAL)
        at = json.data + json.size
        at = copied(at, ',{"id":"e' if n > 1 else '{"id":"e')
        at = number(at, n)
        at = copied(at, '","op":"insert"' if not before else '","op":"replace"' if after else '","op":"delete"')
        at = bounds(copied(at, ',"src":'), start, end)
        at = bounds(copied(at, ',"src_bytes":'), start_byte, walk.bytes)
        at = bounds(copied(at, ',"out":'), out, end + shift)
        at = bounds(copied(at, ',"src_lines":'), start_line, end_line)
        json.size = copied(at, ',"del":') - json.data
        json.put_text(before)
        put(json, ',"ins":')
        json.put_text(after)
        put(json, ',"rules":')
        json.put_texts(names)
        put(json, ',"category":')
        json.put_text(category)
        put(json, ',"confidence":')
        json.put_real(surest)
        put(json, ',"risk":"none"' if sure >= little else ',"risk":"low"' if sure >= some else ',"risk":"review"')
        put(json, ',"state":"applied"')
        why = "; ".join(reasons) if reasons else ""
        if why:
            put(json, ',"why":')
            json.put_text(why)
        if may_be_told:
            causes = [findings[place][1] for place in places]
            stated = python.stated_by(places, causes, findings, ids, found[0])
            if stated:
                put(json, ',"findings":')
                json.put_texts(stated)
        put(json, "}")
    put(json, "]")
    return json.told()


def tallied(edits, findings):
    """Return the highest risk of *edits* and the rules behind them, by name."""
    cdef dict counts = {}
    cdef double worst = 1.0, surest
    cdef tuple edit, places, evidence, told
    cdef Py_ssize_t taken, n
    cdef list rules = []
    for found in edits:
        edit = fields(found, 4)
        places = edit[3]
        taken = len(<str> edit[1]) - len(<str> edit[2])
        surest = 0.0 if places else 1.0
        rules.clear()
        for place in places:
            evidence = fields(fields(findings[place], 3)[1], 7)
            surest = max(surest, <double> evidence[2])
            if evidence[0] in rules:
                continue
            rules.append(evidence[0])
            told = counts.get(evidence[0])
            if told is None:
                counts[evidence[0]] = (evidence[1], 1, taken)
            else:
                counts[evidence[0]] = (told[0], <Py_ssize_t> told[1] + 1, <Py_ssize_t> told[2] + taken)
        worst = min(worst, surest)
    return python.risk_of(worst), tuple([(rule, *counts[rule]) for rule in sorted(counts)])


def listed(findings):
    """Return which of *findings* the report lists."""
    cdef tuple finding, evidence, elsewhere = python.TOLD_ELSEWHERE
    cdef list found = []
    cdef Py_ssize_t n
    for n in range(len(findings)):
        finding = fields(findings[n], 3)
        evidence = fields(finding[1], 7)
        if finding[2] is not None and evidence[3] is NOTHING and not evidence[5]:
            continue  # most of them
        if (finding[2] is None or evidence[5] or "method" in evidence[3]) and evidence[1] not in elsewhere:
            found.append(n)
    return found


def written_findings(str source, findings, dict ids, refs):
    """Return the rows of the findings that *ids* names by place as JSON, each as `finding_row` has it."""
    cdef Json json = Json()
    cdef tuple finding, span, evidence, told
    cdef dict known = refs.known
    cdef str why
    cdef char *at
    put(json, "[")
    for n, id in ids.items():
        finding = fields(findings[n], 3)
        span, evidence = fields(finding[0], 2), fields(finding[1], 7)
        told = known.get(evidence[0])
        if told is None:
            told = refs.told(evidence)
        put(json, ',{"id":' if json.size > 1 else '{"id":')
        json.put_text(id)
        put(json, ',"rule":')
        json.put_text(told[0])
        need(json, LITERAL)
        at = bounds(copied(json.data + json.size, ',"src":'), span[0], span[1])
        json.size = copied(at, ',"category":') - json.data
        json.put_text(evidence[1])
        put(json, ',"confidence":')
        json.put_real(evidence[2])
        put(json, ',"quote":')
        json.put_text(evidence[5] or source[<Py_ssize_t> span[0] : <Py_ssize_t> span[1]])
        if evidence[6]:
            put(json, ',"place":')
            json.put_text(evidence[6])
        if evidence[3]:
            try:
                claims = orjson.dumps(dict(evidence[3]))
            except TypeError:
                return None
            put(json, ',"claims":')
            json.put_bytes(claims)
        why = evidence[4]
        if why and why != told[1]:
            put(json, ',"why":')
            json.put_text(why)
        put(json, "}")
    put(json, "]")
    return json.told()


def written_segments(str clean_text, starts, ends, out_starts, out_ends, tags):
    """Return the rows of lines as JSON, each as `segment_rows` has it."""
    cdef int kind = PyUnicode_KIND(clean_text)
    cdef const void *data = PyUnicode_DATA(clean_text)
    cdef Py_ssize_t i, first, stop, at, last, size = len(clean_text)
    cdef Json json = Json()
    cdef char *to
    cdef tuple tag
    if not len(starts) == len(ends) == len(out_starts) == len(out_ends) == len(tags):
        raise ValueError("columns must be of one length")
    put(json, "[")
    for i in range(len(tags)):
        tag = fields(tags[i], 3)
        first, stop = out_starts[i], out_ends[i]
        at, last = max(first, 0), min(stop, size)
        while at < last and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, at)):
            at += 1
        need(json, LITERAL)
        to = copied(json.data + json.size, ',{"src":' if i else '{"src":')
        to = copied(bounds(to, starts[i], ends[i]), ',"out":')
        to = bounds(to, first, stop) if at < last else copied(to, "null")
        json.size = copied(to, ',"lang":') - json.data
        json.put_text(tag[0])
        put(json, ',"confidence":')
        json.put_real(tag[1])
        if tag[2]:
            put(json, ',"alternatives":')
            json.put_texts(tag[2])
        put(json, "}")
    put(json, "]")
    return json.told()
