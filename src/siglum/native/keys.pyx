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

from siglum.native.named cimport settled
from siglum.native.rows cimport Row, Rows, rows_of

import unicodedata

from siglum.packs import keys as packs

cdef enum:
    LONGEST = 160
    HEAD = 8  # code points by which most lines are told from all keys
    BLOCK = 256  # code points whose keys are worked out together
    BLOCKS = 256  # of the first plane, which is all the table has
    PLANE = 0x10000
    # What the table says of a code point, above the one it becomes:
    ASK = 0x40000000  # it may become several, or join with those around it
    SPACE = 0x20000000
    DECORATION = 0x10000000
    DIGIT = 0x08000000
    CODE = 0x07FFFFFF
    UNKNOWN = -1

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
    cdef Py_ssize_t size = write_key(PyUnicode_KIND(line), PyUnicode_DATA(line), 0, len(line), key, digit, None)
    if size == UNKNOWN:
        return asked(line, digit)
    return PyUnicode_FromKindAndData(4, key, size)


cdef Py_ssize_t write_key(
    int kind, const void *data, Py_ssize_t first, Py_ssize_t last, uint32_t *key, bint *digit, KeySet among
) except -2:
    """Write the key of a line, which stands in *data* from *first* to *last*, and return its size in code points.

    UNKNOWN says that the table does not know it, and `packs.key` must be asked. *digit* tells whether the key holds
    one. 0 is returned also of a line whose key begins as none of those *among* which it is looked up.
    """
    cdef Py_ssize_t at, end = 0, size = 0
    cdef uint32_t told, c, flags = 0
    cdef bint told_apart = among is None
    digit[0] = False
    if last - first > LONGEST:
        return 0
    for at in range(first, last):
        c = PyUnicode_READ(kind, data, at)
        if c >= PLANE:
            return UNKNOWN
        if not known[c // BLOCK]:
            learn(c // BLOCK)
        told = key_of[c]
        if told & ASK:
            return UNKNOWN
        if told & DECORATION:
            # Nothing before the key's first character belongs to it, nor what stands behind its last, at *size*.
            if end == 0 or (told & SPACE and key[end - 1] == c" "):
                continue
            key[end] = told & CODE
            end += 1
            continue
        flags |= told
        key[end] = told & CODE
        end += 1
        size = end
        if end > HEAD and not told_apart:
            # Its first characters stand fast, but for digits, which a template has as "0".
            if not flags & DIGIT and not among.may_hold(key, HEAD):
                return 0
            told_apart = True
    digit[0] = flags & DIGIT != 0  # no decoration is a digit
    return size


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
    one of the keys may have that hash (a Bloom filter with one hash function). Of longer keys, bits tell the first
    characters too, so that most lines are read no further.
    """

    cdef dict labels, templates
    cdef frozenset others
    cdef uint64_t *bits
    cdef int shift

    def __cinit__(self, dict labels not None, dict templates not None, others=()):
        cdef int size
        self.labels, self.templates, self.others = labels, templates, frozenset(others)
        # One bit in sixteen or less is set.
        size = max(16, (32 * (len(self.labels) + len(self.templates) + len(self.others))).bit_length())
        self.shift = 64 - size
        self.bits = <uint64_t *> calloc(1 << (size - 6), sizeof(uint64_t))
        if self.bits == NULL:
            raise MemoryError
        for keys in (self.labels, self.templates, self.others):
            for key in keys:
                self.keep(key)
                if len(<str> key) > HEAD:
                    self.keep((<str> key)[:HEAD])

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

    def met(self, rows not None):
        """Return the key and the code of each line that is known, by line."""
        cdef Rows laid = rows_of(rows)
        cdef Row *row
        cdef uint32_t written[LONGEST]
        cdef uint32_t form[LONGEST]
        cdef Py_ssize_t n, size
        cdef bint digit = False
        cdef str key
        cdef dict found = {}
        for n in range(laid.count):
            row = &laid.rows[n]
            size = write_key(laid.kind, laid.data, row.first, row.last, written, &digit, self)
            if size == UNKNOWN:
                key = asked(laid.line(n), &digit)
            elif size and (
                self.may_hold(written, size) or (digit and self.may_hold(form, write_template(written, size, form)))
            ):
                key = PyUnicode_FromKindAndData(4, written, size)
            else:
                continue
            code = self.labels.get(key)
            if code is None and digit:
                code = self.templates.get(template_key(key))
            if key and (code is not None or key in self.others):
                found[n] = settled((key, code))
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
