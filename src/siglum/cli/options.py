"""Options several commands share: they become one frozen `Settings`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from siglum.settings import Settings

CONFIG = "siglum.toml"


def chain_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add to *command* the options that say what the chain does."""
    for option in reversed(
        [
            click.option(
                "--profile",
                type=click.Choice(["archive", "corpus", "mark-only"]),
                help="archive removes what is safe (default), corpus what is probably furniture, mark-only nothing.",
            ),
            click.option(
                "--rules",
                multiple=True,
                type=click.Path(exists=True, path_type=Path),
                help="Further packs, a file or folder; may be repeated.",
            ),
            click.option(
                "--languages",
                type=click.Choice(["off", "document", "light", "default", "full"]),
                help="How thoroughly languages are told.",
            ),
            click.option("--thorough", is_flag=True, default=None, help="Ask every extractor about a page."),
            click.option(
                "--format",
                "form_of_text",
                type=click.Choice(["text", "markdown"]),
                help="Form of the clean text of pages; markdown keeps headings, lists, tables, quotations, code.",
            ),
            click.option(
                "--unicode-form", type=click.Choice(["NFC", "NFD", "NFKC", "NFKD"]), help="Write the text in this form."
            ),
            click.option(
                "--config",
                type=click.Path(exists=True, dir_okay=False, path_type=Path),
                help=f"Settings, in TOML; {CONFIG} of this folder if there is one.",
            ),
        ]
    ):
        command = option(command)
    return command


def settings_from(options: Mapping[str, Any]) -> Settings:
    """Return the settings of the configuration file with the command line's options on top.

    Raises SiglumError where the file is faulty.
    """
    from dataclasses import replace

    from siglum.settings import Settings

    path = options["config"] or (Path(CONFIG) if Path(CONFIG).is_file() else None)
    settings = Settings.from_file(path) if path else Settings()
    if options["rules"]:
        settings = replace(settings, rules=(*settings.rules, *map(str, options["rules"])))
    if options["languages"] == "off":
        settings = replace(settings, tag_languages=False)
    elif options["languages"]:
        language = replace(settings.language, mode=options["languages"])
        settings = replace(settings, tag_languages=True, language=language)
    if options["form_of_text"]:
        settings = replace(settings, format=options["form_of_text"])
    given = {k: options[k] for k in ("profile", "thorough", "unicode_form") if options[k] is not None}
    return replace(settings, **given)
