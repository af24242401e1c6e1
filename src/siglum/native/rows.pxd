"""The lines of a text, as C reads them."""

cimport cython

cdef struct Row:
    Py_ssize_t place  # which of all lines, blank ones too
    Py_ssize_t first, last  # where it stands without white space around it
    Py_ssize_t start, end  # and as a whole, with its line break


@cython.final
cdef class Rows:
    cdef str text
    cdef int kind
    cdef const void *data  # of the text
    cdef Py_ssize_t count, room
    cdef Row *rows

    cdef str line(self, Py_ssize_t n)
    cdef Row *added(self) except NULL


cdef Rows rows_in(str text)
cdef Rows rows_of(rows)
