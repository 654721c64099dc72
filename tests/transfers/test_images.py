"""What is taken in as a picture, and what its previews look like."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pyvips

from deploy.local.drawing import draw, photo
from services.transfers import images
from services.transfers.jobs import Inspected, Limits
from services.transfers.rejections import RejectedImage
from services.transfers.sniffing import Format
from tests.transfers import bad_files

RED = [200, 60, 40]
WRITTEN_AS: dict[str, tuple[Format, str, dict[str, Any]]] = {
    "baseline": (Format.JPEG, ".jpg", {}),
    "progressive": (Format.JPEG, ".jpg", {"interlace": True}),
    "png": (Format.PNG, ".png", {}),
    "interlaced png": (Format.PNG, ".png", {"interlace": True}),
    "tiff": (Format.TIFF, ".tif", {}),
    "bigtiff": (Format.TIFF, ".tif", {"bigtiff": True}),
    "lzw tiff": (Format.TIFF, ".tif", {"compression": "lzw"}),
    "jpeg tiff": (Format.TIFF, ".tif", {"compression": "jpeg"}),
    "tiled tiff": (Format.TIFF, ".tif", {"tile": True, "compression": "deflate"}),
    "pyramid tiff": (Format.TIFF, ".tif", {"tile": True, "pyramid": True}),
    "webp": (Format.WEBP, ".webp", {}),
    "lossless webp": (Format.WEBP, ".webp", {"lossless": True, "effort": 0}),
    "avif": (Format.AVIF, ".avif", {"effort": 0}),
    "10-bit avif": (Format.AVIF, ".avif", {"effort": 0, "bitdepth": 10}),
}
"""How a picture is written: the accepted type, libvips' name for it, its options."""

Write = Callable[[bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Makes a file whose name says nothing true."""

    def write_(content: bytes) -> Path:
        path = tmp_path / "IMG_0001.bin"
        path.write_bytes(content)
        return path

    return write_


def encoded(how: str, width: int = 300, height: int = 200) -> bytes:
    _, suffix, options = WRITTEN_AS[how]
    return bytes(draw(how, width, height).write_to_buffer(suffix, **options))


def previewed(path: Path, size: int = 400, text: str | None = None) -> pyvips.Image:
    """The preview of one size."""
    found = images.inspect(path, Limits())
    return pyvips.Image.new_from_buffer(images.previews(path, found.format, (1600, size), text)[size], "")


def plain(colour: list[int], width: int = 64, height: int = 48) -> pyvips.Image:
    return (pyvips.Image.black(width, height, bands=len(colour)) + colour).cast("uchar").copy(interpretation="srgb")


def middle(image: pyvips.Image) -> list[int]:
    return [round(value) for value in image(image.width // 2, image.height // 2)]


def close_to(colour: list[int]) -> object:
    return pytest.approx(colour, abs=3)


def refusal(path: Path, limits: Limits | None = None) -> RejectedImage:
    with pytest.raises(RejectedImage) as rejection:
        images.previews(path, images.inspect(path, limits or Limits()).format, (1600, 400))
    return rejection.value


@pytest.mark.parametrize("how", WRITTEN_AS)
def test_every_accepted_type_is_known_by_its_content(how: str, write: Write) -> None:
    path = write(encoded(how))

    assert images.inspect(path, Limits()) == Inspected(WRITTEN_AS[how][0], 300, 200)
    assert (previewed(path) - draw(how, 300, 200)).abs().avg() < 8


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "empty", "is empty"),
        (b"\0" * 1_000, "not_an_image", "no picture of a known type"),
        (b"\xff", "not_an_image", "no picture of a known type"),
        (b"Just some text", "not_an_image", "no picture of a known type"),
        (bad_files.gif(), "wrong_type", "a GIF file"),
        (bad_files.SVG, "wrong_type", "an SVG drawing"),
        (bad_files.PDF, "wrong_type", "a PDF document"),
        (bad_files.HTML, "wrong_type", "a web page"),
        (bad_files.MP4, "wrong_type", "a video"),
        (bad_files.zip_archive(), "wrong_type", "a ZIP archive. Unpack it"),
        (bad_files.dng(), "raw", "Develop it"),
        (bad_files.nef(), "raw", "Develop it"),
        (bad_files.cr2(), "raw", "Develop it"),
        (bad_files.CR3, "raw", "CR3"),
        (bad_files.animated_webp(), "animated", "an animation"),
        (bad_files.HEIC, "heic", "as JPEG"),
        (bad_files.png(50_000, 50_000), "too_many_pixels", "2,500 megapixels; at most 300"),
        (bad_files.tiff_of_entries(), "damaged", "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_everything_else_is_refused_with_its_own_reason(content: bytes, code: str, words: str, write: Write) -> None:
    rejection = refusal(write(content))

    assert rejection.code == code
    assert words in rejection.reason
    assert rejection.reason.endswith(".")


def test_a_tiff_picture_is_not_taken_for_a_raw_file(write: Write) -> None:
    first = bad_files.directory(bad_files.picture(10, 10, 1))

    assert images.inspect(write(bad_files.tiff(first, bytes(100))), Limits()).format is Format.TIFF


def test_of_a_tiff_with_several_pages_the_first_counts(write: Write) -> None:
    pages = pyvips.Image.arrayjoin([plain(RED), plain([0, 0, 255])], across=1).copy()
    pages.set_type(pyvips.GValue.gint_type, "page-height", 48)
    path = write(bytes(pages.tiffsave_buffer()))

    assert images.inspect(path, Limits()) == Inspected(Format.TIFF, 64, 48)
    assert middle(previewed(path)) == close_to(RED)


def test_more_bytes_or_pixels_than_allowed_are_refused(write: Write) -> None:
    path = write(photo("IMG", 300, 200))
    size = path.stat().st_size

    images.inspect(path, Limits(size=size, pixels=60_000))
    assert refusal(path, Limits(size=size - 1)).code == "too_large"
    assert refusal(path, Limits(pixels=59_999)).code == "too_many_pixels"


@pytest.mark.parametrize("how", [how for how in WRITTEN_AS if how != "pyramid tiff"])  # its last parts are copies
@pytest.mark.parametrize("part", [0.3, 0.7, 0.95])
def test_a_file_that_is_cut_off_is_refused(how: str, part: float, write: Write) -> None:
    whole = encoded(how)

    assert refusal(write(whole[: int(len(whole) * part)])).code in ("damaged", "heic")


@pytest.mark.parametrize("width", [300, 3_600])
@pytest.mark.parametrize("how", ["baseline", "progressive"])
def test_a_jpeg_without_its_last_bytes_is_refused_at_every_scale(how: str, width: int, write: Write) -> None:
    whole = encoded(how, width, width * 2 // 3)

    assert refusal(write(whole[:-20])).code == "damaged"


@pytest.mark.parametrize("how", ["png", "interlaced png", "lzw tiff", "avif"])
def test_a_file_with_wrong_bytes_in_the_middle_is_refused(how: str, write: Write) -> None:
    content = bytearray(encoded(how))
    half = len(content) // 2
    content[half : half + 64] = bytes(byte ^ 0x5A for byte in content[half : half + 64])

    assert refusal(write(bytes(content))).code == "damaged"


def test_the_picture_itself_is_decoded_and_not_a_smaller_copy_in_the_file(write: Write) -> None:
    size = len(bad_files.directory(bad_files.picture(800, 600, 1)))
    black = bad_files.directory(bad_files.picture(800, 600, 1), following=8 + size)
    white = bad_files.directory(bad_files.picture(400, 300, 0))
    path = write(bad_files.tiff(black, white, bytes(800 * 600)))
    assert middle(pyvips.Image.thumbnail(str(path), 300)) == [255]

    preview = images.previews(path, Format.TIFF, [300])[300]

    assert middle(pyvips.Image.new_from_buffer(preview, "")) == [0, 0, 0]


@pytest.mark.parametrize(
    ("width", "height", "large", "small"),
    [
        (2_400, 1_600, (1_600, 1_067), (400, 267)),
        (1_600, 2_400, (1_067, 1_600), (267, 400)),
        (800, 600, (800, 600), (400, 300)),
        (300, 200, (300, 200), (300, 200)),
        (4_000, 2, (1_600, 1), (400, 1)),
    ],
)
def test_previews_fit_and_are_never_enlarged(
    width: int, height: int, large: tuple[int, int], small: tuple[int, int], write: Write
) -> None:
    path = write(bytes(plain(RED, width, height).jpegsave_buffer()))

    made = images.previews(path, Format.JPEG, (400, 1600))

    shapes = {size: pyvips.Image.new_from_buffer(preview, "") for size, preview in made.items()}
    assert {size: (image.width, image.height) for size, image in shapes.items()} == {1600: large, 400: small}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp", ".avif"])
def test_a_picture_is_shown_upright(orientation: int, suffix: str, write: Write) -> None:
    upright = draw("upright", 600, 200)
    stored = pyvips.Image.new_from_buffer(photo("upright", 600, 200, orientation=orientation), "")
    path = write(bytes(stored.write_to_buffer(suffix)))

    inspected = images.inspect(path, Limits())

    assert (inspected.width, inspected.height) == (600, 200)
    assert (previewed(path) - upright.thumbnail_image(400)).abs().avg() < 8


def test_previews_carry_no_metadata(write: Write) -> None:
    path = write(photo("IMG", 600, 400, gps=True))
    assert "exif-ifd3-GPSLatitude" in pyvips.Image.new_from_file(str(path)).get_fields()

    for preview in images.previews(path, Format.JPEG, (400, 1600), "© Studio").values():
        fields = pyvips.Image.new_from_buffer(preview, "").get_fields()
        assert not [field for field in fields if field.startswith(("exif", "xmp", "iptc", "icc"))]
        assert b"Photoferry drawing" not in preview


def in_profile(colour: list[int], profile: str) -> pyvips.Image:
    return plain(colour).icc_transform(profile, input_profile="srgb")


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_the_colours_of_a_wide_gamut_are_converted(suffix: str, write: Write) -> None:
    wide = in_profile(RED, "p3")
    assert middle(wide) != close_to(RED)

    assert middle(previewed(write(bytes(wide.write_to_buffer(suffix, Q=95))))) == close_to(RED)


@pytest.mark.parametrize(
    ("image", "suffix", "expected"),
    [
        (plain(RED).colourspace("rgb16"), ".png", RED),
        (plain(RED).colourspace("rgb16"), ".tif", RED),
        (plain(RED).colourspace("lab"), ".tif", RED),
        (plain(RED).colourspace("scrgb"), ".tif", RED),
        (plain([99] * 3).colourspace("b-w"), ".jpg", [99] * 3),
        (plain([99] * 3).colourspace("grey16"), ".png", [99] * 3),
        (plain([0, 0, 0, 128]), ".png", [127] * 3),
        (plain([0, 0, 0, 128]).colourspace("rgb16"), ".png", [127] * 3),
        (plain([0, 0, 0, 0]), ".webp", [255] * 3),
        (plain([0, 0, 0, 0]), ".avif", [255] * 3),
        (plain([0, 0, 0, 0]), ".tif", [255] * 3),
    ],
    ids=lambda value: f"{value.interpretation}-{value.format}-{value.bands}" if isinstance(value, pyvips.Image) else "",
)
def test_previews_are_srgb_on_white(image: pyvips.Image, suffix: str, expected: list[int], write: Write) -> None:
    preview = previewed(write(bytes(image.write_to_buffer(suffix))))

    assert (preview.interpretation, preview.bands, preview.format) == ("srgb", 3, "uchar")
    assert middle(preview) == close_to(expected)


@pytest.mark.parametrize("keep", ["icc", "none"])
@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_ink_colours_are_converted_with_a_profile_and_without(suffix: str, keep: str, write: Write) -> None:
    ink = in_profile(RED, "cmyk")

    assert middle(previewed(write(bytes(ink.write_to_buffer(suffix, keep=keep))))) == pytest.approx(RED, abs=12)


@pytest.mark.parametrize("profile", [b"garbage" * 50, in_profile(RED, "cmyk").get("icc-profile-data")])
def test_a_profile_that_does_not_fit_is_ignored(profile: bytes, write: Write) -> None:
    image = plain(RED).copy()
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)

    assert middle(previewed(write(bytes(image.jpegsave_buffer(Q=95))))) == close_to(RED)


@pytest.mark.parametrize("ground", [[255] * 3, [0] * 3, [128] * 3])
@pytest.mark.parametrize("size", [1600, 400])
@pytest.mark.parametrize("text", ["© Studio Żółć", "<b>A&B</b>", "Пример", "a\x01b\x00\nc", "long " * 60])
def test_a_watermark_shows_on_any_ground(ground: list[int], size: int, text: str, write: Write) -> None:
    path = write(bytes(plain(ground, 1_200, 800).pngsave_buffer()))

    assert previewed(path, size).deviate() < 0.1
    assert previewed(path, size, text).deviate() > 5


@pytest.mark.parametrize("text", ["", " \n", "\u200b\u200d"])
def test_a_watermark_of_nothing_leaves_the_picture_as_it_is(text: str, write: Write) -> None:
    path = write(bytes(plain([99] * 3, 600, 400).pngsave_buffer()))

    assert previewed(path, text=text).deviate() < 0.1


@pytest.mark.parametrize(("width", "height"), [(4, 4), (1_600, 40), (40, 1_600)])
def test_a_watermark_fits_pictures_of_any_shape(width: int, height: int, write: Write) -> None:
    path = write(bytes(plain([0, 0, 0], width, height).pngsave_buffer()))

    assert (previewed(path, 1600, "© Studio").width, previewed(path, 1600, "© Studio").height) == (width, height)


def test_control_characters_in_a_watermark_are_spaces(write: Write) -> None:
    path = write(bytes(plain([0] * 3, 1_200, 800).pngsave_buffer()))

    assert (previewed(path, text="a\x01b\x00\nc\ud800") - previewed(path, text="a b c")).abs().max() == 0


LETTER_WIDTHS = """
from services.transfers import watermark
print(*(watermark._tile(text, 1600).width for text in ("iiii", "WWWW", "łłłł", "ŻŻŻŻ")))
"""


def test_a_watermark_has_real_letters() -> None:
    command = [sys.executable, "-c", LETTER_WIDTHS]
    thin, wide, *polish = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()

    assert int(wide) > 1.5 * int(thin)  # the boxes that stand for missing letters are all of one width
    assert len({thin, wide, *polish}) == 4


@pytest.mark.parametrize("content", [bad_files.SVG, bad_files.gif()])
def test_libvips_decodes_nothing_but_the_accepted_types(content: bytes) -> None:
    with pytest.raises(pyvips.Error):
        pyvips.Image.new_from_buffer(content, "")
