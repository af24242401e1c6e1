"""Digests as archives state them: "sha1:" and the digest in base 32, in hex or in base 64."""

from __future__ import annotations

import base64
import hashlib
import re

_ALGORITHMS = {"sha1": 20, "md5": 16, "sha256": 32, "sha384": 48, "sha512": 64}  # bytes of each digest


def fits(said: str, data: bytes) -> bool | None:
    """Tell whether *said* is the digest of *data*; None where it is of a kind we do not know, or no digest.

    >>> fits("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", b"")
    True
    """
    algorithm, _, value = said.partition(":")
    name = algorithm.strip().lower().replace("-", "")
    expected = _bytes_of(value.strip(), _ALGORITHMS.get(name, 0))
    if not expected:
        return None
    return hashlib.new(name, data, usedforsecurity=False).digest() == expected


def _bytes_of(value: str, size: int) -> bytes:
    """Return the *size* bytes that *value* writes down, b"" where it writes no such number of them."""
    if len(value) == 2 * size and re.fullmatch(r"[0-9A-Fa-f]+", value):
        return bytes.fromhex(value)
    bare = value.rstrip("=")
    if size and re.fullmatch(r"[A-Za-z2-7]+", bare) and len(bare) == -(-size * 8 // 5):
        return base64.b32decode(bare.upper() + "=" * (-len(bare) % 8))
    if size and re.fullmatch(r"[A-Za-z0-9+/_-]+", bare) and len(bare) == -(-size * 4 // 3):
        return base64.b64decode(bare.replace("-", "+").replace("_", "/") + "=" * (-len(bare) % 4))
    return b""
