"""The build of a wheel: rules/ and the twins are compiled into it, so that an installed siglum has them ready made."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class MakeReady(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling's hook. An editable install has the twins beside their sources, and compiles rules for itself."""

    PLUGIN_NAME = "custom"
    scratch: Path | None = None  # what goes into the wheel and is not in the tree

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile every section of the rules into siglum/_compiled of the wheel, the twins into siglum/native.

        With twins the wheel is for this machine's kind and this Python; without, for all.
        """
        sys.path.insert(0, str(Path(self.root, "src")))
        if version == "editable":
            from siglum.making.native import NATIVE

            self._build_twins(NATIVE)
            return
        from siglum.packs.store import write_all

        scratch = self.scratch = Path(tempfile.mkdtemp(prefix="siglum-build-"))
        write_all(Path(self.root, "rules"), scratch / "rules")
        build_data["force_include"][str(scratch / "rules")] = "siglum/_compiled"
        twins = self._build_twins(scratch)
        for path in twins:
            build_data["force_include"][str(path)] = f"siglum/native/{path.name}"
        if twins:
            build_data["pure_python"], build_data["infer_tag"] = False, True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Clear up once the wheel is written."""
        if self.scratch:
            shutil.rmtree(self.scratch)

    def _build_twins(self, target: Path) -> list[Path]:
        """Return the twins, built into *target*; none, and a line that says why, where they cannot be built."""
        from siglum.making.native import NotBuilt, build
        from siglum.native import SWITCH

        try:
            if os.environ.get(SWITCH) == "0":
                raise NotBuilt(f"{SWITCH}=0")
            return build(target)
        except NotBuilt as e:
            self.app.display_warning(f"siglum is built without its compiled twins, the Python twins run: {e}")
            return []
