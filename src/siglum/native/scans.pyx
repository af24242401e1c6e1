# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""One pass over the characters of a text, each looked up in a table: twins of what cleaners ask a text first."""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND, PyUnicode_READ
from libc.stdint cimport uint8_t, uint16_t, uint32_t

from siglum.native.blanks cimport next_break
from siglum.native.characters cimport Char

cdef enum:
    BEYOND = 0x10000  # where a table speaks of all characters beyond U+FFFF
    SIZE = BEYOND + 1
    PLANE_14 = BEYOND + 1  # where a table of kinds speaks of what is from U+E0000 on: tags, and more selectors
    KINDS = PLANE_14 + 1


cdef inline uint8_t row_of(const uint8_t *table, uint32_t c) noexcept:
    return table[c if c < BEYOND else BEYOND]


cdef inline uint8_t kind_of(const uint8_t *table, uint32_t c) noexcept:
    return table[c if c < BEYOND else PLANE_14 if c >> 16 == 0xE else BEYOND]


cdef class Kinds:
    """Which kinds of characters a text holds, and where."""

    cdef const uint8_t[::1] table

    def __init__(self, const uint8_t[::1] table not None):
        """*table* has the bits of the kinds of each character of the BMP, of all others, and of those of plane 14."""
        if table.shape[0] != KINDS:
            raise ValueError("a table of kinds has one row a character of the BMP, and two more")
        self.table = table

    def held(self, str text not None):
        """Return the bits of all characters of *text*: twin of `siglum.cleaners.embedded._held`."""
        cdef const void *data = PyUnicode_DATA(text)
        cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
        cdef int kind = PyUnicode_KIND(text)
        if kind == 1:
            return all_bits(&self.table[0], <const uint8_t *> data, size)
        if kind == 2:
            return all_bits(&self.table[0], <const uint16_t *> data, size)
        return all_bits(&self.table[0], <const uint32_t *> data, size)

    def runs(self, str text not None, uint8_t bits):
        """Return start and end of each run of characters with one of *bits*: twin of `siglum.cleaners.embedded._runs`."""
        cdef const void *data = PyUnicode_DATA(text)
        cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
        cdef int kind = PyUnicode_KIND(text)
        if kind == 1:
            return all_runs(&self.table[0], <const uint8_t *> data, size, bits)
        if kind == 2:
            return all_runs(&self.table[0], <const uint16_t *> data, size, bits)
        return all_runs(&self.table[0], <const uint32_t *> data, size, bits)


cdef int all_bits(const uint8_t *table, const Char *text, Py_ssize_t size) noexcept:
    cdef uint8_t bits = 0
    cdef Py_ssize_t i
    for i in range(size):
        bits |= kind_of(table, text[i])
    return bits


cdef list all_runs(const uint8_t *table, const Char *text, Py_ssize_t size, uint8_t bits):
    cdef list runs = []
    cdef Py_ssize_t i = 0, start
    while i < size:
        if kind_of(table, text[i]) & bits:
            start = i
            while i < size and kind_of(table, text[i]) & bits:
                i += 1
            runs.append((start, i))
        i += 1
    return runs


cdef class Threes:
    """Where a character, with the one before and the one after, may be what a pattern finds.

    Twin of `siglum.cleaners.mojibake._trigger`, whose pattern judges each place told here.
    """

    cdef const uint8_t[::1] table
    cdef const uint32_t[::1] conditions

    def __init__(self, const uint8_t[::1] table not None, const uint32_t[::1] conditions not None):
        """*table* has the kind of each character, *conditions* by kind what it meets before, at and after a place."""
        if table.shape[0] != SIZE or 3 * (max(table) + 1) > conditions.shape[0]:
            raise ValueError("a table has one row a character of the BMP, and one more; of each kind three conditions")
        self.table, self.conditions = table, conditions

    def first(self, str text not None, Py_ssize_t begin, Py_ssize_t end):
        """Return the first place of text[begin:end] for which a condition holds, -1 where there is none."""
        cdef const void *data = PyUnicode_DATA(text)
        cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
        cdef int kind = PyUnicode_KIND(text)
        begin, end = max(begin, 0), min(end, size)
        if kind == 1:
            return first_place(self, <const uint8_t *> data, begin, end, size)
        if kind == 2:
            return first_place(self, <const uint16_t *> data, begin, end, size)
        return first_place(self, <const uint32_t *> data, begin, end, size)


cdef Py_ssize_t first_place(
    Threes threes, const Char *text, Py_ssize_t begin, Py_ssize_t end, Py_ssize_t size
) noexcept:
    cdef const uint8_t *table = &threes.table[0]
    cdef const uint32_t *conditions = &threes.conditions[0]  # three of each kind
    cdef uint32_t met
    cdef Py_ssize_t i
    for i in range(begin, end):
        met = conditions[3 * row_of(table, text[i]) + 1]
        if met == 0:
            continue
        # Where the text ends, every condition holds: the pattern knows better.
        if i > 0:
            met &= conditions[3 * row_of(table, text[i - 1])]
        if met and i + 1 < size:
            met &= conditions[3 * row_of(table, text[i + 1]) + 2]
        if met:
            return i
    return -1


def gaps_amiss(str text not None, Py_ssize_t start, Py_ssize_t end):
    """Return where gaps stand in text[start:end] that may have to be mended: twin of `siglum.cleaners.layout`."""
    cdef int kind = PyUnicode_KIND(text)
    cdef const void *data = PyUnicode_DATA(text)
    cdef Py_ssize_t feed = -1, turn = -1, begin, at, after, breaks
    cdef bint amiss
    cdef list found = []
    end = min(end, PyUnicode_GET_LENGTH(text))
    start = max(start, 0)
    while start < end:
        at = next_break(text, start, end, &feed, &turn)  # the first of a gap
        if at == end:
            break
        begin = at
        while begin > start and is_blank(PyUnicode_READ(kind, data, begin - 1)):
            begin -= 1
        amiss, breaks = begin < at, 0
        after = at
        while after < end and is_break(PyUnicode_READ(kind, data, after)):
            amiss = amiss or after > at or PyUnicode_READ(kind, data, after) == c"\r"
            breaks += 1
            after += 1
            at = after  # what is blank from here on belongs to the gap where a break follows
            while after < end and is_blank(PyUnicode_READ(kind, data, after)):
                after += 1
        if amiss or breaks > 2:
            found.append((begin, at))
        start = at
    return found


cdef inline bint is_break(Py_UCS4 c) noexcept:
    return c == c"\n" or c == c"\r"


cdef inline bint is_blank(Py_UCS4 c) noexcept:
    """Tell whether *c* is of the class `_BLANK` of `siglum.cleaners.layout`."""
    if c < 0x80:
        return c == c" " or c == c"\t" or c == 0x0B or c == 0x0C
    return c == 0xA0 or c == 0x1680 or 0x2000 <= c <= 0x200A or c == 0x202F or c == 0x205F or c == 0x3000
