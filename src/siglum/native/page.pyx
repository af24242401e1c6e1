# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The lines of a text and its body: twins of `siglum.page`, each in one pass over the characters."""

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_FindChar,
    PyUnicode_KIND,
)
from siglum.native.blanks cimport strip

from siglum import page

cdef enum:
    MOST_SCRIPTS = 16

cdef Py_ssize_t least = page.LEAST
cdef double paragraph = page.PARAGRAPH, sentence = page.SENTENCE, dense = page.DENSE
cdef str sentence_ends = page.SENTENCE_ENDS
cdef int scripts = len(page.DENSE_SCRIPTS)
cdef Py_UCS4 script_from[MOST_SCRIPTS]
cdef Py_UCS4 script_to[MOST_SCRIPTS]
assert scripts <= MOST_SCRIPTS
for n, (first, last) in enumerate(page.DENSE_SCRIPTS):
    script_from[<int> n], script_to[<int> n] = first, last
cdef Py_UCS4 dense_from = script_from[0]


def lay_out(str text):
    """Return which lines of *text* are not blank, those without blanks around them, and where each begins and ends."""
    cdef int kind = PyUnicode_KIND(text)
    cdef const void *data = PyUnicode_DATA(text)
    cdef Py_ssize_t size = len(text), line = 0, start = 0, end, first, last, feed = -1, turn = -1
    cdef list places = [], lines = [], starts = [], ends = []
    while start < size:
        # Where the next line feed and the next carriage return stand: the nearer one ends the line.
        if feed < start:
            feed = next_of(text, c"\n", start, size)
        if turn < start:
            turn = next_of(text, c"\r", start, size)
        last = min(feed, turn)
        end = min(last + 2 if turn + 1 == feed else last + 1, size)
        first = start
        strip(kind, data, &first, &last)
        if first < last:
            places.append(line)
            lines.append(text[first:last])
            starts.append(start)
            ends.append(end)
        line += 1
        start = end
    return tuple(places), tuple(lines), tuple(starts), tuple(ends)


cdef Py_ssize_t next_of(str text, Py_UCS4 wanted, Py_ssize_t start, Py_ssize_t size) except -2:
    cdef Py_ssize_t found = PyUnicode_FindChar(text, wanted, start, size, 1)
    return size if found == -1 else found


def body_of(tuple lines):
    """Return the first and the last of *lines* that reads as a paragraph, or None."""
    cdef Py_ssize_t first, last
    for first in range(len(lines)):
        if is_paragraph(lines[first]):
            break
    else:
        return None
    for last in range(len(lines) - 1, -1, -1):
        if is_paragraph(lines[last]):
            return first, last


cdef bint is_paragraph(str line) except -1:
    """Tell whether *line* reads as a paragraph: twin of `siglum.page.is_paragraph`."""
    cdef Py_ssize_t length = len(line)
    cdef double size = length
    cdef Py_UCS4 c
    if length < least:
        return False
    if size < paragraph and not line.isascii():
        for c in line:
            if c >= dense_from and is_dense(c):
                size += 1 / dense - 1
    return size >= paragraph or (size >= sentence and line[length - 1] in <str> sentence_ends)


cdef bint is_dense(Py_UCS4 c) noexcept:
    cdef int n
    for n in range(scripts):
        if script_from[n] <= c <= script_to[n]:
            return True
    return False
