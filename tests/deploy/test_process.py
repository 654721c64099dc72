import asyncio
import os
import signal
import sys
from pathlib import Path

from deploy.local.process import Command, Process
from tests.deploy.processes import is_running, program, until

IGNORES_SIGTERM = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(99)"
)

STARTER = """
import asyncio, os, pathlib, sys
from deploy.local.process import Command, Process

async def main():
    log = pathlib.Path(sys.argv[1])
    process = await Process.start(Command(("sleep", "99"), os.environ, log))
    print(process.pid, flush=True)
    await asyncio.sleep(99)

asyncio.run(main())
"""


def command(tmp_path: Path, *argv: str) -> Command:
    return Command(argv, os.environ, tmp_path / "log")


async def test_the_process_id_is_that_of_the_program_itself(tmp_path: Path) -> None:
    process = await Process.start(command(tmp_path, "sh", "-c", "echo $$"))
    await process.wait()

    assert process.log_end() == str(process.pid)


async def test_a_program_that_ignores_sigterm_is_ended_by_force(tmp_path: Path) -> None:
    process = await Process.start(command(tmp_path, sys.executable, "-c", IGNORES_SIGTERM))
    await until(lambda: "on" in process.log_end())

    await process.stop(timeout=0.2)

    assert process.returncode == -signal.SIGKILL


async def test_stopping_what_has_ended_does_nothing(tmp_path: Path) -> None:
    process = await Process.start(command(tmp_path, "true"))
    await process.wait()

    await process.stop(timeout=1)

    assert process.returncode == 0


async def test_a_program_dies_with_its_starter(tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", STARTER, str(tmp_path / "log")]
    starter = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
    assert starter.stdout
    pid = int(await starter.stdout.readline())
    await until(lambda: program(pid) == "sleep")  # setpriv has tied it to its starter

    starter.kill()
    await starter.wait()

    await until(lambda: not is_running(pid))
