"""Records that were written in segments, joined where all segments stand in one stream (WARC 1.1, section 7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from siglum.readers.archives.frames import Frame


@dataclass
class _Begun:
    """A record of which some segments were read."""

    first: Frame
    contents: list[bytes]


@dataclass
class Segments:
    """Records that wait for their further segments; all together they hold no more than *most* bytes."""

    most: int
    begun: dict[str, _Begun] = field(default_factory=dict)
    held: int = 0

    def begin(self, frame: Frame) -> bool:
        """Keep *frame*, the first segment of a record; False where that cannot be done."""
        id = _id(frame.head.fields.get("warc-record-id", ""))
        if not id or id in self.begun or self.held + len(frame.content) > self.most or frame.size > len(frame.content):
            return False
        self.begun[id] = _Begun(frame, [frame.content])
        self.held += len(frame.content)
        return True

    def goes_on(self, frame: Frame) -> tuple[bool, Frame | None]:
        """Tell whether *frame* is the next segment of a record that was begun; return that record, if it is whole."""
        fields = frame.head.fields
        origin = _id(fields.get("warc-segment-origin-id", ""))
        one = self.begun.get(origin)
        if one is None or fields.get("warc-segment-number", "") != str(len(one.contents) + 1):
            return False, None
        if self.held + len(frame.content) > self.most or frame.size > len(frame.content):
            return False, None
        one.contents.append(frame.content)
        self.held += len(frame.content)
        if "warc-segment-total-length" not in fields:
            return True, None
        total = fields["warc-segment-total-length"]
        del self.begun[origin]
        return True, self._joined(one, f"its segments hold {{size:,}} bytes, the last says {total}", total)

    def rest(self) -> Iterator[Frame]:
        """Yield the records that lack segments, as far as they are there."""
        for one in self.begun.values():
            yield self._joined(one, f"the record goes on in further segments; here are {len(one.contents)} of them", "")
        self.begun.clear()

    def _joined(self, one: _Begun, why: str, total: str) -> Frame:
        content = b"".join(one.contents)
        self.held -= len(content)
        why = "" if total == str(len(content)) else why.format(size=len(content))
        return one.first._replace(
            content=content, size=len(content), fault="; ".join(filter(None, (one.first.fault, why)))
        )


def _id(said: str) -> str:
    return said.strip("<>")
