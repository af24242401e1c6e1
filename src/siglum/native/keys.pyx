# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Keys of lines and labels, by a table of what each code point becomes: twins of `siglum.packs.keys`."""

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_FromKindAndData,
    PyUnicode_KIND,
    PyUnicode_READ,
    Py_UNICODE_ISDECIMAL,
)
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc, free

import unicodedata

from siglum.packs import keys as packs

cdef enum:
    LONGEST = 160
    BLOCK = 256  # code points whose keys are worked out together
    BLOCKS = 256  # of the first plane, which is all the table has
    PLANE = 0x10000
    # What the table says of a code point, above the one it becomes:
    ASK = 0x40000000  # it may become several, or join with those around it
    SPACE = 0x20000000
    DECORATION = 0x10000000
    DIGIT = 0x08000000
    CODE = 0x07FFFFFF

# Letters and marks of class 0 that are composed with what stands before them, as Unicode's composites have them.
JOINS = "\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e\u1b35"

cdef uint64_t FIRST = 0xCBF29CE484222325, FACTOR = 0x9E3779B97F4A7C15  # as FNV begins, and 2^64 by the golden ratio

cdef uint32_t key_of[PLANE]
cdef bint known[BLOCKS]
assert LONGEST == packs.LONGEST


def keys_of(tuple lines):
    """Return the keys of *lines*, and which of them hold a digit."""
    cdef list found = [], numbered = []
    cdef Py_ssize_t n = 0
    cdef bint digit = False
    for line in lines:
        found.append(key_and_digit(line, &digit))
        if digit:
            numbered.append(n)
        n += 1
    return tuple(found), numbered


cdef str key_and_digit(str line, bint *digit):
    cdef uint32_t key[LONGEST]
    cdef Py_ssize_t start = 0
    cdef Py_ssize_t size = write_key(line, key, &start, digit)
    if size < 0:
        return asked(line, digit)
    return PyUnicode_FromKindAndData(4, key + start, size)


cdef Py_ssize_t write_key(str line, uint32_t *key, Py_ssize_t *start, bint *digit) except -2:
    """Write the key of *line* to *key*, from *start* on, and return its size in code points.

    -1 says that the table does not know it, and `packs.key` must be asked. *digit* tells whether the key holds one.
    """
    cdef int kind = PyUnicode_KIND(line)
    cdef const void *data = PyUnicode_DATA(line)
    cdef Py_ssize_t size = len(line), at, end = 0, begin = 0
    cdef uint32_t told, c, flags = 0
    digit[0] = False
    start[0] = 0
    if size > LONGEST:
        return 0
    for at in range(size):
        c = PyUnicode_READ(kind, data, at)
        if c >= PLANE:
            return -1
        if not known[c // BLOCK]:
            learn(c // BLOCK)
        told = key_of[c]
        if told & ASK:
            return -1
        if told & SPACE and end and key[end - 1] & SPACE:
            continue
        flags |= told
        key[end] = told
        end += 1
    while end > begin and key[end - 1] & DECORATION:
        end -= 1
    while begin < end and key[begin] & DECORATION:
        begin += 1
    for at in range(begin, end):
        key[at] &= CODE
    digit[0] = flags & DIGIT != 0  # no decoration is a digit
    start[0] = begin
    return end - begin


cdef str asked(str line, bint *digit):
    cdef str key = packs.key(line)
    cdef Py_UCS4 c
    for c in key:
        if Py_UNICODE_ISDECIMAL(c):
            digit[0] = True
            break
    return key


cdef int learn(int block) except -1:
    """Work out what the keys of one block of code points are."""
    cdef int c
    for c in range(block * BLOCK, (block + 1) * BLOCK):
        key_of[c] = told_of(chr(c))
    known[block] = True
    return 0


cdef uint32_t told_of(str character) except? ASK:
    cdef str normal = unicodedata.normalize("NFKC", character), folded = normal.casefold()
    if len(normal) != 1 or len(folded) != 1 or joins(character) or joins(normal):
        return ASK
    if folded.isspace():
        return SPACE | DECORATION | <uint32_t> ord(" ")
    return (
        (DECORATION if folded in packs.DECORATION else 0)
        | (DIGIT if folded.isdecimal() else 0)
        | <uint32_t> ord(folded)
    )


cdef bint joins(str character) except -1:
    """Tell whether *character* may change with what stands before it: a mark, or a letter that one is composed of."""
    return unicodedata.combining(character) > 0 or character in JOINS or "\u1100" <= character <= "\u11ff"


def template_key(str key):
    """Return *key* with each number put as "0"."""
    cdef int kind = PyUnicode_KIND(key)
    cdef const void *data = PyUnicode_DATA(key)
    cdef Py_ssize_t size = len(key), at = 0, copied = 0
    cdef list out = []
    while at < size:
        if not Py_UNICODE_ISDECIMAL(PyUnicode_READ(kind, data, at)):
            at += 1
            continue
        out.append(key[copied:at])
        at += 1
        # Digits go on, and behind one mark that parts thousands or decimals, more digits.
        while at < size:
            if Py_UNICODE_ISDECIMAL(PyUnicode_READ(kind, data, at)):
                at += 1
            elif (
                at + 1 < size
                and parts_number(PyUnicode_READ(kind, data, at))
                and Py_UNICODE_ISDECIMAL(PyUnicode_READ(kind, data, at + 1))
            ):
                at += 2
            else:
                break
        out.append("0")
        copied = at
    if not out:
        return key
    out.append(key[copied:])
    return "".join(out)


cdef inline bint parts_number(Py_UCS4 c) noexcept:
    return c == c"." or c == c"," or c == c":" or c == c"'" or c == 0x2019 or c == 0xA0 or c == 0x202F


cdef class KeySet:
    """Keys that lines are looked up among: twin of `siglum.packs.keys.KeySet`.

    Most lines are none of them. A line's key is hashed where it is written, and made a `str` only where a bit says that
    one of the keys may have that hash (a Bloom filter with one hash function).
    """

    cdef frozenset keys, templates
    cdef uint64_t *bits
    cdef int shift

    def __cinit__(self, keys, templates):
        cdef int size
        self.keys, self.templates = frozenset(keys) - {""}, frozenset(templates)
        # One bit in sixteen or less is set.
        size = max(16, (16 * (len(self.keys) + len(self.templates))).bit_length())
        self.shift = 64 - size
        self.bits = <uint64_t *> calloc(1 << (size - 6), sizeof(uint64_t))
        if self.bits == NULL:
            raise MemoryError
        for key in self.keys:
            self.keep(key)
        for key in self.templates:
            self.keep(key)

    def __dealloc__(self):
        free(self.bits)

    cdef void keep(self, str key):
        cdef uint64_t hashed = FIRST
        cdef Py_UCS4 c
        for c in key:
            hashed = (hashed ^ <uint32_t> c) * FACTOR
        hashed >>= self.shift
        self.bits[hashed >> 6] |= (<uint64_t> 1) << (hashed & 63)

    cdef bint may_hold(self, const uint32_t *key, Py_ssize_t size) noexcept:
        cdef uint64_t hashed = FIRST
        cdef Py_ssize_t at
        for at in range(size):
            hashed = (hashed ^ key[at]) * FACTOR
        hashed >>= self.shift
        return self.bits[hashed >> 6] >> (hashed & 63) & 1

    def met(self, tuple lines not None):
        """Return number, key and template of each line whose key is known, or the template of it."""
        cdef uint32_t written[LONGEST]
        cdef uint32_t form[LONGEST]
        cdef Py_ssize_t n = 0, start = 0, size, form_size
        cdef bint digit = False, may
        cdef str key, template
        cdef list found = []
        for line in lines:
            size = write_key(line, written, &start, &digit)
            if size < 0:
                key = asked(line, &digit)
                may = True
            else:
                may = size > 0 and self.may_hold(written + start, size)
                if digit and not may:
                    form_size = write_template(written + start, size, form)
                    may = self.may_hold(form, form_size)
                key = PyUnicode_FromKindAndData(4, written + start, size) if may else ""
            if may:
                template = template_key(key) if digit else ""
                if template not in self.templates:
                    template = ""
                if template or key in self.keys:
                    found.append((n, key, template))
            n += 1
        return found


cdef Py_ssize_t write_template(const uint32_t *key, Py_ssize_t size, uint32_t *form) noexcept:
    """Write *key* with each number put as "0" to *form*, and return its size: `template_key` without a `str`."""
    cdef Py_ssize_t at = 0, end = 0
    while at < size:
        if not Py_UNICODE_ISDECIMAL(key[at]):
            form[end] = key[at]
            at, end = at + 1, end + 1
            continue
        while at < size:
            if Py_UNICODE_ISDECIMAL(key[at]):
                at += 1
            elif at + 1 < size and parts_number(key[at]) and Py_UNICODE_ISDECIMAL(key[at + 1]):
                at += 2
            else:
                break
        form[end] = c"0"
        end += 1
    return end
