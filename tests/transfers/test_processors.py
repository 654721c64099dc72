"""How many decoders may work at once."""

import os
from pathlib import Path

import pytest

from services.transfers.processors import usable_processors

OURS = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("quota", "processors"), [("max 100000", OURS), ("50000 100000", 1), ("99999999 100000", OURS)]
)
def test_a_container_uses_the_processors_it_is_given(quota: str, processors: int, tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text(f"{quota}\n")

    assert usable_processors(tmp_path / "cpu.max") == processors


def test_without_a_container_all_of_the_machine_counts(tmp_path: Path) -> None:
    assert usable_processors(tmp_path / "cpu.max") == OURS
