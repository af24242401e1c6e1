# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Which labels of a page may fire, and what is asked of all labels: twins of `siglum.packs.match`."""

from libc.stdlib cimport calloc, free

from siglum.native.named cimport new_finding, new_span
from siglum.native.rows cimport Rows, rows_of

from siglum.document import Finding
from siglum.packs import match as python
from siglum.packs.rule import LANGUAGES, SAFETY
from siglum.span import Span

cdef type Found = Finding
cdef type Place = Span
cdef Py_ssize_t languages = LANGUAGES
cdef int cluster = python.CLUSTER, gap = python.GAP

cdef enum:
    ALWAYS, EDGE_ZONE, IN_CLUSTER, REPEATED_ONLY

assert tuple(SAFETY) == ("always", "edge-zone", "in-cluster", "repeated-only")


def kinds_of(dict codes not None, tuple kinds not None):
    """Return what *codes* stand for, by the same numbers."""
    cdef dict found = {}
    for n, code in codes.items():
        found[n] = kinds[rule_of(code, kinds)]
    return found


def places_of(dict keys not None, dict codes not None, dict by_key not None, dict by_rule not None):
    """Return the lines, in order, whose key stands in *by_key*, or the rule of whose label in *by_rule*."""
    cdef set places = {n for n, key in keys.items() if key in by_key}
    if by_rule:
        places.update([n for n, code in codes.items() if <Py_ssize_t> code // languages in by_rule])
    return sorted(places)


cdef inline Py_ssize_t rule_of(Py_ssize_t code, tuple rules) except -1:
    if not 0 <= code // languages < len(rules):
        raise IndexError(f"a label of rule {code // languages}, where there are {len(rules)}")
    return code // languages


def label_findings(index, page, dict codes not None, runs, bint anywhere):
    """Return a finding for each line of *page* whose label, of those in *codes*, fires."""
    cdef Rows rows = rows_of(page.rows)
    cdef Py_ssize_t m = rows.count, n, line
    cdef char *labelled
    cdef char *clustered
    cdef tuple firing = index.firing, how
    cdef dict met = index.met(page)[0], evidence = index._evidence_of_labels
    cdef set in_clusters = None
    cdef list found = []
    cdef int safety, edge
    cdef Py_ssize_t head, tail
    cdef bint at_edge, fires
    if not codes:
        return found
    labelled = <char *> calloc(2 * m, 1)
    if labelled == NULL:
        raise MemoryError
    clustered = labelled + m
    try:
        for n in codes:
            if not 0 <= n < m:
                raise IndexError(f"a label of line {n}, where there are {m}")
            labelled[n] = True
        for first, last, _, _ in runs:
            for n in range(max(first, 0), min(last + 1, m)):
                labelled[n] = True
        see_clusters(labelled, clustered, rows)
        head, tail = page.body or (0, m)
        for n, code in codes.items():
            how = <tuple> firing[rule_of(code, firing)]
            safety, edge = how[0], how[1]
            if edge and edge <= n < m - edge:
                continue
            at_edge = n < head or n > tail
            if anywhere or safety == ALWAYS:
                fires = True
            elif safety == EDGE_ZONE:
                fires = clustered[n] or at_edge
            elif safety == IN_CLUSTER:
                fires = clustered[n]
                if at_edge and not fires:
                    if in_clusters is None:
                        in_clusters = {key_at(page, met, line) for line in codes if clustered[line]}
                    fires = key_at(page, met, n) in in_clusters
            else:
                fires = clustered[n] and page.keys.count(page.keys[n]) > 1
            if fires:
                place = new_span(Place, rows.rows[n].start, rows.rows[n].end)
                why = evidence.get(code) or index.evidence_of_label(code)
                found.append(new_finding(Found, place, why, how[2]))
    finally:
        free(labelled)
    return found


cdef str key_at(page, dict met, Py_ssize_t n):
    """Return the key of line *n*, which is there already where any rule but a site's own knows it."""
    known = met.get(n)
    return page.keys[n] if known is None else known


cdef void see_clusters(const char *labelled, char *clustered, Rows rows) noexcept:
    """Tell for each line whether it is a label among labels: twin of `siglum.packs.match._clustered`."""
    cdef Py_ssize_t m = rows.count, n, i, begin = 0, last = -1, count = 0
    for n in range(m + 1):
        if n < m and not labelled[n]:
            continue
        if count and n < m and (n == last + 1 or (n == last + 2 and length(rows, n - 1) <= gap)):
            last, count = n, count + 1
            continue
        if count >= cluster:
            for i in range(begin, last + 1):
                clustered[i] = labelled[i]
        begin, last, count = n, n, 1


cdef inline Py_ssize_t length(Rows rows, Py_ssize_t n) noexcept:
    return rows.rows[n].last - rows.rows[n].first
