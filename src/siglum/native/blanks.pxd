"""What stands around the words of a line, and where a line ends."""

from cpython.unicode cimport PyUnicode_FindChar, PyUnicode_READ, Py_UNICODE_ISSPACE


cdef inline void strip(int kind, const void *data, Py_ssize_t *first, Py_ssize_t *last) noexcept:
    """Move *first* and *last* inward over white space: what `str.strip` leaves of that stretch of a text."""
    while first[0] < last[0] and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, first[0])):
        first[0] += 1
    while last[0] > first[0] and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, last[0] - 1)):
        last[0] -= 1


cdef inline Py_ssize_t next_of(str text, Py_UCS4 wanted, Py_ssize_t start, Py_ssize_t end) except -2:
    """Return where in text[start:end] the character *wanted* stands first, *end* where nowhere."""
    cdef Py_ssize_t found = PyUnicode_FindChar(text, wanted, start, end, 1)
    return end if found == -1 else found
