# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The body of a page: twin of `siglum.page.body_of`."""

from cpython.unicode cimport PyUnicode_READ

from siglum.native.rows cimport Rows, rows_of

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


def body_of(rows):
    """Return the first and the last line of *rows* that reads as a paragraph, or None."""
    cdef Rows laid = rows_of(rows)
    cdef Py_ssize_t first, last
    for first in range(laid.count):
        if is_paragraph(laid, first):
            break
    else:
        return None
    for last in range(laid.count - 1, -1, -1):
        if is_paragraph(laid, last):
            return first, last


cdef bint is_paragraph(Rows rows, Py_ssize_t n) except -1:
    """Tell whether line *n* reads as a paragraph: twin of `siglum.page.is_paragraph`."""
    cdef Py_ssize_t first = rows.rows[n].first, last = rows.rows[n].last, i
    cdef double size = last - first
    cdef Py_UCS4 c
    if size < least:
        return False
    if size < paragraph and rows.kind > 1:
        for i in range(first, last):
            c = PyUnicode_READ(rows.kind, rows.data, i)
            if c >= dense_from and is_dense(c):
                size += 1 / dense - 1
    if size < sentence or size >= paragraph:
        return size >= paragraph
    return <Py_UCS4> PyUnicode_READ(rows.kind, rows.data, last - 1) in sentence_ends


cdef bint is_dense(Py_UCS4 c) noexcept:
    cdef int n
    for n in range(scripts):
        if script_from[n] <= c <= script_to[n]:
            return True
    return False
