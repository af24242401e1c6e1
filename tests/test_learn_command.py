"""`siglum learn` and `clean --learn`: a site's template, from its pages to its rules to clean texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from siglum.cli.main import main
from siglum.packs.load import load_packs

STORIES = [
    "The harbour was closed on Monday because of the storm, the mayor told reporters late in the evening.",
    "A bakery that had stood empty for ten years opened its doors again, to the joy of the whole street.",
    "Two hundred runners took part in the spring race, which led them along the river and over the hill.",
    "The council voted for a new bridge after three hours of debate, with only two members against the plan.",
    "A flock of storks came back to the church tower a week earlier than last year, the vicar has counted.",
]
FRAME = (
    "Kestrel County Courier\nAll the news of the county since 1871\n\n{}\n\nViews: {}\nWritten by our desk in Kestrel\n"
)


@pytest.fixture
def pages(tmp_path) -> Path:
    rows = [
        {
            "id": str(n),
            "url": f"https://courier.example.com/{story.split()[1]}.html",
            "text": FRAME.format(story, 100 + n),
        }
        for n, story in enumerate(STORIES)
    ]
    path = tmp_path / "pages.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def run(*args, stdin: bytes | None = None):
    return CliRunner().invoke(main, [str(a) for a in args], input=stdin, catch_exceptions=False)


def texts(result) -> list[str]:
    return [json.loads(line)["text"] for line in result.stdout.split("\n") if line]


def test_what_repeats_on_a_site_is_learned_and_taken(pages, tmp_path):
    told = run("learn", pages, "-o", tmp_path / "r")
    assert told.exit_code == 0
    assert "example.com: 5 pages, 5 stories" in told.stderr
    cleaned = run("clean", pages, "--to", "jsonl", "--rules", tmp_path / "r")
    assert texts(cleaned) == [story + "\n" for story in STORIES]


def test_learned_rules_are_an_ordinary_pack_with_counts(pages, tmp_path):
    run("learn", pages, "-o", tmp_path / "r")
    rules = load_packs(tmp_path / "r")
    assert {r.status for r in rules} == {"learned"}
    assert all(r.evidence["pages"] == 5 and "risk" in r.evidence for r in rules)


def test_learned_rules_leave_the_pages_of_other_sites(pages, tmp_path):
    run("learn", pages, "-o", tmp_path / "r")
    row = {"id": "x", "url": "https://example.org/1", "text": "All the news of the county since 1871\n" + STORIES[0]}
    cleaned = run("clean", "-", "--from", "jsonl", "--rules", tmp_path / "r", stdin=json.dumps(row).encode())
    assert "since 1871" in texts(cleaned)[0]


def test_learning_and_cleaning_go_in_one_command_from_files_and_from_a_pipe(pages, tmp_path):
    from_file = run("clean", pages, "--to", "jsonl", "--learn")
    from_pipe = run("clean", "-", "--from", "jsonl", "--learn", stdin=pages.read_bytes())
    assert texts(from_file) == texts(from_pipe) == [story + "\n" for story in STORIES]


def test_packs_learned_on_the_way_are_kept_beside_the_results(pages, tmp_path):
    assert run("clean", pages, "--learn", "-o", tmp_path / "out").exit_code == 0
    assert [p.name for p in (tmp_path / "out/learned-rules").iterdir()] == ["example.com.toml"]
    assert run("verify", tmp_path / "out").exit_code == 0


def test_learning_again_replaces_what_was_learned_and_leaves_what_was_written(pages, tmp_path):
    folder = tmp_path / "r"
    run("learn", pages, "-o", folder)
    (folder / "mine.toml").write_text("format = 1\n")
    pages.write_text(pages.read_text().replace("courier.example.com", "gazette.example.net"))
    run("learn", pages, "-o", folder)
    assert sorted(p.name for p in folder.iterdir()) == ["example.net.toml", "mine.toml"]
