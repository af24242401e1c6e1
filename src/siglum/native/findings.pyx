# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""What is asked of many findings: twin of `siglum.document.labelled`."""

from siglum.native.named cimport fields


def labelled(findings, labels not None):
    """Return those of *findings* whose evidence has one of *labels*."""
    cdef list found = []
    for finding in findings:
        if fields(fields(finding, 2)[1], 2)[1] in labels:
            found.append(finding)
    return found
