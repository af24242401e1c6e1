"""What the line model made of a text, as C reads it."""

cimport cython

cdef struct Told:
    double keep  # chance that the line is article text, to three places
    double words
    int company, repeats


@cython.final
cdef class Reading:
    cdef Told *lines
    cdef Py_ssize_t count
    cdef Py_ssize_t begin, end  # the lines that read most like an article

    cdef int hold(self, Py_ssize_t count) except -1
