# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Keys of lines and labels, by a table of what each code point becomes: twins of `siglum.packs.keys`."""

cimport cython
from cpython.mem cimport PyMem_Free
from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_FromKindAndData,
    PyUnicode_KIND,
    PyUnicode_READ,
    Py_UNICODE_ISDECIMAL,
)
from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from siglum.native.rows cimport Row, Rows, rows_of

import unicodedata

from siglum.packs import keys as packs

cdef extern from *:
    """
    #ifdef __GNUC__
    #define siglum_fetch(place) __builtin_prefetch(place)
    #else
    #define siglum_fetch(place)
    #endif
    """
    void siglum_fetch(const void *place) noexcept

cdef extern from "Python.h":
    Py_UCS4 *PyUnicode_AsUCS4Copy(object text) except NULL

cdef enum:
    LONGEST = 160
    HEAD = 8  # code points by which most lines are told from all keys
    BLOCK = 256  # code points whose keys are worked out together
    PLANE = 0x10000  # the first, which is all the table has
    # What the table says of a code point, above the one it becomes:
    ASK = 0x40000000  # it may become several, or join with those around it
    SPACE = 0x20000000
    DECORATION = 0x10000000
    DIGIT = 0x08000000
    LEARNED = 0x04000000
    CODE = 0x03FFFFFF
    UNKNOWN = -1
    LONGEST_KEPT = 0xFFFF  # no line has a key as long
    AHEAD = 8  # keys written before the first of them is looked up, since its place of memory is far away

# Letters and marks of class 0 that are composed with what stands before them, as Unicode's composites have them.
JOINS = "\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e\u1b35"

cdef uint64_t FIRST = 0xCBF29CE484222325, FACTOR = 0x9E3779B97F4A7C15  # as FNV begins, and 2^64 by the golden ratio

cdef struct Bits:
    # Which hashes are known: one bit in five or less is set (a Bloom filter with one hash function).
    uint64_t *of
    int shift

cdef struct Slot:
    int64_t code
    uint32_t at  # in the text of all keys, code points
    uint16_t size  # of the key, code points; 0 where nothing stands
    uint16_t tag  # the lower bits of its hash

cdef struct Table:
    # Keys by hash, each in the first free slot from its own on: two places of memory for what a dict has in five.
    Slot *slots
    uint64_t last
    int shift
    int kind  # of the text
    const void *text  # held beside the table

cdef struct Written:
    Py_ssize_t line, size
    uint64_t hashed
    bint digit
    uint32_t key[LONGEST]

cdef uint32_t key_of[PLANE]
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
        told = key_of[c]
        if not told & LEARNED:
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
            if not flags & DIGIT and not may_begin(&among.heads, key, HEAD):
                return 0
            told_apart = True
    if not told_apart and not flags & DIGIT and not may_begin(&among.heads, key, size):
        return 0
    digit[0] = flags & DIGIT != 0  # no decoration is a digit
    return size


cdef str asked(str line, bint *digit):
    cdef str key = packs.key(line)
    cdef Py_UCS4 c
    for c in key:
        if is_digit(c):
            digit[0] = True
            break
    return key


cdef int learn(int block) except -1:
    """Work out what the keys of one block of code points are."""
    cdef int c
    for c in range(block * BLOCK, (block + 1) * BLOCK):
        key_of[c] = LEARNED | told_of(chr(c))
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
        if not is_digit(PyUnicode_READ(kind, data, at)):
            at += 1
            continue
        out.append(key[copied:at])
        at += 1
        # Digits go on, and behind one mark that parts thousands or decimals, more digits.
        while at < size:
            if is_digit(PyUnicode_READ(kind, data, at)):
                at += 1
            elif (
                at + 1 < size
                and parts_number(PyUnicode_READ(kind, data, at))
                and is_digit(PyUnicode_READ(kind, data, at + 1))
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


cdef inline bint is_digit(Py_UCS4 c) noexcept:
    return c"0" <= c <= c"9" if c < 0x80 else Py_UNICODE_ISDECIMAL(c)


cdef inline bint parts_number(Py_UCS4 c) noexcept:
    return c == c"." or c == c"," or c == c":" or c == c"'" or c == 0x2019 or c == 0xA0 or c == 0x202F


@cython.final
cdef class KeySet:
    """Keys that lines are looked up among: twin of `siglum.packs.keys.KeySet`.

    Most lines are none of them, and are read no further than to the first characters, where no longer key begins so.
    """

    cdef tuple texts
    cdef Bits heads
    cdef Table labels, templates, others

    def __cinit__(self, labels not None, templates not None, others=()):
        others = packs.Coded.of(dict.fromkeys(others, 0))  # they only begin a sequence, and no code of theirs is told
        self.texts = (labels.keys, templates.keys, others.keys)
        make_room(&self.heads, len(labels.codes) + len(templates.codes) + len(others.codes))
        fill(&self.labels, labels.keys, list(labels.codes), &self.heads)
        fill(&self.templates, templates.keys, list(templates.codes), &self.heads)
        fill(&self.others, others.keys, list(others.codes), &self.heads)

    def __dealloc__(self):
        free(self.heads.of)
        free(self.labels.slots)
        free(self.templates.slots)
        free(self.others.slots)

    def met(self, rows not None):
        """Return the keys of the lines that are known, and the codes of those that have one, by line."""
        cdef Rows laid = rows_of(rows)
        cdef Row *row
        cdef Written ahead[AHEAD]
        cdef Written *one
        cdef Py_ssize_t n, done = 0, begun = 0
        cdef dict keys = {}, codes = {}
        for n in range(laid.count):
            row = &laid.rows[n]
            one = &ahead[begun % AHEAD]
            one.line, one.size = n, write_key(laid.kind, laid.data, row.first, row.last, one.key, &one.digit, self)
            if one.size == 0:
                continue
            if one.size != UNKNOWN:
                one.hashed = hash_of(one.key, one.size)
                siglum_fetch(&self.labels.slots[one.hashed >> self.labels.shift])
            begun += 1
            if begun - done == AHEAD:
                self.look_up(laid, &ahead[done % AHEAD], keys, codes)
                done += 1
        for n in range(done, begun):
            self.look_up(laid, &ahead[n % AHEAD], keys, codes)
        return keys, codes

    cdef int look_up(self, Rows rows, Written *one, dict keys, dict codes) except -1:
        """Add what is known of a line."""
        cdef uint32_t form[LONGEST]
        cdef const Slot *slot
        cdef Py_ssize_t size
        if one.size == UNKNOWN:
            return self.ask(one.line, rows.line(one.line), keys, codes)
        slot = slot_of(&self.labels, one.key, one.size, one.hashed)
        if slot == NULL and one.digit:
            size = write_template(one.key, one.size, form)
            slot = slot_of(&self.templates, form, size, hash_of(form, size))
        if slot != NULL:
            codes[one.line] = slot.code
        elif slot_of(&self.others, one.key, one.size, one.hashed) == NULL:
            return 0
        keys[one.line] = PyUnicode_FromKindAndData(4, one.key, one.size)
        return 0

    cdef int ask(self, Py_ssize_t n, str line, dict keys, dict codes) except -1:
        """Add what is known of a line whose key the table does not know."""
        cdef bint digit = False
        cdef str key = asked(line, &digit)
        cdef const Slot *slot = slot_of_str(&self.labels, key)
        if slot == NULL and digit:
            slot = slot_of_str(&self.templates, template_key(key))
        if slot != NULL:
            codes[n] = slot.code
        elif slot_of_str(&self.others, key) == NULL:
            return 0
        keys[n] = key
        return 0


cdef uint64_t hash_of(const uint32_t *key, Py_ssize_t size) noexcept:
    cdef uint64_t hashed = FIRST
    cdef Py_ssize_t at
    for at in range(size):
        hashed = (hashed ^ key[at]) * FACTOR
    return hashed


cdef int make_room(Bits *bits, Py_ssize_t keys) except -1:
    """Have a bit for each of the first characters of *keys*, so that one in five or less is set."""
    bits.shift = 64 - max(6, (5 * keys).bit_length())
    bits.of = <uint64_t *> calloc(<size_t> 1 << (58 - bits.shift), sizeof(uint64_t))
    if bits.of == NULL:
        raise MemoryError
    return 0


cdef inline bint may_begin(const Bits *bits, const uint32_t *key, Py_ssize_t size) noexcept:
    """Tell whether a key may have these first characters, which are all it has where they are less than HEAD."""
    cdef uint64_t hashed = hash_of(key, size) >> bits.shift
    return bits.of[hashed >> 6] >> (hashed & 63) & 1


cdef int fill(Table *table, str text, list codes, Bits *heads) except -1:
    """Put the keys that are the lines of *text* into *table*, which has room for half as many again, or more."""
    cdef uint64_t hashed, head
    cdef Py_ssize_t at, first = 0, size = len(text), n = 0
    cdef uint32_t c
    table.kind, table.text = PyUnicode_KIND(text), PyUnicode_DATA(text)
    table.shift = 64 - max(1, (3 * len(codes) // 2).bit_length())
    table.last = (<uint64_t> 1 << (64 - table.shift)) - 1
    table.slots = <Slot *> calloc(table.last + 1, sizeof(Slot))
    if table.slots == NULL:
        raise MemoryError
    hashed = head = FIRST
    for at in range(size + 1):
        c = PyUnicode_READ(table.kind, table.text, at) if at < size else c"\n"
        if c != c"\n":
            hashed = (hashed ^ c) * FACTOR
            if at - first < HEAD:
                head = hashed
            continue
        if first < at <= first + LONGEST_KEPT and n < len(codes):
            put(table, Slot(codes[n], <uint32_t> first, <uint16_t> (at - first), <uint16_t> hashed), hashed)
            head >>= heads.shift
            heads.of[head >> 6] |= <uint64_t> 1 << (head & 63)
        n += 1
        first = at + 1
        hashed = head = FIRST
    return 0


cdef inline void put(Table *table, Slot slot, uint64_t hashed) noexcept:
    cdef uint64_t at = hashed >> table.shift
    while table.slots[at].size:
        at = (at + 1) & table.last
    table.slots[at] = slot


cdef const Slot *slot_of(const Table *table, const uint32_t *key, Py_ssize_t size, uint64_t hashed) noexcept:
    """Return the slot of *key*, NULL where it is not known."""
    cdef uint64_t at = hashed >> table.shift
    cdef const Slot *slot
    while table.slots[at].size:
        slot = &table.slots[at]
        if slot.tag == <uint16_t> hashed and slot.size == size and is_same(table, slot.at, key, size):
            return slot
        at = (at + 1) & table.last
    return NULL


cdef const Slot *slot_of_str(const Table *table, str key) except? NULL:
    """Return the slot of *key*, NULL where it is not known."""
    cdef uint32_t *written = <uint32_t *> PyUnicode_AsUCS4Copy(key)
    cdef const Slot *slot = slot_of(table, written, len(key), hash_of(written, len(key)))
    PyMem_Free(written)
    return slot


cdef bint is_same(const Table *table, Py_ssize_t first, const uint32_t *key, Py_ssize_t size) noexcept:
    cdef Py_ssize_t at
    for at in range(size):
        if PyUnicode_READ(table.kind, table.text, first + at) != key[at]:
            return False
    return True


cdef Py_ssize_t write_template(const uint32_t *key, Py_ssize_t size, uint32_t *form) noexcept:
    """Write *key* with each number put as "0" to *form*, and return its size: `template_key` without a `str`."""
    cdef Py_ssize_t at = 0, end = 0
    while at < size:
        if not is_digit(key[at]):
            form[end] = key[at]
            at, end = at + 1, end + 1
            continue
        while at < size:
            if is_digit(key[at]):
                at += 1
            elif at + 1 < size and parts_number(key[at]) and is_digit(key[at + 1]):
                at += 2
            else:
                break
        form[end] = c"0"
        end += 1
    return end
