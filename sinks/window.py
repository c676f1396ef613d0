"""The live window, when there is a display: whatever happens to it, the job goes on.

OpenCV's window toolkit (Qt) lives in one thread for the life of a process, so that a second job's thread hangs in it,
and it aborts the whole process when a display cannot be opened. The visualization thread therefore hands its pictures
to a small process, `sinks/viewer.py`, over shared memory, and never waits for it: while the window is busy with one
picture it misses the next.
"""

from __future__ import annotations

import logging
import mmap
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import numpy as np
from numpy.typing import NDArray

logger = logging.getLogger(__name__)

TITLE: Final = "Multi-camera person tracker"
VIEWER: Final = Path(__file__).with_name("viewer.py")
LEAVE_S: Final = 3.0
"""How long the viewer may take to leave before it is killed."""


class Window:
    """Shows pictures of one size; belongs to one thread.

    Args:
        size_px: Width and height of the pictures.
        on_note: Told once when there is no window, or no window any more.
        environment: Where the display is named.
    """

    def __init__(
        self, size_px: tuple[int, int], on_note: Callable[[str], None], environment: Mapping[str, str] = os.environ
    ) -> None:
        self._size_px = size_px
        self._on_note = on_note
        self._environment = environment
        self._viewer: subprocess.Popen[bytes] | None = None
        self._opened = False
        self._free = False

    @property
    def active(self) -> bool:
        """Whether pictures are of any use to it."""
        return self._viewer is not None

    def __enter__(self) -> Self:
        if not has_display(self._environment):
            self._on_note("no display: running without a window")
            return self
        try:
            self._viewer = self._start()
        except OSError as error:
            self._on_note(f"no window: the viewer could not be started ({error}); running without one")
        return self

    def _start(self) -> subprocess.Popen[bytes]:
        width, height = self._size_px
        with tempfile.TemporaryFile(prefix="viewer-") as file:
            file.truncate(width * height * 3)
            memory = mmap.mmap(file.fileno(), width * height * 3)
            viewer = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-P", str(VIEWER), TITLE, str(width), str(height), str(file.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # Qt's remarks on missing fonts
                bufsize=0,
                pass_fds=(file.fileno(),),
                env=dict(self._environment),
                start_new_session=True,  # Ctrl-C is for the job; the viewer leaves when the job closes it
            )
        self._picture = np.frombuffer(memory, np.uint8).reshape(height, width, 3)
        os.set_blocking(_pipe(viewer.stdout).fileno(), False)
        return viewer

    def write(self, picture_bgr: NDArray[np.uint8]) -> None:
        """Show a picture, unless the window is still busy with an earlier one."""
        if self._viewer is None:
            return
        try:
            reply = os.read(_pipe(self._viewer.stdout).fileno(), 64)
        except BlockingIOError:
            pass
        else:
            if not reply:
                self._gone(self._viewer)
                return
            self._opened = self._free = True
        if self._free:
            self._hand_over(self._viewer, picture_bgr)

    def _hand_over(self, viewer: subprocess.Popen[bytes], picture_bgr: NDArray[np.uint8]) -> None:
        self._picture[:] = picture_bgr
        try:
            os.write(_pipe(viewer.stdin).fileno(), b".")
        except BrokenPipeError:
            self._gone(viewer)
        self._free = False

    def _gone(self, viewer: subprocess.Popen[bytes]) -> None:
        """The viewer ended by itself: closed by the user, or it never got a window."""
        code = self._stop(viewer)
        if self._opened and code == 0:
            self._on_note("window closed: the job goes on")
        elif self._opened:
            self._on_note(f"window lost (viewer ended with {code}): the job goes on")
        else:
            self._on_note(f"no window: display {display_name(self._environment)} cannot be opened; running without one")

    def _stop(self, viewer: subprocess.Popen[bytes]) -> int:
        self._viewer = None
        _pipe(viewer.stdin).close()
        try:
            code = viewer.wait(LEAVE_S)
        except subprocess.TimeoutExpired:
            logger.warning("the window did not close within %s s", LEAVE_S)
            viewer.kill()
            code = viewer.wait()
        _pipe(viewer.stdout).close()
        return code

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._viewer is not None:
            self._stop(self._viewer)


def has_display(environment: Mapping[str, str]) -> bool:
    """Whether a display is named; other systems than X11 and Wayland always have one."""
    return sys.platform in ("darwin", "win32") or bool(display_name(environment))


def display_name(environment: Mapping[str, str]) -> str:
    """The display as the user knows it, or nothing."""
    return environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY") or ""


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """A pipe that was asked for, so that it is there."""
    if stream is None:
        raise ValueError("the viewer has no pipe")
    return stream
