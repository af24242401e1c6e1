"""The page of a run: complete without a script, harmless whatever the pages held, and quick however many there were."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import zipfile
import zlib
from html import unescape
from pathlib import Path

import lxml.html
import pytest

from audited import PARAGRAPH, SCRAPED, clean, hostile_run, rows_run, siglum
from browser.made_run import made_run
from siglum.audit import html as page_module
from siglum.audit.elements import el, shown
from siglum.audit.facts import Gatherer
from siglum.audit.html import columns_of, write_report
from siglum.audit.plots import Bar, bars, binned, fence_of, histogram, matrix
from siglum.errors import InputError
from siglum.runs.audit import documents
from siglum.writers.visible import visible

HERE = Path(__file__).resolve().parent

ASSETS = Path(page_module.__file__).parent / "assets"
SCRIPT, STYLE = (ASSETS / "report.js").read_text("utf-8"), (ASSETS / "report.css").read_text("utf-8")


@pytest.fixture(scope="module")
def run(tmp_path_factory, seeds) -> Path:
    out = tmp_path_factory.mktemp("run") / "run"
    assert siglum("clean", seeds, "-o", out).exit_code == 0
    return out


@pytest.fixture(scope="module")
def page(run, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("page") / "report.html"
    assert write_report(run, out) == [out]
    return out


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    write_report(hostile_run(folder), folder / "report.html")
    return folder / "report.html"


def tree(page: Path) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(page.read_bytes().decode())


def unpacked(packed: str) -> dict:
    data = base64.b85decode(packed.encode().translate(bytes.maketrans(b",.[]", b"<>&`")))
    return json.loads(zlib.decompress(data, 31))


def island(page: Path, id: str) -> dict:
    return unpacked(tree(page).get_element_by_id(id).text.strip())


# Without a script


def test_the_first_screen_says_what_was_done_in_plain_words(page):
    told = tree(page).get_element_by_id("overview").text_content()
    assert "2 documents read, 1 cleaned: 3.4\xa0% of the text was taken" in told
    assert "machine translation, engine yandex (1)" in told
    assert "0 failed, 1 left untouched" in told


def test_the_static_page_lists_the_riskiest_removals_least_sure_first(page, run):
    rows = tree(page).xpath("//section[@id='queue']//li[contains(@class, 'removal')]")
    told = [float(re.search(r"confidence ([\d.]+)", row.text_content())[1]) for row in rows]
    assert told == sorted(told)
    assert len(rows) == sum(len(report.data["edits"]) for report, _ in documents(run))
    credit = next(row for row in rows if "Переведено" in row.text_content())
    assert "taken: credit" in credit.text_content()
    assert credit.xpath(".//del/@dir") == ["auto"]


def test_what_was_taken_is_said_in_words_and_not_by_colour_alone(page):
    for row in tree(page).xpath("//li[contains(@class, 'removal')]"):
        assert row.xpath(".//del|.//ins")
        assert re.match(r"(taken|replaced|added): \w+", row.xpath(".//strong")[0].text_content())


def test_every_plot_has_its_numbers_as_text(page):
    figures = tree(page).xpath("//figure[.//*[local-name()='svg']]")
    assert len(figures) >= 4
    for figure in figures:
        (plot,) = figure.xpath(".//*[local-name()='svg']")
        assert plot.get("role") == "img"
        assert plot.get("aria-label")
        assert figure.xpath(".//table//td")


def test_failed_documents_are_named_with_the_reason(tmp_path):
    text = "The harbour stayed closed for most of the day, the port authority said. " * 4
    run = rows_run([{"id": "fine", "text": text}], tmp_path)
    with (run / "summary.csv").open("a", newline="") as f:
        f.write("broken.html,failed,,,,,,,,,,,,,,the file ends in the middle\r\n")
    write_report(run, tmp_path / "report.html")
    told = tree(tmp_path / "report.html").get_element_by_id("account").text_content()
    assert "broken.html" in told
    assert "the file ends in the middle" in told


def test_the_account_names_packs_configuration_encodings_and_the_inverse(page, run):
    told = tree(page).get_element_by_id("account").text_content()
    report, _ = next(documents(run))
    for value in (report.data["run"]["rulepacks"][0]["sha256"], "config profile", "utf-8", "verified", "source-bytes"):
        assert value in told
    assert hashlib.sha256((run / "manifest-sha256.txt").read_bytes()).hexdigest() in told


def test_rules_are_shown_with_their_reason_place_and_examples(page):
    (row,) = tree(page).xpath("//table[@id='rules-table']//tr[.//code[starts-with(., 'labels/skip-link/skip-link@')]]")
    assert "jumps over the menu" in row.text_content()
    assert "rules/labels/skip-link.toml, line" in row.text_content()
    assert "takes: Skip to main content" in row.text_content()


def test_rules_that_never_fired_are_named(page):
    told = tree(page).get_element_by_id("rules").text_content()
    assert "shipped rules found nothing in this run" in told
    assert "labels/cookie-accept/" in told


# One file, no network, nothing inline that the policy does not name


def test_the_policy_forbids_everything_but_this_style_and_this_script(page):
    policy = tree(page).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for text in (SCRIPT, STYLE):
        assert f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy
    assert "self" not in policy


@pytest.mark.parametrize("name", ["page", "hostile"])
def test_the_page_asks_for_nothing_and_runs_nothing_of_its_documents(name, request):
    root = tree(request.getfixturevalue(name))
    assert not root.xpath("//@src | //link | //img | //iframe | //object | //embed | //base | //form[@action]")
    assert not root.xpath("//@style")
    assert not [a for e in root.iter() for a in e.attrib if a.startswith("on")]
    assert {s.get("type") for s in root.xpath("//script")} == {None, "application/gzip"}
    assert all(href.startswith("#") for href in root.xpath("//@href"))
    assert [s.text for s in root.xpath("//script[not(@type)]")] == [SCRIPT]


@pytest.mark.parametrize("name", ["page", "hostile"])
def test_ids_are_unique_and_links_inside_lead_somewhere(name, request):
    root = tree(request.getfixturevalue(name))
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    dead = [h for h in root.xpath("//@href") if h[1:] not in ids and not re.fullmatch(r"#d\d+(e\d+)?", h)]
    assert dead == []


def test_hostile_text_stays_text(hostile):
    data = hostile.read_bytes().decode("utf-8")
    assert "<script>alert" not in data
    assert "<img" not in data
    assert "\u202e" not in data
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]", data)
    assert "⟨U+202E⟩" in unescape(data)


def test_a_megabyte_of_combining_marks_does_not_swell_the_page(hostile):
    assert hostile.stat().st_size < 600_000
    assert not re.search("\u0301{9}", hostile.read_text("utf-8"))


def test_the_same_run_gives_the_same_page_to_the_byte(run, page, tmp_path):
    write_report(run, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == page.read_bytes()


def test_an_existing_page_is_overwritten_only_when_asked(run, page, tmp_path):
    shutil.copy(page, tmp_path / "report.html")
    with pytest.raises(InputError, match="--force"):
        write_report(run, tmp_path / "report.html")
    write_report(run, tmp_path / "report.html", force=True)


def test_a_run_of_no_documents_gives_a_page_that_says_so(tmp_path):
    (tmp_path / "empty").mkdir()
    run = clean(tmp_path / "empty", tmp_path / "run")
    write_report(run, tmp_path / "report.html")
    assert "This run read no document." in tree(tmp_path / "report.html").text_content()


def test_a_folder_that_is_no_run_is_refused_in_words(tmp_path):
    with pytest.raises(InputError, match="is no run"):
        write_report(tmp_path, tmp_path / "report.html")


# The data the script draws from


def test_the_data_holds_every_text_as_it_was_and_every_edit(page, run, seeds):
    index, part = island(page, "data-index"), island(page, "data-0")
    for n, (report, text) in enumerate(documents(run)):
        assert index["columns"]["id"][n] == report.id
        assert part["r"][n] == report.data["report_id"]
        assert "".join(part["t"][n]) == report.restore_text(text)
        assert [tuple(e[:2]) for e in part["e"][n]] == [tuple(e["src"]) for e in report.data["edits"]]
    assert sum(index["columns"]["count"]) == len(index["edits"])


def test_every_line_has_its_language_in_the_data(tmp_path, seeds):
    run = tmp_path / "run"
    assert siglum("clean", seeds / SCRAPED, "-o", run).exit_code == 0
    write_report(run, tmp_path / "report.html")
    marks = island(tmp_path / "report.html", "data-index")["marks"]
    ((_, _, runs),) = island(tmp_path / "report.html", "data-0")["w"][0]
    lines = [marks[tag] if tag >= 0 else "" for n, tag in zip(runs[::3], runs[1::3], strict=True) for _ in range(n)]
    (report, text), *_ = documents(run)
    source = report.restore_text(text)
    for segment in report.data["segments"]:
        assert lines[source.count("\n", 0, segment["src"][0])] == segment["lang"]


def test_a_redacted_run_shows_the_clean_text_and_says_what_is_withheld(tmp_path, seeds):
    run = clean(seeds / SCRAPED, tmp_path / "run", "--redact")
    write_report(run, tmp_path / "report.html")
    data = (tmp_path / "report.html").read_text("utf-8")
    assert "Skip to main content" not in data.replace('takes: <q dir="auto">Skip to main content', "")
    assert "code points withheld⟩" in data
    part = island(tmp_path / "report.html", "data-0")
    assert part["x"] == [1]
    assert "".join(part["t"][0]) == (run / SCRAPED).read_text("utf-8")


def test_of_a_very_long_document_what_was_touched_is_shown(tmp_path):
    line = "The harbour stayed closed for most of the day, the port authority said.\n"
    run = rows_run(
        [{"id": "long", "text": "Skip to main content\n" + line * 3000 + "Skip to main content\n"}], tmp_path
    )
    write_report(run, tmp_path / "report.html")
    part = island(tmp_path / "report.html", "data-0")
    (report, text), *_ = documents(run)
    source = report.restore_text(text)
    assert sum(map(len, part["t"][0])) < len(source) / 10
    for (first, start, _), stretch in zip(part["w"][0], part["t"][0], strict=True):
        assert source[start : start + len(stretch)] == stretch
        assert first == source.count("\n", 0, start) + 1
    for edit in report.data["edits"]:
        assert any(
            s <= edit["src"][0] and edit["src"][1] <= s + len(t)
            for (_, s, _), t in zip(part["w"][0], part["t"][0], strict=True)
        )


def test_a_large_run_is_told_in_files_beside_the_page(tmp_path, monkeypatch):
    run = made_run(tmp_path / "run", 45)
    monkeypatch.setattr("siglum.audit.facts.PART", 10)
    monkeypatch.setattr(page_module, "PART", 10)
    monkeypatch.setattr(page_module, "MOST_DOCUMENTS", 20)
    written = write_report(run, tmp_path / "big.html")
    assert [p.name for p in written] == [f"{n:05}.js" for n in range(5)] + ["big.html"]
    index = island(tmp_path / "big.html", "data-index")
    assert (index["beside"], index["parts"], index["part"]) == ("big.data", 5, 10)
    parts = [re.fullmatch(r'siglumPart\((\d+),"([^"]*)"\);\n', p.read_text()) for p in written[:-1]]
    assert [int(m[1]) for m in parts] == [0, 1, 2, 3, 4]
    assert [len(unpacked(m[2])["r"]) for m in parts] == [10, 10, 10, 10, 5]
    assert "script-src 'sha256-" in (tmp_path / "big.html").read_text()


def test_a_page_written_over_another_leaves_no_part_of_that_one(tmp_path, monkeypatch):
    monkeypatch.setattr("siglum.audit.facts.PART", 10)
    monkeypatch.setattr(page_module, "PART", 10)
    monkeypatch.setattr(page_module, "MOST_DOCUMENTS", 20)
    page, data = tmp_path / "report.html", tmp_path / "report.data"
    write_report(made_run(tmp_path / "large", 45), page)
    (data / "00009.js").write_text("// of somebody else")
    (data / "notes.txt").write_text("of somebody else")
    written = write_report(made_run(tmp_path / "smaller", 25), page, force=True)
    assert sorted(p.name for p in data.iterdir()) == ["00000.js", "00001.js", "00002.js", "00009.js", "notes.txt"]
    assert len(written) == 4
    write_report(made_run(tmp_path / "small", 5), page, force=True)
    assert sorted(p.name for p in data.iterdir()) == ["00009.js", "notes.txt"]
    for path in data.iterdir():
        path.unlink()
    write_report(tmp_path / "small", page, force=True)
    assert not data.exists()


def test_the_account_tells_the_command_and_what_was_passed_over(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.txt").write_text(f"Skip to main content\n{PARAGRAPH * 3}\n")
    (source / "b.txt").write_text(f"Skip to main content\n{PARAGRAPH * 3}\n")
    with zipfile.ZipFile(source / "c.zip", "w") as bundle:
        bundle.writestr("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(40))
    run = clean(source, tmp_path / "run", "--duplicates", "drop")
    write_report(run, tmp_path / "report.html")
    page = tree(tmp_path / "report.html")
    text = page.get_element_by_id("account").text_content()
    assert "command options duplicates" in text
    assert "input documents" in text
    assert "duplicate (exact) of a.txt" in text
    assert "picture.png" in text
    assert "2 documents read, 1 cleaned" in page.get_element_by_id("overview").text_content()


def test_a_translation_by_nobody_named_is_counted(tmp_path):
    (tmp_path / "a.md").write_text(f"---\noriginal: https://example.org/post\n---\n{PARAGRAPH * 3}\n")
    run = clean(tmp_path / "a.md", tmp_path / "run")
    gatherer = Gatherer(run)
    list(gatherer.parts())
    assert [method for method, *_ in gatherer.facts.translations] == ["translated"]


def test_removals_are_crossed_with_sites(tmp_path):
    write_report(made_run(tmp_path / "run", 80), tmp_path / "report.html")
    (figure,) = tree(tmp_path / "report.html").xpath("//figure[.//h3='Removals by site and rule']")
    assert "site0.example, labels/made/" in figure.text_content()
    assert figure.xpath(".//*[local-name()='svg']")


def test_documents_unlike_the_rest_are_told_in_the_plot_of_shares():
    shares = [*[1.0, 2.0, 2.0, 3.0, 3.0, 4.0] * 4, 55.0]
    assert fence_of(shares) == 5.0
    drawn = histogram("Shares", binned(shares), fence_of(shares))
    assert 'class="fence"' in drawn
    assert 'class="fence"' not in histogram("Shares", binned(shares))


@pytest.mark.parametrize(("shares", "fence"), [([1.0] * 7, None), ([0.0] * 20 + [3.0], 5.0), ([], None)])
def test_few_documents_and_small_shares_have_no_outliers(shares, fence):
    assert fence_of(shares) == fence


def test_like_values_stand_beside_each_other_in_the_data():
    assert columns_of([{"a": 1}, {"a": 2, "b": 3}, {"a": 4}]) == {"a": [1, 2, 4], "b": [0, 3]}


def test_the_riskiest_are_found_among_many(tmp_path):
    gatherer = Gatherer(made_run(tmp_path / "run", 60))
    assert sum(len(part) for part in gatherer.parts()) == 60
    everything = [e["confidence"] for report, _ in documents(tmp_path / "run") for e in report.data["edits"]]
    assert [r.confidence for r in gatherer.facts.riskiest] == sorted(everything)[:100]
    assert gatherer.facts.edits == len(everything)


# Pieces


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (el("p", "<b>&"), "<p>&lt;b&gt;&amp;</p>"),
        (el("p", el("b", "x")), "<p><b>x</b></p>"),
        (el("a", "x", href='"><script>'), '<a href="&quot;&gt;&lt;script&gt;">x</a>'),
        (el("p", "x", class_="", hidden=True, id=False), "<p hidden>x</p>"),
        (el("p", "a\u202e\ufffe"), "<p>a⟨U+202E⟩⟨U+FFFE⟩</p>"),
    ],
)
def test_elements_escape_all_that_is_not_markup_made_here(made, expected):
    assert made == expected


def test_page_and_script_show_the_same_characters_as_tokens():
    (pattern,) = re.findall(r"UNSEEN = /(.*)/gu;", SCRIPT)
    unseen = re.compile(re.sub(r"\\u\{([0-9a-f]+)\}", lambda m: f"\\U{int(m[1], 16):08x}", pattern))
    marks = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
    higher = {chr(p * 0x10000 + low) for p in range(1, 17) for low in (0xFFFE, 0xFFFF)}
    for point in range(0x110000):
        c = chr(point)
        if c not in higher and not marks.match(c):
            assert (shown(c) != c) == bool(unseen.match(c)), f"U+{point:04X}"
    assert visible("e" + "\u0301" * 9).endswith("⟨…⟩")


def test_page_and_script_agree_on_the_digits_of_the_packed_data():
    (digits,) = re.findall(r'DIGITS = "(.*)";', SCRIPT)
    ours = base64.b85encode(b"".join((n * 85**4).to_bytes(8, "big")[4:] for n in range(85 // 2))).decode()
    assert len(digits) == len(set(digits)) == 85
    assert not set(digits) & set("<>&\"'`\\\n")
    assert set(ours.translate(str.maketrans("<>&`", ",.[]"))) <= set(digits)
    plain = base64._b85alphabet.decode() if hasattr(base64, "_b85alphabet") else None
    assert plain is None or plain.translate(str.maketrans("<>&`", ",.[]")) == digits


@pytest.mark.parametrize("plot", [bars("x", []), histogram("x", []), matrix("x", [], [], {})])
def test_nothing_to_show_draws_nothing(plot):
    assert plot == ""


def test_plots_escape_and_shorten_names():
    drawn = bars("t", [Bar("<script>" + "x" * 100, 1)])
    assert "<script>" not in drawn
    assert "…" in drawn


@pytest.mark.parametrize(
    ("share", "name"), [(0, "0"), (0.5, "0–1"), (1, "0–1"), (1.01, "1–2"), (100, "80–100"), (130, "80–100")]
)
def test_shares_fall_into_the_bin_that_holds_them(share, name):
    assert [n for n, count in binned([share]) if count] == [name]


def test_the_command_writes_the_page_and_says_how_large_it_is(run, tmp_path):
    from click.testing import CliRunner

    from siglum.cli.report import report

    done = CliRunner().invoke(report, [str(run), "-o", str(tmp_path / "report.html")], catch_exceptions=False)
    assert done.exit_code == 0
    assert re.search(r"report\.html: [\d,]+ bytes", done.stderr)


# In a browser


def modules() -> Path | None:
    for folder in (os.environ.get("SIGLUM_BROWSER_MODULES", ""), HERE / "browser" / "node_modules"):
        if folder and (Path(folder) / "playwright-core").is_dir():
            return Path(folder)
    return None


CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
in_browser = pytest.mark.skipif(
    not (CHROMIUM and shutil.which("node") and modules()),
    reason="no browser here: tests/browser/fetch.sh brings Chromium, playwright-core and axe-core",
)


def driven(check: str, page: Path, folder: Path | None = None) -> dict:
    """Return what tests/browser/check.mjs found; a request, a dialog or an error in the console fails the test."""
    env = {**os.environ, "CHROMIUM": str(CHROMIUM), "SIGLUM_BROWSER_MODULES": str(modules())}
    command = ["node", str(HERE / "browser" / "check.mjs"), check, str(page), *([str(folder)] if folder else [])]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["noise"] == []
    return told["result"]


@in_browser
def test_axe_finds_nothing_in_any_view_light_or_dark(page):
    found = driven("axe", page)
    assert len(found) == 14
    assert {view: faults for view, faults in found.items() if faults} == {}


@in_browser
def test_the_keyboard_does_all(page):
    steps = driven("keyboard", page)
    first, second = steps["j"][0], steps["j again"][0]
    assert first != second
    assert steps["k"][0] == first
    assert (steps["accepted"], steps["rejected"], steps["note"], steps["help"]) == ("true", "true", first, True)
    assert steps["/"][0] == "search"
    assert re.fullmatch(r"#d\d+e\d+", steps["enter"][1])
    assert (steps["u"][1], steps["u again"][1]) == ("#queue", "#overview")


@in_browser
def test_filters_and_search_find_and_lines_tell_their_language(page, run):
    found = driven("filter", page)
    edits = [e for report, _ in documents(run) for e in report.data["edits"]]
    assert found["all"] == len(edits)
    assert found["navigation"] == sum(e["category"] == "navigation" for e in edits)
    assert len(found["texts"]) == 1
    assert "Переведено" in found["texts"][0]
    assert found["marks"] == ["Переведено сервисом «Яндекс Переводчик»"]
    (text,) = (report.restore_text(text) for report, text in documents(run) if report.id == SCRAPED)
    kept = [line for line in text.split("\n") if line]
    assert [line for _, _, line in found["lines"] if line not in ("", "↵")] == kept
    assert {direction for _, direction, _ in found["lines"]} == {"auto"}


@in_browser
def test_decisions_are_saved_to_a_file_that_apply_review_takes(page, run, tmp_path):
    told = driven("review", page, tmp_path)
    assert "needs a name" in told["nameless"]
    assert told["loaded"] == "2 decisions loaded"
    assert told["pressed"] == 2
    saved = json.loads((tmp_path / "decisions.json").read_text("utf-8"))
    assert saved["reviewer"] == "Ada Archivist"
    assert [d["verdict"] for d in saved["decisions"]].count("rejected") == 1
    shutil.copytree(run, tmp_path / "run")
    from click.testing import CliRunner

    from siglum.cli.report import apply_review

    done = CliRunner().invoke(apply_review, [str(tmp_path / "run"), str(tmp_path / "decisions.json")])
    assert done.stderr.startswith("1 accepted, 1 rejected; 1 clean texts rebuilt"), done.output
    assert siglum("verify", tmp_path / "run").exit_code == 0


@in_browser
def test_on_paper_the_text_stays_struck_and_labelled_and_the_controls_go(page, tmp_path):
    found = driven("print", page, tmp_path)
    assert found["shown"][:2] == ["none", "none"]
    assert "none" not in found["shown"][2:]
    assert found["del"] == "line-through"
    assert "taken: navigation" in found["chips"]
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


@in_browser
def test_without_a_script_everything_static_is_there(page):
    found = driven("plain", page)
    assert found["visible"] == ["overview", "queue", "rules", "account"]
    assert found["removals"] > 5


@in_browser
def test_hostile_text_harms_nothing_in_any_view(hostile):
    found = driven("walk", hostile)
    assert found["scripts"] == 0
    assert max(ms for _, ms, _ in found["sizes"]) < 5000
    assert max(nodes for _, _, nodes in found["sizes"]) < 10_000


@in_browser
def test_ten_thousand_documents_open_at_once_and_filter_in_no_time(tmp_path):
    page = tmp_path / "report.html"
    assert write_report(made_run(tmp_path / "run", 10_000), page) == [page]
    assert page.stat().st_size < 12_000_000
    found = driven("speed", page)
    assert found["count"].startswith("100,000 removals in 10,000 documents")
    assert found["opened"] < 6000
    assert sorted(found["filters"])[len(found["filters"]) // 2] < 100
    assert found["nodes"] < 10_000


@in_browser
def test_a_page_with_files_beside_it_opens_from_a_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(page_module, "MOST_DOCUMENTS", 500)
    page = tmp_path / "a #1 report? 50%.html"
    write_report(made_run(tmp_path / "run", 2_500), page)
    found = driven("speed", page)
    assert found["count"].startswith("25,000 removals in 2,500 documents")


@in_browser
@pytest.mark.parametrize("name", ["page", "hostile"])
def test_the_page_is_valid_html(name, request, tmp_path):
    validator = modules() / "html-validate" / "bin" / "html-validate.mjs"
    if not validator.exists():
        pytest.skip("html-validate is not here: tests/browser/fetch.sh brings it")
    (tmp_path / "config.json").write_text('{"root": true, "extends": ["html-validate:standard"]}')
    page = request.getfixturevalue(name)
    command = ["node", str(validator), "--config", str(tmp_path / "config.json"), str(page)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-2000:]
