"""Parquet and Arrow in, one document a row, batch by batch; the package is pyarrow, the extra "parquet"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from siglum.errors import MissingExtra
from siglum.readers.record import Found, Inside, Record, Skipped
from siglum.readers.tables import no_column, row_record

_ROWS = 64  # at a time: texts may be large


def read_parquet(file: BinaryIO, inside: Inside) -> Found:
    """Yield each row of the Parquet *file*; a row group that cannot be read is reported, and the next one read."""
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        yield inside.fault(str(MissingExtra("parquet", "reading Parquet")))
        return
    table, names, fault = _opened(lambda: parquet.ParquetFile(file, pre_buffer=False, buffer_size=1 << 16))
    if fault := f"is no Parquet file that can be read: {fault}" if fault else _column_fault(names, inside):
        yield inside.fault(fault)
        return
    row = 0
    for group in range(table.num_row_groups):
        size = table.metadata.row_group(group).num_rows
        done = 0
        try:
            for batch in table.iter_batches(_ROWS, row_groups=[group], use_threads=False):
                yield from _batch(batch, row + done, inside)
                done += batch.num_rows
        except Exception as e:  # pyarrow has one of its own for each status
            yield inside.fault(
                f"rows {row + done + 1} to {row + size} cannot be read: {_told(e)}", f"row group {group}"
            )
        row += size


def read_arrow(file: BinaryIO, inside: Inside, *, stream: bool) -> Found:
    """Yield each row of an Arrow IPC *file*, or *stream*; a batch that cannot be read is reported."""
    try:
        import pyarrow as arrow
    except ImportError:
        yield inside.fault(str(MissingExtra("parquet", "reading Arrow")))
        return
    table, names, fault = _opened(lambda: arrow.ipc.open_stream(file) if stream else arrow.ipc.open_file(file))
    if fault := f"is no Arrow file that can be read: {fault}" if fault else _column_fault(names, inside):
        yield inside.fault(fault)
        return
    row = number = 0
    while stream or number < table.num_record_batches:
        try:
            batch = table.read_next_batch() if stream else table.get_batch(number)
        except StopIteration:
            return
        except Exception as e:
            yield inside.fault(f"cannot be read: {_told(e)}", f"batch {number}")
            if stream:
                return
        else:
            yield from _batch(batch, row, inside)
            row += batch.num_rows
        number += 1


def _opened(open: Callable[[], Any]) -> tuple[Any, list[str], str]:
    """Return a table, the names of its columns, and what is wrong with it."""
    try:
        table = open()
        return table, list(getattr(table, "schema_arrow", table.schema).names), ""
    except Exception as e:
        return None, [], _told(e)


def _column_fault(names: list[str], inside: Inside) -> str:
    fields = inside.fields
    return "" if set(names) & {*fields.text, *fields.html} else no_column(fields, names)


def _batch(batch: Any, done: int, inside: Inside) -> Iterator[Record | Skipped]:
    """Yield the rows of *batch*, of which *done* came before."""
    try:
        names, columns = batch.schema.names, batch.columns
    except Exception as e:
        yield inside.fault(f"cannot be read: {_told(e)}", f"rows {done + 1} to {done + batch.num_rows}")
        return
    # What is not validated can end the process: a string with a negative length, for one.
    whole = not _invalid(batch)
    for at in range(batch.num_rows):
        number = done + at + 1
        place = f"{inside.name}:{number}"
        fault = "" if whole else _row_fault(names, batch.slice(at, 1))
        if fault:
            yield Skipped(place, place, fault, True, number)
        else:
            row = {name: _value(column[at]) for name, column in zip(names, columns, strict=True)}
            yield row_record(row, place, number, inside.fields)


def _value(cell: Any) -> Any:
    """Return *cell* as Python has it, as text where Python cannot hold it (a date in the year 20,000), else None."""
    for read in (cell.as_py, lambda: str(cell.cast("string"))):
        with suppress(Exception):
            return read()
    return None


def _invalid(data: Any) -> str:
    """Return what is wrong with a batch or column, "" if nothing."""
    try:
        data.validate(full=True)
    except Exception as e:
        return _told(e)
    return ""


def _row_fault(names: list[str], row: Any) -> str:
    """Return what is wrong with a batch of one row, "" if nothing."""
    for name, column in zip(names, row.columns, strict=True):
        if fault := _invalid(column):
            said = "is not UTF-8" if "UTF8" in fault else "cannot be read"
            return f"the column {name!r} {said}: {fault}"
    return ""


def _told(e: Exception) -> str:
    return str(e).split("\n")[0][:300] or type(e).__name__
