"""The program in the window's own process: shows the pictures it is handed and knows nothing else.

Run by `sinks.window` as `viewer.py TITLE WIDTH HEIGHT FD`, where FD is an open file that holds one BGR picture. A byte
on standard input says that there is a new picture; a byte on standard output, that it may be replaced.
"""

from __future__ import annotations

import mmap
import os
import select
import sys
from collections.abc import Sequence

import cv2
import numpy as np

SHOWN = b"."
CLOSED_BY_USER = 0
QUIT_KEYS = (ord("q"), 27)
POLL_MS = 15


def main(arguments: Sequence[str]) -> int:
    """Show pictures until standard input ends, or the user closes the window or presses q or Esc."""
    title, width, height, file = arguments[0], *map(int, arguments[1:])
    memory = mmap.mmap(file, width * height * 3, access=mmap.ACCESS_READ)
    picture = np.frombuffer(memory, np.uint8).reshape(height, width, 3)
    cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
    cv2.resizeWindow(title, width, height)
    os.write(sys.stdout.fileno(), SHOWN)
    while is_open(title):
        if select.select([sys.stdin], [], [], 0.0)[0]:
            if not os.read(sys.stdin.fileno(), 1):
                break
            cv2.imshow(title, picture)
            os.write(sys.stdout.fileno(), SHOWN)
        if cv2.waitKey(POLL_MS) in QUIT_KEYS:
            break
    return CLOSED_BY_USER


def is_open(title: str) -> bool:
    """Whether the user has left the window open; OpenCV raises when the last one has been closed."""
    try:
        return cv2.getWindowProperty(title, cv2.WND_PROP_VISIBLE) >= 1.0
    except cv2.error:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
