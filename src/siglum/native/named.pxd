"""Named tuples as C makes and reads them: a fraction of what their Python constructors and unpacking cost."""

from cpython.object cimport PyObject, PyTypeObject
from cpython.tuple cimport PyTuple_Check, PyTuple_GET_SIZE


cdef extern from *:
    """
    /* Return a tuple of type *kind* with *size* values that can be in no cycle: like tuples that Python has looked at
       once, it is out of reach of the search for those. From Python 3.14 on a tuple keeps more than its items, and is
       begun by tuple itself. */
    static CYTHON_INLINE PyObject *siglum_row(PyTypeObject *kind, PyObject **values, Py_ssize_t size)
    {
        PyObject *row;
        Py_ssize_t n;
    #if PY_VERSION_HEX < 0x030E0000
        row = kind->tp_alloc(kind, size);
        if (row == NULL)
            return NULL;
        for (n = 0; n < size; n++) {
            Py_INCREF(values[n]);
            PyTuple_SET_ITEM(row, n, values[n]);
        }
    #else
        PyObject *items = PyTuple_New(size), *given;
        if (items == NULL)
            return NULL;
        for (n = 0; n < size; n++) {
            Py_INCREF(values[n]);
            PyTuple_SET_ITEM(items, n, values[n]);
        }
        given = PyTuple_Pack(1, items);
        Py_DECREF(items);
        if (given == NULL)
            return NULL;
        row = PyTuple_Type.tp_new(kind, given, NULL);
        Py_DECREF(given);
        if (row == NULL)
            return NULL;
    #endif
        PyObject_GC_UnTrack(row);
        return row;
    }
    """
    object siglum_row(PyTypeObject *kind, PyObject **values, Py_ssize_t size)


cdef inline tuple fields(object row, Py_ssize_t size):
    """Return *row* as a tuple whose first *size* places may be read. Raises TypeError where it is none."""
    if not PyTuple_Check(row) or PyTuple_GET_SIZE(row) < size:
        raise TypeError(f"expected a tuple of {size}, found {type(row).__name__}")
    return <tuple> row


# Each returns ``kind(...)``, where *kind* is a NamedTuple of so many fields.


cdef inline object new_span(type kind, Py_ssize_t start, Py_ssize_t end):
    cdef object a = start, b = end
    cdef PyObject *values[2]
    values[0], values[1] = <PyObject *> a, <PyObject *> b
    return siglum_row(<PyTypeObject *> kind, values, 2)


cdef inline object new_finding(type kind, a, b, c):
    cdef PyObject *values[3]
    values[0], values[1], values[2] = <PyObject *> a, <PyObject *> b, <PyObject *> c
    return siglum_row(<PyTypeObject *> kind, values, 3)


cdef inline object new_edit(type kind, a, b, c, d):
    cdef PyObject *values[4]
    values[0], values[1], values[2], values[3] = <PyObject *> a, <PyObject *> b, <PyObject *> c, <PyObject *> d
    return siglum_row(<PyTypeObject *> kind, values, 4)


cdef inline object new_evidence(type kind, a, b, c, d, e, f, g):
    cdef PyObject *values[7]
    values[0], values[1], values[2], values[3] = <PyObject *> a, <PyObject *> b, <PyObject *> c, <PyObject *> d
    values[4], values[5], values[6] = <PyObject *> e, <PyObject *> f, <PyObject *> g
    return siglum_row(<PyTypeObject *> kind, values, 7)
