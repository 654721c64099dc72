"""What a page's scripts and styles weigh on the way, with all that they may load later."""

import gzip
import json

import pytest

from services.gateway.web.static import DIST

OUTPUTS = json.loads((DIST / "meta.json").read_text())["outputs"]


def reachable(path: str, seen: set[str]) -> set[str]:
    """A bundle and all that it imports, at once or later."""
    if path not in seen:
        seen.add(path)
        for imported in OUTPUTS[path]["imports"]:
            reachable(imported["path"], seen)
    return seen


@pytest.mark.parametrize(("side", "most"), [("client", 60_000), ("studio", 120_000)])
def test_scripts_and_styles_of_a_side_stay_small(side: str, most: int) -> None:
    entries = [path for path, output in OUTPUTS.items() if output.get("entryPoint", "").startswith(f"assets/{side}.")]
    files = {file for entry in entries for file in reachable(entry, set())}
    weight = sum(len(gzip.compress((DIST / file.removeprefix("dist/")).read_bytes())) for file in files)
    assert len(entries) == 2
    assert 10_000 < weight < most
