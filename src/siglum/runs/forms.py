"""Finished rows in other forms: Parquet with a typed schema, and Dolma's documents with attributes and reports."""

from __future__ import annotations

import gzip
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

from siglum.edit import apply
from siglum.errors import EditError, InputError, MissingExtra, ReportMismatch
from siglum.report import Report, dumps, loads
from siglum.writers.files import WholeFile

ROW_GROUP = 10_000  # rows of Parquet that are written at a time, or fewer, where they have
ROW_GROUP_BYTES = 16 << 20  # so many bytes in text and report
READ = 1_000  # rows of Parquet that are read at a time
ATTRIBUTE = "siglum"

Pairs = Iterator[tuple[dict[str, Any], bytes]]


def pairs(rows: BinaryIO, reports: BinaryIO | None) -> Pairs:
    """Yield each row with its report, b"" for one that has none."""
    for row in map(loads, rows):
        yield row, b"" if "error" in row or reports is None else next(reports, b"")


def check_surrogates(id: str, data: bytes) -> None:
    """Raise InputError where *data*, JSON, holds lone surrogates, for which Parquet and Dolma have no form."""
    import orjson

    if b"\\u" not in data:
        return
    try:
        orjson.dumps(loads(data))
    except TypeError as e:
        raise InputError(id, "holds lone surrogates, which this form cannot hold; --to jsonl can") from e


def pyarrow() -> Any:
    """Return the package pyarrow. Raises MissingExtra."""
    try:
        import pyarrow as arrow
        import pyarrow.parquet
    except ImportError as e:
        raise MissingExtra("parquet", "writing Parquet") from e
    return arrow


def write_parquet(found: Pairs, target: Path, scratch: Path) -> None:
    """Write rows and reports to *target*, whole or not at all, by way of the folder *scratch*.

    What each column holds says docs/runs.md.
    """
    arrow = pyarrow()
    schema = _schema(arrow)
    target.parent.mkdir(parents=True, exist_ok=True)
    made = scratch / f".siglum-{target.name}"
    with _writer(made, schema) as writer:
        for group in _groups(found):
            writer.write_table(arrow.Table.from_pylist(group, schema=schema))
    with made.open("rb+") as file:
        os.fsync(file.fileno())
    os.replace(made, target)


def _writer(target: Path, schema: Any) -> Any:
    """Return who writes a table: what stands in its footer stays in memory to the end, so no least text is noted."""
    short = [name for name in schema.names if name not in ("text", "meta", "lines", "report")]
    return pyarrow().parquet.ParquetWriter(target, schema, compression="zstd", write_statistics=short)


def _groups(found: Pairs) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    size = 0
    for row, report in found:
        group.append(_cells(row, report))
        size += len(row.get("text", "")) + len(report)
        if len(group) >= ROW_GROUP or size >= ROW_GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def read_parquet_rows(path: Path) -> Pairs:
    """Yield the rows with their reports of a file that `write_parquet` wrote."""
    arrow = pyarrow()
    for batch in arrow.parquet.ParquetFile(path).iter_batches(READ, columns=["id", "text", "error", "report"]):
        for row in batch.to_pylist():
            report = row.pop("report")
            if row["error"] is None:
                del row["error"]
            yield row, (report or "").encode()


def rewrite_parquet(source: Path, target: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Write the table at *source* to *target* with *change* made to the cells of each row, in groups as they were."""
    arrow = pyarrow()
    file = arrow.parquet.ParquetFile(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _writer(target, file.schema_arrow) as writer:
        for group in range(file.num_row_groups):
            rows = [change(row) for row in file.read_row_group(group).to_pylist()]
            writer.write_table(arrow.Table.from_pylist(rows, schema=file.schema_arrow))
    with target.open("rb+") as made:
        os.fsync(made.fileno())


def _schema(arrow: Any) -> Any:
    text, real, whole = arrow.string(), arrow.float64(), arrow.int64()
    line = arrow.struct([("start", whole), ("end", whole), ("language", text), ("confidence", real)])
    names = ("id", "text", "url", "language", "tag", "method", "engine", "source_language", "basis")
    return arrow.schema(
        [
            *((name, text) for name in names),
            ("confidence", real),
            ("lines_removed", whole),
            ("code_points_removed", whole),
            ("duplicate_of", text),
            ("duplicate_kind", text),
            ("error", text),
            ("meta", text),
            ("lines", arrow.list_(line)),
            ("report", text),
        ]
    )


def _cells(row: Mapping[str, Any], report: bytes) -> dict[str, Any]:
    told, removed = row.get("provenance", {}), row.get("removed", {})
    names = ("id", "text", "url", "language", "tag", "duplicate_of", "duplicate_kind", "error", "lines")
    cells = {name: row.get(name) for name in names}
    cells |= {name: told.get(name) for name in ("method", "engine", "source_language", "basis", "confidence")}
    cells |= {"lines_removed": removed.get("lines"), "code_points_removed": removed.get("code_points")}
    meta = dumps(row["meta"]).decode() if "meta" in row else None
    return {**cells, "meta": meta, "report": report.decode().rstrip("\n") or None}


def dolma_names(name: str) -> tuple[str, str, str]:
    """Return the names of the documents, the attributes and the reports of the rows *name* in Dolma's folders.

    >>> dolma_names("rows.jsonl.gz")
    ('documents/rows.jsonl.gz', 'attributes/siglum/rows.jsonl.gz', 'reports/siglum/rows.jsonl.gz')
    """
    return f"documents/{name}", f"attributes/{ATTRIBUTE}/{name}", f"reports/{ATTRIBUTE}/{name}"


def write_dolma(found: Pairs, source: str, targets: tuple[Path, Path, Path], scratch: Path) -> None:
    """Write to the three *targets* the untouched texts, the spans siglum found in them, and the account.

    They agree row for row; a document that failed is in none. All are packed with gzip, and written whole or not at
    all, by way of the folder *scratch*.
    """
    files = [WholeFile(path, force=True, scratch=scratch) for path in targets]
    packed = [gzip.GzipFile("", "wb", 6, cast("BinaryIO", file), mtime=0) for file in files]
    for row, data in found:
        if not data:
            continue
        report = Report.loads(data)
        about = {"id": row["id"], "source": source}
        text = report.restore_text(row["text"])
        metadata = {name: row[name] for name in ("url", "tag", "provenance", "meta", "duplicate_of") if name in row}
        packed[0].write(dumps({**about, "text": text, "metadata": metadata}) + b"\n")
        packed[1].write(dumps({**about, "attributes": dolma_attributes(report.data, len(text))}) + b"\n")
        packed[2].write(data.rstrip(b"\n") + b"\n")
    for file, stream in zip(files, packed, strict=True):
        stream.close()
        file.commit()


def read_dolma_rows(documents: Path, reports: Path) -> Pairs:
    """Yield rows with their reports of files that `write_dolma` wrote: the texts as they are with the edits made."""
    with gzip.open(documents) as rows, gzip.open(reports) as accounts:
        for line, told in zip(rows, accounts, strict=True):
            row = loads(line)
            try:
                yield {"id": row["id"], "text": apply(row["text"], Report.loads(told).edits)}, told
            except EditError as e:
                raise ReportMismatch(row["id"], "a text the report's edits fit", str(e)) from e


def dolma_attributes(report: Mapping[str, Any], size: int) -> dict[str, list[tuple[int, int, float]]]:
    """Return the spans of *report* as Dolma has them: [start, end, score], in code points of the source text."""
    found = defaultdict(list)
    for edit in report["edits"]:
        if edit["state"] != "applied":
            continue
        what = edit["category"] if edit["op"] == "delete" else edit["op"]
        kind = "removed" if edit["op"] == "delete" else "changed"
        found[f"{ATTRIBUTE}__{kind}_{what}"].append((*edit["src"], edit["confidence"]))
    for segment in report["segments"]:
        found[f"{ATTRIBUTE}__language_{segment['lang']}"].append((*segment["src"], segment["confidence"]))
    told = report["provenance"]
    if told["method"] != "unknown":
        found[f"{ATTRIBUTE}__translation_{told['method']}"].append((0, size, told.get("confidence") or 1.0))
    return dict(sorted(found.items()))
