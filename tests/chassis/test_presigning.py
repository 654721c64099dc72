"""Our signatures are those of minio-py."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st
from minio import Minio

from chassis.presigning import Presigner

SECRET = "a secret/with+odd=characters"
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)


@given(
    key=TEXT.map(lambda text: f"galleries/{text}"),
    answer=st.dictionaries(st.sampled_from(["response-content-type", "response-content-disposition"]), TEXT),
    method=st.sampled_from(["GET", "PUT"]),
    expires=st.integers(1, 604_800),
    at=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),
)
def test_urls_are_those_of_minio_py(key: str, answer: dict[str, str], method: str, expires: int, at: datetime) -> None:
    presigner = Presigner("key", SECRET, "eu-central-1", "store:9000", "http://store:9000", "bucket")
    minio = Minio("store:9000", "key", SECRET, secure=False, region="eu-central-1")

    ours = urlsplit(presigner.url(method, key, answer, expires, at))
    theirs = urlsplit(minio.get_presigned_url(method, "bucket", key, timedelta(seconds=expires), dict(answer), at))

    assert ours[:3] == theirs[:3]
    assert dict(parse_qsl(ours.query)) == dict(parse_qsl(theirs.query))
