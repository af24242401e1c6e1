# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Many literals in one pass over the characters of a text: twin of `siglum.packs.literals.Literals.found`.

The Python hashes bytes, since numpy can; here the last four characters are the number, whatever the text is stored as.
"""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memchr, memset

from siglum.native.characters cimport Char

cdef enum:
    WIDTH = 4  # characters that are hashed
    LONG = WIDTH + 1  # of a literal of so many two stretches are hashed, one of which ends at an odd place of the text
    SIGNS = 4096
    SPARSE = 32  # of so many places in the table of hashes one may be taken

cdef uint64_t SMALL = 0x0020002000200020  # makes letters of four characters small, and some others equal too
cdef uint64_t FACTOR = 0x9E3779B97F4A7C15  # 2^64 by the golden ratio: Knuth's multiplicative hashing

cdef struct Literal:
    const uint32_t *text
    Py_ssize_t size
    Py_ssize_t before  # its characters up to the last one that is hashed
    int32_t number  # of the literal
    uint32_t hashed
    int32_t next  # another row with the same place in the table


cdef inline uint32_t small(uint32_t c) noexcept:
    return c | (c - 0x41 < 26) << 5


cdef class Finder:
    """The literals and their table, as C reads them; *commonness* is that of the Python, by character."""

    cdef tuple literals
    cdef Literal *rows  # one for each hash of each literal
    cdef int32_t count  # of them
    cdef uint32_t *pool  # the characters of all literals
    cdef uint8_t *known  # by hash: whether a literal has it
    cdef int32_t *first  # by hash, in as many bits as the literals need: the first row that may have it
    cdef int known_shift, first_shift
    cdef uint8_t signs[SIGNS]  # by the last bits of a character: whether it is the rarest of a literal not LONG

    def __cinit__(self, tuple literals, const uint8_t[::1] commonness not None):
        cdef Py_ssize_t n, i, at, size, total = sum(map(len, literals))
        cdef str literal
        cdef uint32_t *text
        if commonness.shape[0] < 0x80:
            raise ValueError("the commonness of a letter is asked for all of ASCII")
        cdef int bits = (2 * len(literals)).bit_length(), known_bits = (SPARSE * len(literals)).bit_length()
        self.literals, self.count = literals, 0
        memset(self.signs, 0, SIGNS)
        self.known_shift, self.first_shift = 32 - known_bits, 32 - bits
        self.rows = <Literal *> malloc((2 * len(literals) + 1) * sizeof(Literal))
        self.pool = <uint32_t *> malloc((total + 1) * sizeof(uint32_t))
        self.known = <uint8_t *> calloc((1 << known_bits) // 8 + 1, 1)
        self.first = <int32_t *> malloc((1 << bits) * sizeof(int32_t))
        if self.rows == NULL or self.pool == NULL or self.known == NULL or self.first == NULL:
            raise MemoryError
        memset(self.first, 0xFF, (1 << bits) * sizeof(int32_t))
        text = self.pool
        for n in range(len(literals)):
            literal = literals[n]
            size = len(literal)
            for i in range(size):
                text[i] = literal[i]
            if size < LONG:
                at = rarest(text, size, 1, &commonness[0])
                self.signs[text[at] & SIGNS - 1] = 1
                if 0x61 <= text[at] <= 0x7A:
                    self.signs[text[at] ^ 0x20] = 1
                self.keep(n, text, size, at, 1)
            else:
                at = rarest(text, size, LONG, &commonness[0])
                self.keep(n, text, size, at + WIDTH - 1, WIDTH)
                self.keep(n, text, size, at + WIDTH, WIDTH)
            text += size

    cdef void keep(self, int32_t n, const uint32_t *text, Py_ssize_t size, Py_ssize_t before, int width) noexcept:
        """Keep that the *width* characters up to the one at *before* are hashed of literal *n*."""
        cdef Literal *row = &self.rows[self.count]
        cdef uint32_t hashed
        cdef uint64_t number = 0
        cdef Py_ssize_t i
        for i in range(before - width + 1, before + 1):
            number = number << 16 | text[i] & 0xFFFF
        row.text, row.size, row.before, row.number, row.hashed = text, size, before, n, hash_of(number)
        row.next = self.first[row.hashed >> self.first_shift]
        self.first[row.hashed >> self.first_shift] = self.count
        self.count += 1
        if width == WIDTH:
            hashed = row.hashed >> self.known_shift
            self.known[hashed >> 3] |= 1 << (hashed & 7)

    def __dealloc__(self):
        free(self.rows)
        free(self.pool)
        free(self.known)
        free(self.first)

    def found(self, str text not None):
        """Twin of `siglum.packs.literals.Literals.found`."""
        cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), count = len(self.literals)
        cdef uint8_t *at
        cdef list found = []
        cdef const void *data = PyUnicode_DATA(text)
        cdef int kind = PyUnicode_KIND(text)
        if count == 0:
            return found
        cdef uint8_t *there = <uint8_t *> calloc(count, 1)
        if there == NULL:
            raise MemoryError
        try:
            if kind == 1:
                find(self, <const uint8_t *> data, size, there)
            elif kind == 2:
                find(self, <const uint16_t *> data, size, there)
            else:
                find(self, <const uint32_t *> data, size, there)
            at = <uint8_t *> memchr(there, 1, count)
            while at != NULL:
                found.append(self.literals[at - there])
                at = <uint8_t *> memchr(at + 1, 1, there + count - at - 1)
            return found
        finally:
            free(there)


cdef Py_ssize_t rarest(const uint32_t *text, Py_ssize_t size, Py_ssize_t width, const uint8_t *commonness) noexcept:
    """Return where the *width* characters begin whose letters are the least common: twin of `_rarest`."""
    cdef Py_ssize_t at, i, best = 0
    cdef int sum, least = -1
    for at in range(size - width + 1):
        sum = 0
        for i in range(at, at + width):
            if text[i] < 0x80:
                sum += commonness[text[i]]
        if least < 0 or sum < least:
            least, best = sum, at
    return best


cdef inline uint32_t hash_of(uint64_t number) noexcept:
    return <uint32_t> ((number | SMALL) * FACTOR >> 32)


cdef void find(Finder finder, const Char *text, Py_ssize_t size, uint8_t *there) noexcept:
    cdef const uint8_t *known = finder.known
    cdef const uint8_t *signs = finder.signs
    cdef int shift = finder.known_shift
    cdef uint8_t short = 0
    cdef uint64_t number = 0  # the last four characters
    cdef uint32_t a, b, hashed
    cdef Py_ssize_t i
    for i in range(1, size, 2):
        a, b = text[i - 1] & 0xFFFF, text[i] & 0xFFFF
        number = number << 32 | a << 16 | b
        hashed = hash_of(number)
        if known[hashed >> shift >> 3] >> (hashed >> shift & 7) & 1:
            look(finder, text, size, i, hashed, there)
        short |= signs[a & SIGNS - 1] | signs[b & SIGNS - 1]
    if size & 1:
        short |= signs[text[size - 1] & SIGNS - 1]
    if short:
        for i in range(size):
            a = text[i] & 0xFFFF
            if signs[a & SIGNS - 1]:
                look(finder, text, size, i, hash_of(a), there)


cdef void look(
    Finder finder, const Char *text, Py_ssize_t size, Py_ssize_t at, uint32_t hashed, uint8_t *there
) noexcept:
    """Mark in *there* the literals behind *hashed* that stand around the place *at*."""
    cdef int32_t n = finder.first[hashed >> finder.first_shift]
    cdef const Literal *row
    cdef Py_ssize_t begin, i
    while n >= 0:
        row = &finder.rows[n]
        begin = at - row.before
        if row.hashed == hashed and not there[row.number] and begin >= 0 and begin + row.size <= size:
            i = 0
            while i < row.size and small(text[begin + i]) == row.text[i]:
                i += 1
            there[row.number] = i == row.size
        n = row.next
