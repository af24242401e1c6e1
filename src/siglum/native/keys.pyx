# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Keys of lines and labels, by a table of what each code point becomes: twins of `siglum.packs.keys`."""

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_FromKindAndData,
    PyUnicode_KIND,
    PyUnicode_READ,
    Py_UNICODE_ISDECIMAL,
)
from libc.stdint cimport uint32_t

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
    cdef int kind = PyUnicode_KIND(line)
    cdef const void *data = PyUnicode_DATA(line)
    cdef Py_ssize_t size = len(line), at, end = 0, start = 0
    cdef uint32_t key[LONGEST]
    cdef uint32_t told, c, flags = 0
    digit[0] = False
    if size > LONGEST:
        return ""
    for at in range(size):
        c = PyUnicode_READ(kind, data, at)
        if c >= PLANE:
            return asked(line, digit)
        if not known[c // BLOCK]:
            learn(c // BLOCK)
        told = key_of[c]
        if told & ASK:
            return asked(line, digit)
        if told & SPACE and end and key[end - 1] & SPACE:
            continue
        flags |= told
        key[end] = told
        end += 1
    while end > start and key[end - 1] & DECORATION:
        end -= 1
    while start < end and key[start] & DECORATION:
        start += 1
    for at in range(start, end):
        key[at] &= CODE
    digit[0] = flags & DIGIT != 0  # no decoration is a digit
    return PyUnicode_FromKindAndData(4, key + start, end - start)


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
