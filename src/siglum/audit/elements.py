"""HTML built so that nothing can slip in: text is escaped wherever it is not markup made here."""

from __future__ import annotations

import re
from html import escape

from siglum.writers.visible import visible

# What HTML forbids in a text beside the controls that `visible` shows already: the noncharacters.
_FORBIDDEN = re.compile(
    "[\ufdd0-\ufdef" + "".join(f"{chr(p * 0x10000 + 0xFFFE)}{chr(p * 0x10000 + 0xFFFF)}" for p in range(17)) + "]"
)


class Html(str):
    """Markup that may stand in a page as it is."""

    __slots__ = ()


def shown(text: str) -> str:
    """Return *text* as a page may hold it: nothing unseen, nothing forbidden, each such character a visible token.

    >>> shown("a\\u202e\\ufdd0")
    'a⟨U+202E⟩⟨U+FDD0⟩'
    """
    return _FORBIDDEN.sub(lambda m: f"⟨U+{ord(m[0]):04X}⟩", visible(text))


def el(name: str, /, *content: str, **attributes: str | int | bool) -> Html:
    """Return the element *name* with *content*, escaped but where it is `Html`; `class_` is the attribute class.

    An attribute that is False is left out, as is an empty class; one that is True stands without a value.

    >>> str(el("del", "<b>", class_="taken"))
    '<del class="taken">&lt;b&gt;</del>'
    """
    told = "".join(
        f" {_name(k)}" if v is True else f' {_name(k)}="{escape(shown(str(v)))}"'
        for k, v in attributes.items()
        if v is not False and (k, v) != ("class_", "")
    )
    return Html(f"<{name}{told}>{join(*content)}</{name}>")


def join(*content: str) -> Html:
    """Return *content* as markup, escaped but where it is markup already."""
    return Html("".join(c if isinstance(c, Html) else escape(shown(c), quote=False) for c in content))


def _name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")
