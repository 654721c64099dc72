"""What `pip install .` installs: all that runs, not only Python."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
WITHOUT = shutil.ignore_patterns("__pycache__", "node_modules", ".npmrc")
RUNS = ("chassis", "cli", "contracts", "deploy/local", "mails", "services")


def files_of(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for part in RUNS for file in (folder / part).rglob("*") if file.is_file()}


def test_a_wheel_has_every_file_that_runs(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    for part in RUNS:
        shutil.copytree(ROOT / part, source / part, ignore=WITHOUT)
    files = files_of(source)

    build = f"from setuptools.build_meta import build_wheel; build_wheel({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)

    (wheel,) = tmp_path.glob("*.whl")
    assert files <= set(zipfile.ZipFile(wheel).namelist())
    assert {"services/transfers/fonts.conf", "services/orders/schema/0001_orders.sql"} <= files
