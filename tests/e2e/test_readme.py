"""The README's curl lines do the main job as they stand there."""

import asyncio
import re
import zipfile
from pathlib import Path

from deploy.local.supervisor import Supervisor
from tests.e2e.people import final, proof

README = Path(__file__).parents[2] / "README.md"


async def test_the_readmes_curl_lines_deliver_a_final(stack: Supervisor, tmp_path: Path) -> None:
    script = re.findall(r"```sh\n(.*?)```", README.read_text(), re.DOTALL)[0]
    for folder, draw in (("proofs", proof), ("finals", final)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "IMG_1.jpg").write_bytes(draw("IMG_1.jpg"))
    script = script.replace("http://127.0.0.1:8000", stack.url)

    bash = await asyncio.create_subprocess_exec(
        "bash", "-euo", "pipefail", "-c", script, cwd=tmp_path, stdout=-1, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(60):
        output, _ = await bash.communicate()

    assert bash.returncode == 0, output.decode()
    with zipfile.ZipFile(tmp_path / "photos.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"IMG_1.jpg": final("IMG_1.jpg")}
