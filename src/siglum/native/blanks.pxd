"""What stands around the words of a line, and where a line ends."""

from cpython.unicode cimport PyUnicode_FindChar, PyUnicode_READ, Py_UNICODE_ISSPACE


cdef inline void strip(int kind, const void *data, Py_ssize_t *first, Py_ssize_t *last) noexcept:
    """Move *first* and *last* inward over white space: what `str.strip` leaves of that stretch of a text."""
    while first[0] < last[0] and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, first[0])):
        first[0] += 1
    while last[0] > first[0] and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, last[0] - 1)):
        last[0] -= 1


cdef inline Py_ssize_t next_break(
    str text, Py_ssize_t start, Py_ssize_t end, Py_ssize_t *feed, Py_ssize_t *turn
) except -2:
    """Return where in text[start:end] a line ends first, *end* where nowhere.

    *feed* and *turn*, where its next line feed and carriage return stand, are kept for the next call, which begins
    further on; before the first they are less than *start*.
    """
    if feed[0] < start:
        feed[0] = next_of(text, c"\n", start, end)
    if turn[0] < start:
        turn[0] = next_of(text, c"\r", start, end)
    return min(feed[0], turn[0])


cdef inline Py_ssize_t next_of(str text, Py_UCS4 wanted, Py_ssize_t start, Py_ssize_t end) except -2:
    """Return where in text[start:end] the character *wanted* stands first, *end* where nowhere."""
    cdef Py_ssize_t found = PyUnicode_FindChar(text, wanted, start, end, 1)
    return end if found == -1 else found
