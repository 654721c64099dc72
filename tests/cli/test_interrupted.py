"""Ctrl-C is an ordinary end."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.cli.interrupting import hear_interrupts


async def test_an_interrupted_upload_says_how_to_go_on(tmp_path: Path) -> None:
    connected = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        while await reader.read(1024):
            pass
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(say_nothing, "127.0.0.1")
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    (tmp_path / "a.jpg").write_bytes(b"a")
    command = [str(Path(sys.executable).with_name("photoferry")), "upload", "Gallery", "--photos", str(tmp_path)]
    env = {**os.environ, "PHOTOFERRY_URL": url, "PHOTOFERRY_TOKEN": "token"}
    async with server:
        process = await asyncio.create_subprocess_exec(*command, env=env, stderr=-1, preexec_fn=hear_interrupts)
        await asyncio.wait_for(connected.wait(), 20)
        process.send_signal(signal.SIGINT)
        _, err = await asyncio.wait_for(process.communicate(), 20)

    assert process.returncode == 130
    assert b"Run the command again" in err
    assert b"Traceback" not in err
