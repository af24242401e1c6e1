"""What every test shares: a seeded Hypothesis, and the folders of the project and of the measuring data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="rewrite the golden files of fixtures/; read the diff")


@pytest.fixture(scope="session")
def seeds() -> Path:
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def bench() -> Path:
    """The measuring data, where the checkout has it beside itself or SIGLUM_BENCH names it."""
    folder = Path(os.environ.get("SIGLUM_BENCH", ROOT.parent / "shared"))
    if not (folder / "bench").is_dir():
        pytest.skip("the measuring data is not here: set SIGLUM_BENCH to the folder that holds bench/")
    return folder
