"""What the container image is made of."""

import re
import tomllib
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.containers import IMAGES

ROOT = Path(__file__).parents[2]
IMAGE = ROOT / "deploy" / "image"
EXTRAS = {"mail"}
"""Of ours that the image has."""


def locked(file: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """Version and hashes of each package in a lock."""
    pinned = re.split(r"^(?=[a-z0-9])", file.read_text(), flags=re.MULTILINE)[1:]
    return {
        package.partition("==")[0]: (
            package.partition("==")[2].split()[0],
            frozenset(re.findall(r"--hash=(\S+)", package)),
        )
        for package in pinned
    }


def needed(name: str, extras: set[str], seen: dict[str, set[str]]) -> dict[str, set[str]]:
    """Every package that this one needs here, with those that these need."""
    for each in map(Requirement, requires(name) or ()):
        if any(each.marker is None or each.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            found = canonicalize_name(each.name)
            if found not in seen or not each.extras <= seen[found]:
                seen[found] = seen.get(found, set()) | each.extras
                needed(found, seen[found], seen)
    return seen


def test_the_image_has_what_photoferry_needs_and_nothing_else_as_it_is_tested() -> None:
    image, tested = locked(IMAGE / "requirements.lock"), locked(ROOT / "requirements.lock")

    assert image.keys() == needed("photoferry", EXTRAS, {}).keys(), "make its lock again, as CONTRIBUTING.md says"
    assert {name: tested[name] for name in image} == image
    assert all(hashes for _, hashes in image.values())


def test_what_the_image_is_built_with_is_as_tested_too() -> None:
    build, tested = locked(IMAGE / "build.lock"), locked(ROOT / "requirements.lock")

    assert build.keys() == {"setuptools"}
    assert {name: tested[name] for name in build} == build


def test_the_image_says_its_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert f'org.opencontainers.image.version="{project["version"]}"' in (IMAGE / "Dockerfile").read_text()


def test_the_last_stage_has_what_runs_and_nothing_that_builds() -> None:
    *_, last = (IMAGE / "Dockerfile").read_text().split("\nFROM ")

    assert last.startswith("${PYTHON_IMAGE}\n")
    assert not re.findall(r"\b(pip|npm|apt-get|gcc|curl)\b", last)
    assert re.findall(r"^USER (.*)", last, re.MULTILINE) == ["10001:10001"]
    assert "HEALTHCHECK" in last


def test_the_image_takes_only_what_has_the_hash_that_is_known() -> None:
    lines = (IMAGE / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    takes = [step for line in lines if line.startswith("RUN") for step in line.split("&&")]
    takes = [step for step in takes if re.search(r"\b(pip|npm) (.* )?(install|wheel|ci)\b", step)]

    assert len(takes) > 4
    assert all(re.search(r"--require-hashes|--no-index|npm ci", step) for step in takes), takes


def test_tests_in_containers_run_on_what_compose_runs() -> None:
    composed = (ROOT / "deploy" / "compose" / "compose.yaml").read_text()

    assert all(f"image: ${{{name}:-{image}}}\n" in composed for name, image in IMAGES.items())
