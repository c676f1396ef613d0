"""Video files are what players want, complete, and fail in plain words."""

from __future__ import annotations

import errno
import os
import struct
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import av
import av.error
import numpy as np
import pytest
from numpy.typing import NDArray

from errors import OutputError
from sinks.avi import AviWriter
from sinks.disk import RESERVE_BYTES
from sinks.mp4 import Mp4Writer, require_encoder
from sinks.video import check_video_path, open_video
from tests.limits import largest_file

SIZE_PX = (320, 180)
ROOT = Path(__file__).resolve().parents[2]


def picture(k: int, size_px: tuple[int, int] = SIZE_PX) -> NDArray[np.uint8]:
    """A grey that grows with k, so that a decoded frame tells its number."""
    return np.full((size_px[1], size_px[0], 3), 20 + 4 * k, np.uint8)


def noise(seed: int) -> NDArray[np.uint8]:
    """A picture that does not compress."""
    return np.random.default_rng(seed).integers(0, 255, (SIZE_PX[1], SIZE_PX[0], 3), dtype=np.uint8)


def write_all(writer: Mp4Writer | AviWriter, pictures: Iterable[NDArray[np.uint8]]) -> None:
    with writer:
        for image in pictures:
            writer.write(image)


def pictures(count: int) -> list[NDArray[np.uint8]]:
    return [picture(k % 50) for k in range(count)]


def greys(path: Path) -> list[float]:
    """The mean grey of every frame that can be decoded."""
    found = []
    with av.open(str(path)) as container, suppress(av.error.InvalidDataError):
        for frame in container.decode(video=0):
            found.append(float(frame.to_ndarray(format="gray").mean()))  # noqa: PERF401 - keep those before an error
    return found


def boxes(path: Path) -> list[str]:
    """The names of the outermost parts of an MP4."""
    data, at, names = path.read_bytes(), 0, []
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        names.append(name.decode())
        at += size
    return names


@pytest.mark.parametrize("fps", [pytest.param(30.0, id="30"), pytest.param(30000 / 1001, id="ntsc"), 12.5, 1.0])
@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        pytest.param("out.mp4", "h264", "yuv420p", id="mp4"),
        pytest.param("OUT.MP4", "h264", "yuv420p", id="upper-case"),
        pytest.param("out.avi", "mpeg4", "yuv420p", id="avi"),
    ],
)
def test_a_video_has_the_right_codec_length_and_pictures(
    tmp_path: Path, name: str, codec: str, pixels: str, fps: float
) -> None:
    path = tmp_path / name
    write_all(open_video(path, SIZE_PX, fps), pictures(45))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == codec
        assert stream.codec_context.pix_fmt == pixels
        assert (stream.width, stream.height) == SIZE_PX
        assert stream.duration is not None
        assert stream.time_base is not None
        assert float(stream.duration * stream.time_base) == pytest.approx(45 / fps, abs=0.1 / fps)
    assert np.allclose(greys(path), [20 + 4 * k for k in range(45)], atol=6)


@pytest.mark.parametrize(("code", "codec"), [("XVID", "mpeg4"), ("MJPG", "mjpeg")])
def test_avi_codecs(tmp_path: Path, code: str, codec: str) -> None:
    path = tmp_path / "out.avi"
    write_all(AviWriter(path, SIZE_PX, 25.0, codes=[code]), pictures(10))
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.name == codec
    assert np.allclose(greys(path), [20 + 4 * k for k in range(10)], atol=6)


def test_a_known_codec_stands_in_for_an_unknown_one(tmp_path: Path) -> None:
    path = tmp_path / "out.avi"
    write_all(AviWriter(path, SIZE_PX, 25.0, codes=["ZZZZ", "MJPG"]), pictures(3))
    assert len(greys(path)) == 3


def test_an_mp4_is_indexed_for_seeking(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    write_all(open_video(path, SIZE_PX, 10.0), pictures(50))
    assert boxes(path) == ["ftyp", "free", "mdat", "moov"]
    with av.open(str(path)) as container:
        assert container.streams.video[0].frames == 50
        container.seek(4_000_000)
        assert next(container.decode(video=0)).time == pytest.approx(4.0)


@pytest.mark.parametrize("name", ["out.mp4", "out.avi"])
def test_the_video_so_far_plays_after_an_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / name

    def interrupted() -> Iterator[NDArray[np.uint8]]:
        yield from pictures(20)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_all(open_video(path, SIZE_PX, 25.0), interrupted())
    assert len(greys(path)) == 20


@pytest.mark.parametrize("name", ["out.mp4", "out.avi"])
def test_no_picture_leaves_no_file(tmp_path: Path, name: str) -> None:
    write_all(open_video(tmp_path / name, SIZE_PX, 25.0), pictures(0))
    assert list(tmp_path.iterdir()) == []


def test_an_mp4_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    code = f"""
import os, signal, numpy as np
from pathlib import Path
from sinks.video import open_video
with open_video(Path({str(path)!r}), (320, 180), 10.0) as writer:
    for k in range(100):
        writer.write(np.random.default_rng(k).integers(0, 255, (180, 320, 3), dtype=np.uint8))
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == -9
    assert len(greys(path)) >= 60


@pytest.mark.parametrize("name", ["out.mp4", "out.avi"])
def test_pictures_of_another_size_are_refused(tmp_path: Path, name: str) -> None:
    with open_video(tmp_path / name, SIZE_PX, 25.0) as writer:
        writer.write(picture(0))
        with pytest.raises(ValueError, match=r"want \(180, 320, 3\), got \(180, 318, 3\)"):
            writer.write(picture(1, (318, 180)))


@pytest.mark.parametrize("writer_type", [Mp4Writer, AviWriter])
def test_a_disk_that_fills_up_is_named_and_what_was_written_plays(
    tmp_path: Path, writer_type: type[Mp4Writer] | type[AviWriter]
) -> None:
    path = tmp_path / ("out.mp4" if writer_type is Mp4Writer else "out.avi")
    left = iter([10 * RESERVE_BYTES, RESERVE_BYTES, RESERVE_BYTES - 1])
    with pytest.raises(OutputError) as caught:
        write_all(writer_type(path, SIZE_PX, 25.0, room=lambda _: next(left)), pictures(100))
    assert caught.value.code == "disk_full"
    assert str(path) in caught.value.message
    assert len(greys(path)) == 30


def test_an_mp4_that_cannot_grow_fails_at_once(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    with largest_file(300_000), pytest.raises(OutputError) as caught:
        write_all(Mp4Writer(path, SIZE_PX, 5.0), (noise(k) for k in range(100)))
    assert caught.value.code == "disk_full"


def test_an_mp4_that_cannot_be_closed_fails(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    writer = Mp4Writer(path, SIZE_PX, 25.0).__enter__()
    for k in range(10):
        writer.write(noise(k))
    with largest_file(1000), pytest.raises(OutputError) as caught:
        writer.__exit__(None, None, None)
    assert caught.value.code == "disk_full"


@pytest.mark.parametrize(
    ("count", "message"),
    [
        pytest.param(60, "of 60 pictures|read back", id="found-at-the-close"),
        pytest.param(650, "growing", id="or-before"),
    ],
)
def test_an_avi_that_cannot_grow_fails(
    tmp_path: Path, count: int, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "out.avi"
    with largest_file(200_000), pytest.raises(OutputError, match=message):
        write_all(AviWriter(path, SIZE_PX, 25.0), (noise(k % 7) for k in range(count)))
    capfd.readouterr()  # OpenCV's own complaints


@pytest.mark.parametrize("name", ["out.mp4", "out.avi"])
def test_a_folder_that_vanished_is_an_output_error(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with (
        pytest.raises(OutputError, match="gone"),
        open_video(tmp_path / "gone" / name, SIZE_PX, 25.0),
    ):
        pass
    capfd.readouterr()


def test_an_unknown_extension_has_no_writer() -> None:
    with pytest.raises(OutputError, match=r"'\.mkv'; use \.mp4 or \.avi"):
        open_video(Path("out.mkv"), SIZE_PX, 25.0)


def test_a_missing_encoder_is_named() -> None:
    with pytest.raises(OutputError, match="no encoder libnothing") as caught:
        require_encoder("libnothing")
    assert caught.value.code == "encoder_missing"


class TestCheckVideoPath:
    @pytest.mark.parametrize("name", ["new.mp4", "new.avi", "New.AVI"])
    def test_a_good_path_passes_and_nothing_is_left(self, tmp_path: Path, name: str) -> None:
        check_video_path(tmp_path / name, overwrite=False, inputs=["cam1.mp4"])
        assert list(tmp_path.iterdir()) == []

    def test_overwriting_leaves_the_old_file_until_the_job_runs(self, tmp_path: Path) -> None:
        (tmp_path / "old.mp4").write_bytes(b"old")
        check_video_path(tmp_path / "old.mp4", overwrite=True, inputs=[])
        assert (tmp_path / "old.mp4").read_bytes() == b"old"

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            pytest.param("out.mkv", "output_extension", id="unknown-extension"),
            pytest.param("out", "output_extension", id="no-extension"),
            pytest.param("in.mp4", "output_is_input", id="is-an-input"),
            pytest.param("folder/../in.mp4", "output_is_input", id="is-an-input-by-a-detour"),
            pytest.param("link.mp4", "output_is_input", id="is-an-input-by-a-link"),
            pytest.param("missing/out.mp4", "output_no_folder", id="no-folder"),
            pytest.param("in.mp4/out.mp4", "output_no_folder", id="folder-is-a-file"),
            pytest.param("old.avi", "output_exists", id="exists"),
            pytest.param("folder.mp4", "output_unwritable", id="is-a-folder"),
        ],
    )
    def test_a_bad_path_is_refused(self, tmp_path: Path, name: str, code: str) -> None:
        (tmp_path / "in.mp4").touch()
        (tmp_path / "old.avi").touch()
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder.mp4").mkdir()
        (tmp_path / "link.mp4").symlink_to("in.mp4")
        with pytest.raises(OutputError) as caught:
            check_video_path(tmp_path / name, overwrite=False, inputs=[str(tmp_path / "in.mp4")])
        assert caught.value.code == code
        assert name in caught.value.message

    def test_an_input_is_never_overwritten(self, tmp_path: Path) -> None:
        (tmp_path / "in.mp4").touch()
        with pytest.raises(OutputError) as caught:
            check_video_path(tmp_path / "in.mp4", overwrite=True, inputs=[str(tmp_path / "in.mp4")])
        assert caught.value.code == "output_is_input"

    @pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder where even root cannot write")
    def test_a_folder_that_takes_no_file(self) -> None:
        with pytest.raises(OutputError) as caught:
            check_video_path(Path("/proc/self/out.mp4"), overwrite=False, inputs=[])
        assert caught.value.code == "output_unwritable"

    def test_a_file_that_may_not_be_replaced(self, tmp_path: Path) -> None:
        path = tmp_path / "old.mp4"
        path.touch(mode=0o444)
        if os.access(path, os.W_OK):
            pytest.skip("this user may write everything")
        with pytest.raises(OutputError) as caught:
            check_video_path(path, overwrite=True, inputs=[])
        assert caught.value.code == "output_unwritable"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(errno.EDQUOT, "disk_full", id="quota"),
        pytest.param(errno.EIO, "output_unwritable", id="broken-disk"),
    ],
)
def test_a_disk_that_cannot_be_asked(tmp_path: Path, number: int, code: str) -> None:
    def refuse(_: Path) -> int:
        raise OSError(number, os.strerror(number))

    with pytest.raises(OutputError) as caught:
        write_all(Mp4Writer(tmp_path / "out.mp4", SIZE_PX, 25.0, room=refuse), [])
    assert caught.value.code == code
