"""A camera on the network: RTSP, MJPEG or HLS over HTTP, decoded by FFmpeg under timeouts."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Final

import av
from av.video.reformatter import VideoReformatter

from address import Address, Kind
from errors import SourceError
from source_settings import LiveConfig
from sources import LivePicture
from video_file import USUAL_FPS, upright_bgr

AWAY: Final = frozenset({"source_refused", "source_no_host", "source_timeout", "source_unreachable", "source_lost"})
"""Codes of errors that may pass: nobody answers yet. Others need somebody to change something."""
MOST_FPS: Final = 120.0
"""Streams without a rate of their own are guessed at up to 90,000 a second."""
DIAGNOSIS_S: Final = 2.0
OPTIONS: Final = {
    # Only pictures: sound that goes on would hide that they stopped. Half a second tells the codec and the rate.
    Kind.RTSP: {"allowed_media_types": "video", "analyzeduration": "500000"},
    # A playlist must not reach for files.
    Kind.HTTP: {"protocol_whitelist": "http,https,tcp,tls,crypto"},
}


class NetworkStream:
    """An opened stream.

    Args:
        address: Where it is.
        settings: Timeouts and the transport.

    Raises:
        SourceError: `source_refused`, `source_no_host`, `source_timeout` or `source_unreachable`: it cannot be reached;
            `source_unauthorized`, `source_not_found` or `source_no_video`: it answers, but not with pictures.
    """

    def __init__(self, address: Address, settings: LiveConfig) -> None:
        self._shown = address.shown
        self._read_timeout_s = settings.read_timeout_s
        self._container = _open(address, settings)
        streams = self._container.streams.video
        if not streams or self._container.format.name == "tty":  # FFmpeg draws any text as a film of a terminal
            self._container.close()
            raise SourceError(f"{self._shown}: answers, but not with video; check the path", code="source_no_video")
        self._stream = streams[0]
        self._stream.thread_type = "SLICE"  # decoding frames side by side would hold each back
        self._stream.codec_context.thread_count = 1
        rate = float(self._stream.average_rate or self._stream.guessed_rate or 0)
        self.fps = rate if 0.0 < rate <= MOST_FPS else USUAL_FPS
        duration = self._container.duration
        self.duration_s = duration / av.time_base if duration and duration > 0 else None
        self.frames_total = None
        self.endless = self.duration_s is None
        self.paced = not self.endless or self._container.format.name.startswith("hls")
        self.damaged = 0

    def pictures(self) -> Iterator[LivePicture]:
        reformatter = VideoReformatter()
        last_s = time.monotonic()
        for packet in self._packets():
            # Also after packets without a picture, and after the one that FFmpeg lets go of when it gives up.
            if time.monotonic() - last_s >= self._read_timeout_s:
                raise self._silent()
            for picture in self._decoded(packet):
                yield LivePicture(upright_bgr(picture, reformatter), picture.time)
                last_s = time.monotonic()

    def close(self) -> None:
        self._container.close()

    def _packets(self) -> Iterator[av.Packet[av.VideoStream]]:
        try:
            yield from self._container.demux(self._stream)
        except av.ExitError:
            raise self._silent() from None  # FFmpeg's own words hold the address with its password
        except av.FFmpegError as error:
            raise SourceError(f"{self._shown}: the connection broke ({error.strerror})", code="source_lost") from None

    def _decoded(self, packet: av.Packet[av.VideoStream]) -> list[av.VideoFrame]:
        """The pictures of a packet that are whole."""
        try:
            pictures = packet.decode()
        except av.FFmpegError:
            self.damaged += packet.size > 0
            return []
        whole = [picture for picture in pictures if not picture.is_corrupt]
        self.damaged += len(pictures) - len(whole)
        return whole

    def _silent(self) -> SourceError:
        return SourceError(f"{self._shown}: no picture for {self._read_timeout_s:g} s", code="source_timeout")


def _open(address: Address, settings: LiveConfig) -> av.container.InputContainer:
    options = dict(OPTIONS[address.kind])
    if address.kind is Kind.RTSP:
        options["rtsp_transport"] = settings.transport
    timeout = (settings.open_timeout_s, settings.read_timeout_s)
    start_s = time.monotonic()
    try:
        return av.open(address.target, metadata_errors="replace", options=options, timeout=timeout)
    except (av.FFmpegError, ValueError) as error:
        silent = isinstance(error, av.ExitError) or time.monotonic() - start_s >= settings.open_timeout_s
        raise _why_not(address, settings, error, silent=silent) from None


def _why_not(address: Address, settings: LiveConfig, error: Exception, *, silent: bool) -> SourceError:
    """What is wrong with a stream that does not open."""
    answer, code = _answer(error)
    if not code:
        answer, code = _reached(address, min(DIAGNOSIS_S, settings.open_timeout_s))
    if not code and silent:
        answer, code = f"takes connections and sends nothing for {settings.open_timeout_s:g} s", "source_timeout"
    if not code:
        answer, code = "answers, but not with a video stream that can be read; check port and path", "source_no_video"
    return SourceError(f"{address.shown}: {answer}", code=code)


def _answer(error: Exception) -> tuple[str, str]:
    """What the server said, and the error's code; nothing where it did not get that far."""
    if isinstance(error, av.HTTPUnauthorizedError | av.HTTPForbiddenError):
        status = 401 if isinstance(error, av.HTTPUnauthorizedError) else 403
        return f"refuses user and password ({status}); check them", "source_unauthorized"
    if isinstance(error, av.HTTPNotFoundError):
        return "answers, but has no such stream (404); check the path", "source_not_found"
    if isinstance(error, av.HTTPError):
        return f"answers with an error ({error.strerror})", "source_unreachable"
    return "", ""


def _reached(address: Address, timeout_s: float) -> tuple[str, str]:
    """Why no connection can be made, and the error's code; nothing where one can: FFmpeg does not tell these apart."""
    try:
        with socket.create_connection((address.host, address.port), timeout_s):
            return "", ""
    except socket.gaierror:
        return f"there is no host {address.host}; check the name", "source_no_host"
    except ConnectionRefusedError:
        return f"refuses connections on port {address.port}; is it on?", "source_refused"
    except TimeoutError:
        return f"does not answer within {timeout_s:g} s; is it on, and in this network?", "source_timeout"
    except OSError as error:
        return f"cannot be reached ({error.strerror or error})", "source_unreachable"
