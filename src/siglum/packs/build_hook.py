"""The build of a wheel: compile rules/ into it, so that an installed siglum loads them ready made."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileRules(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling's hook: an editable install is left alone, since a checkout compiles for itself."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile every section into a folder that goes into the wheel as siglum/_compiled."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        from siglum.packs.store import write_all

        target = Path(tempfile.mkdtemp(prefix="siglum-rules-"))
        write_all(root / "rules", target)
        build_data["force_include"][str(target)] = "siglum/_compiled"
