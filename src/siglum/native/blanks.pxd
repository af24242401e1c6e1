"""What stands around the words of a line."""

from cpython.unicode cimport PyUnicode_READ, Py_UNICODE_ISSPACE


cdef inline void strip(int kind, const void *data, Py_ssize_t *first, Py_ssize_t *last) noexcept:
    """Move *first* and *last* inward over white space: what `str.strip` leaves of that stretch of a text."""
    while first[0] < last[0] and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, first[0])):
        first[0] += 1
    while last[0] > first[0] and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, last[0] - 1)):
        last[0] -= 1
