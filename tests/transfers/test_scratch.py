"""Files that are being looked at leave nothing behind."""

import asyncio
import signal
import sys
from pathlib import Path

from deploy.local.python import REPOSITORY
from services.transfers.scratch import scratch_folder

HOLDER = """
import sys
from pathlib import Path
from services.transfers.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "upload").write_bytes(b"x")
    print(folder, flush=True)
    sys.stdin.read()
"""


async def holder(base: Path) -> tuple[asyncio.subprocess.Process, Path]:
    """Another process that holds a folder until its input ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        HOLDER,
        str(base),
        cwd=REPOSITORY,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    return process, Path((await process.stdout.readline()).decode().strip())


def test_the_folder_is_the_processs_own_and_goes_with_it(tmp_path: Path) -> None:
    base = tmp_path / "scratch"
    with scratch_folder(base) as folder:
        (folder / "upload").mkdir()
        assert base.stat().st_mode & 0o077 == 0

    assert [left.name for left in base.iterdir()] == ["lock"]


async def test_what_a_living_process_holds_stays_and_what_a_killed_one_left_goes(tmp_path: Path) -> None:
    process, folder = await holder(tmp_path)
    with scratch_folder(tmp_path) as ours:
        assert folder.exists()
        assert ours != folder

    process.send_signal(signal.SIGKILL)
    await process.wait()
    assert (folder / "upload").exists()
    with scratch_folder(tmp_path):
        assert not folder.exists()
