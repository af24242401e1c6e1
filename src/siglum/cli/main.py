"""The command `siglum`: its subcommands are imported when they are called, so that --help is quick."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from siglum import __version__
from siglum.errors import SiglumError

# name -> ("module:command", help in one line); one place, read without importing anything
COMMANDS = {
    "clean": ("siglum.cli.clean:clean", "Clean texts, pages and rows; with -o, with an account of every document."),
    "inspect": ("siglum.cli.inspect:inspect", "Show what stays, what goes and why, the languages and the provenance."),
    "restore": ("siglum.cli.audit:restore", "Give back the source of a clean text, byte for byte."),
    "verify": ("siglum.cli.audit:verify", "Check a run: digests, reports, and that every source comes back."),
    "explain": ("siglum.cli.audit:explain", "Say which rule took a line of a run, and on what evidence."),
    "language": ("siglum.cli.tell:language", "Tell the language of every line."),
    "provenance": ("siglum.cli.tell:provenance", "Tell whether and by whom a text was translated, with quotes."),
    "learn": ("siglum.cli.learn:learn", "Learn the templates of sites and write them as rule packs."),
    "report": ("siglum.cli.report:report", "Write the report page of a run: one file that any browser opens offline."),
    "apply-review": (
        "siglum.cli.report:apply_review",
        "Rebuild a run's texts after a person decided on its edits.",
    ),
    "stats": ("siglum.cli.run:stats", "Print what a run adds up to."),
    "query": ("siglum.cli.run:query", "Put a question in SQL to a run."),
    "diff": ("siglum.cli.export:diff", "Compare two runs: what changed, and because of which rule."),
    "export": ("siglum.cli.export:export", "Write a run as PREMIS, WARC, BagIt or PROV."),
    "rules": ("siglum.cli.rules:rules", "Check, list, explain, try and count rules."),
}


class Lazy(click.Group):
    """A group that knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # The reader went away, as `head` does: no fault of ours, and nothing more to say.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except ExceptionGroup as group:
            for fault in group.exceptions:
                click.echo(str(fault), err=True)
            ctx.exit(2)
        except SiglumError as e:
            click.echo(f"siglum: {e}", err=True)
            ctx.exit(2)


def _print_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        from siglum.native import running

        click.echo(f"siglum, version {__version__} ({', '.join(running()) or 'nothing'} compiled)")
        ctx.exit()


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version, and what of it runs compiled.",
)
def main() -> None:
    """Tell what a web text is before you use it.

    siglum strips page furniture, finds out whether and by whom a text was translated, tags the language of every line,
    and accounts for every character it takes, so that the source comes back byte for byte.

    Exit status: 0 done, 1 some documents failed, 2 wrong use, 3 verification failed.
    """
