"""Golden files: what each made document of fixtures/ becomes. `pytest --accept` rewrites them; read the diff.

What differs between machines (versions, confidences of engines) is left out of the golden report.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import siglum
from siglum.report import Report
from siglum.settings import Settings

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
MEDIA_TYPES = {".md": "text/markdown"}


def cases() -> list[Path]:
    return sorted(p for p in FIXTURES.iterdir() if p.is_dir() and any(p.glob("source.*")))


def golden(report: dict[str, Any]) -> dict[str, Any]:
    told = report["provenance"]
    return {
        "decoding": report["decoding"],
        "edits": [{k: e[k] for k in ("src", "out", "del", "ins", "rules", "category")} for e in report["edits"]],
        "findings": [
            {k: f[k] for k in ("rule", "src", "quote", "place") if k in f}
            for f in report["findings"]
            if f["category"] != "content"  # what the line model is unsure of shifts with every fit
        ],
        "provenance": {k: told[k] for k in ("method", "engine", "source_language", "basis", "translator")},
        "quotes": [e["quote"] for e in told["evidence"]],
        "tag": report["output"]["lang"],
    }


@pytest.mark.parametrize("case", cases(), ids=lambda p: p.name)
def test_a_fixture_becomes_what_its_golden_files_say(case, request):
    (source,) = case.glob("source.*")
    about = json.loads((case / "about.json").read_text("utf-8")) if (case / "about.json").exists() else {}
    settings = Settings.from_mapping(about.pop("settings", {}))
    media_type = MEDIA_TYPES.get(source.suffix, "text/plain")
    data = source.read_bytes()
    result = siglum.clean(data, id=case.name, media_type=media_type, settings=settings, **about)
    clean = result.text.encode("utf-8", "surrogatepass")
    report = json.dumps(golden(dict(result.report().data)), ensure_ascii=False, indent=1) + "\n"
    if request.config.getoption("--accept"):
        (case / "clean.txt").write_bytes(clean)
        (case / "report.json").write_text(report, "utf-8")
    assert clean == (case / "clean.txt").read_bytes()
    assert json.loads(report) == json.loads((case / "report.json").read_text("utf-8"))
    back = Report.loads(json.dumps(dict(result.report().data))).restore(clean)
    assert back == (result.run.source.text.encode() if result.run.source.html else data)


def test_there_are_fixtures_of_every_kind_of_trouble():
    assert len(cases()) >= 10
