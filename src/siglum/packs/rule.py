"""What a rule is: the fields of a pack, the closed lists they draw on, and examples with exact spans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from siglum.span import Span

FORMAT = 1

# What a rule may see. The report's categories are these words.
LABELS = (
    "navigation",
    "player",
    "switch",
    "advertising",
    "share",
    "consent",
    "credit",
    "byline",
    "markup",
    "address",
    "layout",
    "metadata",
    "widget",
    "notice",
    "template",
)
ACTIONS = ("drop", "mark", "replace")
STATUSES = ("draft", "stable", "retired", "learned")

# Where a whole-line label may fire, from the safest label to the most ordinary word.
SAFETY = {
    "always": "anywhere on a page",
    "edge-zone": "before the first or after the last paragraph, or in a cluster",
    "in-cluster": "among other labels: three or more in a run",
    "repeated-only": "in a cluster, and only when the same line stands on the page more than once",
}

# Sources of labels that CLDR knows; they are read from babel when packs are compiled.
CLDR_KINDS = ("months", "weekdays", "language-names", "relative-times", "dates")

# A rule has exactly one of these, but that "exact", "template" and "cldr" are one matcher together.
MATCHERS = ("exact", "template", "cldr", "regex", "sequence", "cluster", "tag", "url")
LINE_LABELS = ("exact", "template", "cldr")


@dataclass(frozen=True)
class Example:
    """A text a rule must take (*spans* say just what) or must leave (no spans)."""

    text: str
    spans: tuple[Span, ...] = ()
    url: str = ""
    html: str = ""
    claims: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """One rule of a pack, as its file declares it; see docs/rules.md for the fields."""

    id: str
    label: str
    action: str
    why: str
    confidence: float
    matcher: str  # "labels", or one of MATCHERS that is no line label
    declared: Mapping[str, Any]  # the matcher's own fields, as the file gives them
    safety: str = "always"
    status: str = "stable"
    unit: str = "line"
    concept: str = ""
    literals: tuple[str, ...] = ()  # of a regex: folded texts one of which each match holds
    sites: tuple[str, ...] = ()
    edge_lines: int = 0  # > 0: only among this many lines at either end of the page
    replacement: str = ""
    claims: Mapping[str, str] = field(default_factory=dict)
    match: tuple[Example, ...] = ()
    miss: tuple[Example, ...] = ()
    sources: tuple[str, ...] = ()
    since: str = ""
    replaced_by: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)  # of a learned rule: pages seen, measured risk
    path: str = ""
    line: int = 0

    @property
    def pack(self) -> str:
        """The topic the rule belongs to: its file's place below the rules folder, without the ending."""
        return self.path.removesuffix(".toml")


# A code in the compiled label tables is rule * LANGUAGES + place in the list of language sets.
LANGUAGES = 1_000_000


class CompiledRule(NamedTuple):
    """What matching needs to know of a rule, as the compiled packs hold it."""

    id: str
    label: str
    action: str
    status: str
    safety: str
    confidence: float
    why: str
    pack: str
    edge_lines: int
    replacement: str

    @property
    def after(self) -> str | None:
        """What a finding of this rule puts in place: None while it only marks."""
        if self.action == "mark" or self.status == "draft":
            return None
        return self.replacement if self.action == "replace" else ""


def parse_example(raw: str | Mapping[str, Any], *, match: bool) -> Example:
    """Return the example that *raw* writes down: ⟦ ⟧ show exactly what is taken, without them the whole text.

    Raises ValueError where the brackets do not pair.
    """
    if isinstance(raw, str):
        raw = {"text": raw}
    marked = str(raw.get("text", ""))
    text, spans, start = "", [], -1
    for c in marked:
        if c == "⟦" and start < 0:
            start = len(text)
        elif c == "⟧" and start >= 0:
            spans.append(Span(start, len(text)))
            start = -1
        elif c in "⟦⟧":
            raise ValueError(f"brackets do not pair in {marked!r}")
        else:
            text += c
    if start >= 0:
        raise ValueError(f"brackets do not pair in {marked!r}")
    if match and not spans:
        spans = [Span(0, len(text))]
    claims = {str(k): str(v) for k, v in raw.get("claims", {}).items()}
    return Example(text, tuple(spans), str(raw.get("url", "")), str(raw.get("html", "")), claims)
