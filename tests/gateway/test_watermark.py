"""A studio's own picture as a watermark: what is no whole PNG is refused at once, not by the first proof."""

from collections.abc import Callable

import pytest
import pyvips

from tests.gateway.client import StudioClient

PICTURE: bytes = pyvips.Image.black(60, 40).bandjoin([0, 255, 200]).copy(interpretation="srgb").pngsave_buffer()


async def test_a_picture_becomes_the_watermark_of_proofs(studio: StudioClient) -> None:
    path = f"/api/v1/galleries/{(await studio.open_gallery())['id']}"
    taken = await studio.put(f"{path}/watermark", PICTURE, headers={"Content-Type": "image/png"})
    assert taken.expect(200)["watermark_image"] is True
    assert (await studio.delete(f"{path}/watermark")).expect(200)["watermark_image"] is False


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda picture: b"", "This is missing; add it."),
        (lambda picture: b"GIF89a" + picture, "Choose a PNG picture."),
        (lambda picture: picture[:-20], "This PNG picture is damaged; export it once more."),
        (lambda picture: picture[:-12], "This PNG picture is damaged; export it once more."),
        (
            lambda picture: picture[:60] + bytes([picture[60] ^ 1]) + picture[61:],
            "This PNG picture is damaged; export it once more.",
        ),
        (lambda picture: picture[:8] + b"\xff" * 40, "Choose a picture of at most 4,000 by 4,000 pixels."),
        (lambda picture: picture + b"\0" * 900_000, "The picture has over 900 kB; export it smaller."),
    ],
)
async def test_what_is_no_whole_picture_is_refused(
    studio: StudioClient, harm: Callable[[bytes], bytes], says: str
) -> None:
    path = f"/api/v1/galleries/{(await studio.open_gallery())['id']}"
    answer = await studio.put(f"{path}/watermark", harm(PICTURE), headers={"Content-Type": "image/png"})
    assert answer.expect(422)["detail"].endswith(says)
    assert (await studio.get(path)).expect(200)["watermark_image"] is False
