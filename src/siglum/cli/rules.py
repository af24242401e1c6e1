"""`siglum rules`: check packs, list and explain rules, try a wording before a rule exists, count hits."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from siglum.cli.options import chain_options, settings_from
from siglum.writers.visible import visible

if TYPE_CHECKING:
    from siglum.packs.rule import Example, Rule


@click.group()
def rules() -> None:
    """Check, list, explain, try and count rules."""


@rules.command()
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
def check(path: Path | None) -> None:
    """Check the packs at PATH, or those siglum ships: their form, and every example they give.

    Faults are named by file and line, all at once; with any, the exit status is 1.
    """
    from siglum.packs.compiler import compile_rules
    from siglum.packs.examples import broken_examples
    from siglum.packs.load import load_packs
    from siglum.packs.match import Index
    from siglum.packs.store import rules_dir

    try:
        found = load_packs(path or rules_dir())
        faults: list[Exception] = list(broken_examples(found, Index(compile_rules(found))))
    except ExceptionGroup as group:
        found, faults = [], list(group.exceptions)
    for fault in faults:
        click.echo(visible(str(fault)), err=True)
    if faults:
        click.echo(f"{len(faults)} faults", err=True)
        sys.exit(1)
    examples = sum(len(r.match) + len(r.miss) for r in found)
    click.echo(f"{len(found)} rules, {examples} examples, no faults")


@rules.command("list")
@click.option("--label", help="Only rules of this label.")
def list_(label: str | None) -> None:
    """List the rules siglum ships: id, label, action, safety class, pack."""
    from siglum.cleaners.rules import shipped

    for rule in shipped().rules:
        if label in (None, rule.label):
            click.echo(f"{rule.id:<32} {rule.label:<12} {rule.action:<8} {rule.safety:<14} {rule.pack}")


@rules.command()
@click.argument("id")
def explain(id: str) -> None:
    """Say what the rule ID sees, why, where it may fire, and what it takes and leaves."""
    from siglum.provenance.explain import explain as explain_credit

    for name, value in explain_credit(id.partition("@")[0]) or _told(_rule(id)):
        click.echo(f"{name:<11} {visible(value)}".rstrip())


def _rule(id: str) -> Rule:
    from siglum.cleaners.rules import shipped
    from siglum.packs.load import read_pack
    from siglum.packs.rule import Rule
    from siglum.packs.store import rules_dir

    wanted = id.partition("@")[0].rpartition("/")[2]
    pack = next((r.pack for r in shipped().rules if r.id == wanted), "")
    if not pack:
        raise click.UsageError(f"no rule is called {wanted!r}; `siglum rules list` names all")
    read = read_pack(rules_dir() / f"{pack}.toml", f"{pack}.toml")
    return next(r for r in read if isinstance(r, Rule) and r.id == wanted)


def _told(rule: Rule) -> Iterator[tuple[str, str]]:
    from siglum.packs.lint import label_keys, patterns_of
    from siglum.packs.rule import SAFETY

    yield "rule", f"{rule.id} ({rule.path}:{rule.line})"
    yield "why", rule.why
    yield "label", f"{rule.label}; {rule.action}; confidence {rule.confidence}; {rule.status}"
    if rule.matcher == "labels":
        yield "where", f"{rule.safety}: {SAFETY[rule.safety]}"
        languages = sorted({*rule.declared.get("exact", {}), *rule.declared.get("template", {})})
        cldr = f", and the {rule.declared['cldr']} of CLDR" if "cldr" in rule.declared else ""
        yield "labels", f"{len(label_keys(rule))} in {len(languages)} languages{cldr}"
        for language in ("en", "de", "ru", "zh-Hans"):
            labels = rule.declared.get("exact", {}).get(language, [])
            if labels:
                yield f"  {language}", " | ".join(labels[:8])
    for pattern in patterns_of(rule):
        yield "pattern", pattern
    if rule.sites:
        yield "sites", ", ".join(rule.sites)
    yield from (("takes", _marked(e)) for e in rule.match)
    yield from (("leaves", e.text or e.url or e.html) for e in rule.miss)
    yield from (("source", s) for s in rule.sources)


def _marked(example: Example) -> str:
    text, out, at = example.text or example.url or example.html, "", 0
    for start, end in example.spans if example.text else ():
        out += text[at:start] + "⟦" + text[start:end] + "⟧"
        at = end
    return (out + text[at:]).replace("\n", "⏎")


@rules.command("try")
@click.argument("wording", metavar="TEXT_OR_/PATTERN/")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--max", "most", default=50, show_default=True, help="Hits to show; all are counted.")
def try_(wording: str, files: tuple[Path, ...], most: int) -> None:
    """Show every line of FILES that a rule for the wording would see, with what stands around it.

    A text is compared as labels are (case, width and spaces do not matter); between slashes it is a pattern.
    """
    from siglum.api import Chain
    from siglum.packs.trial import trial
    from siglum.runs.reading import Reading
    from siglum.runs.work import do

    counts: Counter[str] = Counter()
    chain = Chain(())  # no cleaner: the text as it is read
    for outcome in (do(task, chain) for task in Reading().files(files)):
        if not outcome.result:
            click.echo(f"siglum: {outcome.error}", err=True)
            counts["failed"] += 1
            continue
        for hit in trial(wording, outcome.result.run.source.text):
            counts["hits"] += 1
            counts[hit.how] += 1
            counts[hit.zone] += 1
            if counts["hits"] <= most:
                click.echo(f"{visible(outcome.id)}:{hit.line} [{hit.how}, {hit.zone}]")
                for mark, text in ((" ", hit.before), (">", hit.text), (" ", hit.after)):
                    click.echo(f"  {mark} {visible(text)}".rstrip())
    told = ", ".join(f"{counts[k]} {k}" for k in ("whole line", "inside a line", "head", "body", "tail") if counts[k])
    click.echo(f"{counts['hits']} hits" + (f": {told}" if told else ""), err=True)
    if counts["failed"]:
        sys.exit(1)


@rules.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--examples", default=2, show_default=True, help="Texts to show for each rule.")
@chain_options
def stats(files: tuple[Path, ...], examples: int, **options: Any) -> None:
    """Count the hits of every rule over FILES, with examples; rules that never fired are counted too."""
    from siglum.api import Chain
    from siglum.cleaners.rules import shipped
    from siglum.runs.reading import Reading
    from siglum.runs.work import do

    chain = Chain.default(settings_from(options))
    hits: Counter[str] = Counter()
    documents: Counter[str] = Counter()
    seen: dict[str, dict[str, None]] = {}
    failed = 0
    for outcome in (do(task, chain) for task in Reading().files(files)):
        if not outcome.result:
            click.echo(f"siglum: {outcome.error}", err=True)
            failed += 1
            continue
        run = outcome.result.run
        fired = [f for f in run.findings if not f.evidence.label.endswith("language")]
        for finding in fired:
            rule = finding.evidence.rule
            hits[rule] += 1
            texts = seen.setdefault(rule, {})
            if len(texts) < examples:
                texts[" ".join((finding.evidence.quote or finding.span.of(run.source.text)).split())[:80]] = None
        documents.update({f.evidence.rule for f in fired})
    for rule, n in sorted(hits.items(), key=lambda item: (-item[1], item[0])):
        click.echo(f"{n:>7} in {documents[rule]:>6} documents  {rule}  {' | '.join(map(visible, seen[rule]))}".rstrip())
    silent = [r.id for r in shipped().rules if f"{r.pack}/{r.id}" not in hits]
    click.echo(f"{len(hits)} rules fired, {len(silent)} of the shipped packs never did", err=True)
    if failed:
        sys.exit(1)
