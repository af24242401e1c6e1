"""Restoring gives the exact bytes of every seed, every fixture, and 5,000 made inputs in every codec Python reads."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from encodings.aliases import aliases
from pathlib import Path

import pytest

import siglum
from siglum.report import Report, dumps
from siglum.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
MADE = 5_000
WITHOUT_LANGUAGES = Settings(tag_languages=False)
PIECES = (
    *(
        "Skip to main content",
        "Advertisement",
        "Live broadcast",
        "0",
        "Озвучить текст",
        "Select important",
        "On",
        "Off",
    ),
    "Переведено сервисом «Яндекс Переводчик»",
    "The storm came ashore on Friday, the mayor said, and many roads were closed.",
    "Море вышло из берегов в пятницу, сообщил мэр, и многие дороги были закрыты до вечера.",
    *(
        "暴风雨在星期五登陆。",
        "cafÃ© â€” déjà vu",
        "<p>a &amp; b</p>",
        "\u202ebidi\u202c",
        "😀",
        "e\u0301\u0323",
        "\ufeff",
    ),
    *("\u200b", "\x00", "\x85", "\u2028", "\ud800", "", " ", "\t"),
)
BREAKS = ("\n", "\n", "\n\n", "\r\n", "\r", "\n\n\n\n")
CODECS = sorted({c for c in aliases.values() if c not in ("mbcs", "oem", "idna", "punycode", "unicode_escape")})


def made() -> Iterator[tuple[bytes, str]]:
    rng = random.Random(20261122)
    for n in range(MADE):
        text = "".join(rng.choice(PIECES) + rng.choice(BREAKS) for _ in range(rng.randrange(9))) + rng.choice(PIECES)
        codec = CODECS[n % len(CODECS)]
        try:
            data = text.encode(codec, "surrogatepass" if codec.startswith("utf") and codec != "utf_7" else "replace")
        except (UnicodeError, LookupError, TypeError):
            data = text.encode("utf-8", "surrogatepass")
        if rng.random() < 0.3 and data:  # corrupt a byte, or cut the end off
            at = rng.randrange(len(data))
            data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :] if rng.random() < 0.7 else data[:at]
        yield data, codec if rng.random() < 0.5 else ""


def restored(data: bytes, codec: str = "", settings: Settings = WITHOUT_LANGUAGES) -> bytes:
    result = siglum.clean(data, id="x", html=False, codec=codec, settings=settings)
    report = Report.loads(dumps(dict(result.report().data)))
    return report.restore(result.text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("part", range(10))
def test_made_inputs_in_every_codec_come_back_to_the_byte(part):
    for n, (data, codec) in enumerate(made()):
        if n % 10 == part:
            assert restored(data, codec) == data, (n, codec, data)


@pytest.mark.parametrize(
    "path",
    sorted(ROOT.glob("seeds/*.txt")) + sorted(ROOT.glob("fixtures/*/source.*")),
    ids=lambda p: f"{p.parent.name}-{p.name}",
)
def test_seeds_and_fixtures_come_back_to_the_byte(path):
    assert restored(path.read_bytes(), settings=Settings(profile="corpus")) == path.read_bytes()


def test_a_text_with_lone_surrogates_comes_back_through_json():
    text = json.loads('"a \\ud800 b\\udfff"')
    result = siglum.clean(text, settings=WITHOUT_LANGUAGES)
    assert Report.loads(dumps(dict(result.report().data))).restore_text(result.text) == text
