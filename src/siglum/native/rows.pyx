# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The lines of a text as places in it: twins of what `siglum.page` lays out, which all that reads lines is handed."""

cimport cython
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND
from libc.stdlib cimport free, realloc

from siglum.native.blanks cimport next_break, strip


@cython.final
cdef class Rows:
    """The lines of a text that are not blank, as places in it: twin of `siglum.page.Rows`.

    A line becomes a `str` when it is asked for, which most never are.
    """

    def __dealloc__(self):
        free(self.rows)

    def __len__(self):
        return self.count

    @property
    def places(self):
        return tuple([self.rows[n].place for n in range(self.count)])

    @property
    def lines(self):
        return tuple([self.line(n) for n in range(self.count)])

    @property
    def starts(self):
        return tuple([self.rows[n].start for n in range(self.count)])

    @property
    def ends(self):
        return tuple([self.rows[n].end for n in range(self.count)])

    cdef str line(self, Py_ssize_t n):
        return self.text[self.rows[n].first:self.rows[n].last]

    cdef Row *added(self) except NULL:
        """Return the next row, to be filled."""
        cdef Row *larger
        if self.count == self.room:
            larger = <Row *> realloc(self.rows, (2 * self.room + 64) * sizeof(Row))
            if larger == NULL:
                raise MemoryError
            self.rows, self.room = larger, 2 * self.room + 64
        self.count += 1
        return &self.rows[self.count - 1]


cdef Rows rows_in(str text):
    cdef Rows made = Rows.__new__(Rows)
    made.text, made.kind, made.data = text, PyUnicode_KIND(text), PyUnicode_DATA(text)
    return made


cdef Rows rows_of(rows):
    """Return *rows* as C reads them: those of no one text, too, such as the Python gathers."""
    if isinstance(rows, Rows):
        return rows
    cdef tuple lines = rows.lines
    cdef tuple places = rows.places or tuple(range(len(lines)))
    cdef tuple starts = rows.starts or places, ends = rows.ends or places
    cdef Rows made = rows_in("".join(lines))
    cdef Py_ssize_t n, at = 0
    cdef Row *row
    for n, (place, line, start, end) in enumerate(zip(places, lines, starts, ends, strict=True)):
        row = made.added()
        row.place, row.start, row.end, row.first = place, start, end, at
        at += len(line)
        row.last = at
    return made


def lay_out(str text not None):
    """Return the lines of *text* that are not blank."""
    cdef Rows made = rows_in(text)
    cdef Row *row
    cdef Py_ssize_t size = len(text), line = 0, start = 0, end, first, last, feed = -1, turn = -1
    while start < size:
        last = next_break(text, start, size, &feed, &turn)
        end = min(last + 2 if turn + 1 == feed else last + 1, size)
        first = start
        strip(made.kind, made.data, &first, &last)
        if first < last:
            row = made.added()
            row.place, row.first, row.last, row.start, row.end = line, first, last, start, end
        line += 1
        start = end
    return made
