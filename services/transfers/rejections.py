"""Why a file is not taken in: each reason says what is wrong with the file and what to do."""

ACCEPTED = "JPEG, PNG, TIFF, WebP or AVIF"


class RejectedImage(Exception):
    """A file that is not taken in. `code` is for programs, `reason` a sentence for the photographer."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


def empty() -> RejectedImage:
    """No bytes."""
    return RejectedImage("empty", "The file is empty. Export the photo again and upload that file.")


def never_arrived() -> RejectedImage:
    """Nothing is in the store, or not all of its parts are."""
    return RejectedImage("never_arrived", "The file did not arrive completely. Upload it again.")


def another_size(size: int, announced: int) -> RejectedImage:
    """Not the bytes that were announced."""
    return RejectedImage(
        "another_size", f"The file arrived with {size:,} bytes instead of {announced:,}. Upload it again."
    )


def too_large(size: int, limit: int) -> RejectedImage:
    """More bytes than allowed."""
    return RejectedImage(
        "too_large",
        f"The file has {size / 1e6:,.1f} MB; at most {limit / 1e6:,.0f} are accepted. Export it smaller, best as JPEG.",
    )


def too_many_pixels(width: int, height: int, limit: int) -> RejectedImage:
    """More pixels than allowed."""
    return RejectedImage(
        "too_many_pixels",
        f"The picture has {width:,} by {height:,} pixels, which is {width * height / 1e6:,.0f} megapixels; "
        f"at most {limit / 1e6:,.0f} are accepted. Export it smaller.",
    )


def wrong_type(what: str) -> RejectedImage:
    """Recognised as something else; `what` with its article: "a GIF file"."""
    return RejectedImage("wrong_type", f"By its content, this is {what}. Upload the photo as {ACCEPTED}.")


def archive(what: str) -> RejectedImage:
    """Photos may be inside."""
    return RejectedImage(
        "wrong_type", f"By its content, this is {what}. Unpack it and upload the photos that are in it."
    )


def raw(what: str) -> RejectedImage:
    """The undeveloped file of a camera."""
    return RejectedImage("raw", f"By its content, this is {what}. Develop it and upload the photo as JPEG or TIFF.")


def unknown() -> RejectedImage:
    """Recognised as nothing."""
    return RejectedImage(
        "not_an_image", f"By its content, this is no picture of a known type. Upload the photo as {ACCEPTED}."
    )


def animated() -> RejectedImage:
    """Many pictures that follow each other."""
    return RejectedImage("animated", "The file is an animation. Export a single picture and upload that.")


def heic() -> RejectedImage:
    """libvips has no decoder for HEVC here, or the file is damaged: libheif does not tell which."""
    return RejectedImage(
        "heic", "The HEIC picture cannot be read by this installation. Export the photo as JPEG and upload that."
    )


def damaged() -> RejectedImage:
    """Begins as it should, and cannot be decoded to its end."""
    return RejectedImage("damaged", "The picture is damaged or cut off. Export the photo again and upload that file.")


def watermark_missing() -> RejectedImage:
    """A photo without its watermark would be given away."""
    return RejectedImage(
        "watermark_missing", "The gallery's watermark picture cannot be read. Choose it again in Settings, then retry."
    )


def too_slow(seconds: float) -> RejectedImage:
    """Decoding was stopped by its time limit."""
    return RejectedImage(
        "undecodable", f"The picture could not be opened within {seconds:,.0f} seconds. Export it again, best as JPEG."
    )


def too_hungry() -> RejectedImage:
    """Decoding hit its memory limit."""
    return RejectedImage(
        "undecodable", "The picture needs too much memory to be opened. Export it again as JPEG, not progressive."
    )


def breaks_decoder() -> RejectedImage:
    """Every decoder that opened it died."""
    return RejectedImage(
        "undecodable", "The picture cannot be opened: the decoder breaks off. Export it again, best as JPEG."
    )


def name_taken(filename: str) -> RejectedImage:
    """Another proof of the gallery has the same match key."""
    return RejectedImage(
        "name_taken",
        f"“{filename}” is in the gallery already and has the same name but for case, folder or extension. "
        "Remove that photo first, or rename this file.",
    )
