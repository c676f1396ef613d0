"""What a source string means, and that credentials never show."""

from __future__ import annotations

from pathlib import Path

import pytest

from address import Kind, parse_address, redacted
from errors import SourceError


@pytest.mark.parametrize(
    ("text", "kind", "target", "shown"),
    [
        pytest.param("a/cam1.mp4", Kind.FILE, "a/cam1.mp4", "a/cam1.mp4", id="file"),
        pytest.param("./0", Kind.FILE, "./0", "./0", id="file-called-0"),
        pytest.param("a:b.mp4", Kind.FILE, "a:b.mp4", "a:b.mp4", id="colon-in-a-name"),
        pytest.param("0", Kind.WEBCAM, "0", "webcam:0", id="bare-number"),
        pytest.param("webcam:12", Kind.WEBCAM, "12", "webcam:12", id="webcam"),
        pytest.param("rtsp://h/s", Kind.RTSP, "rtsp://h/s", "rtsp://h/s", id="rtsp"),
        pytest.param("RTSPS://h/s", Kind.RTSP, "RTSPS://h/s", "RTSPS://h/s", id="case-does-not-count"),
        pytest.param("http://u:p@h/v.m3u8", Kind.HTTP, "http://u:p@h/v.m3u8", "http://***@h/v.m3u8", id="inline-login"),
    ],
)
def test_what_a_source_means(text: str, kind: Kind, target: str, shown: str) -> None:
    address = parse_address(text)
    assert (address.kind, address.target, address.shown) == (kind, target, shown)


def test_a_directory_is_a_folder_of_pictures(tmp_path: Path) -> None:
    assert parse_address(str(tmp_path)).kind is Kind.FOLDER


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("rtsp://h:8554/x", "h", 8554), ("rtsp://u:p@h/x", "h", 554), ("https://[::1]/x", "::1", 443)],
)
def test_host_and_port(text: str, host: str, port: int) -> None:
    address = parse_address(text)
    assert (address.host, address.port) == (host, port)


@pytest.mark.parametrize("text", ["rtsp://h/s", "rtsp://old:login@h/s"], ids=["put-in", "replaced"])
def test_credentials_are_put_in_escaped(text: str) -> None:
    address = parse_address(text, "joe", "p@ss/wörd:#")
    assert address.target == "rtsp://joe:p%40ss%2Fw%C3%B6rd%3A%23@h/s"
    assert address.shown == "rtsp://***@h/s"
    assert "joe" not in repr(address)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("ftp://u:s3cret@h/x", "source_scheme", id="unknown-scheme"),
        pytest.param("rtsp://u:s3cret@/x", "source_url", id="no-host"),
        pytest.param("rtsp://u:s3cret@h:port/x", "source_url", id="no-port"),
        pytest.param("rtsp://u:s3cret@h/a b", "source_url", id="blank"),
        pytest.param("rtsp://u:s3cret@h/a\r\nX: y", "source_url", id="line-break"),
        pytest.param("rtsp://u:s3cret@[::1/x", "source_url", id="open-bracket"),
    ],
)
def test_bad_addresses(text: str, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_address(text)
    assert caught.value.code == code
    assert "s3cret" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("cam1.mp4 and joe@example.org", "cam1.mp4 and joe@example.org", id="no-url-no-change"),
        pytest.param("rtsp://joe:pw@h/x", "rtsp://***@h/x", id="login"),
        pytest.param("rtsp://joe:p@w@h/x", "rtsp://***@h/x", id="at-sign-in-the-password"),
        pytest.param("rtsp://joe:p w/?'@h/x: refused", "rtsp://***@h/x: refused", id="anything-in-the-password"),
        pytest.param("see rtsp://joe@h/x", "see rtsp://***@h/x", id="user-alone"),
        pytest.param("http://h/v?user=joe&pwd=x&channel=1", "http://h/v?user=***&pwd=***&channel=1", id="query"),
        pytest.param("http://h/v?access_token=x#f", "http://h/v?access_token=***#f", id="token"),
        pytest.param("rtsp://h/user=joe&password=x&channel=1", "rtsp://h/user=***&password=***&channel=1", id="path"),
        pytest.param("a rtsp://j:x@h\nb rtsp://j:y@i", "a rtsp://***@h\nb rtsp://***@i", id="line-by-line"),
    ],
)
def test_redacted(text: str, expected: str) -> None:
    assert redacted(text) == expected
