"""MOTChallenge text: one file a camera, one line a person a frame, with ids over all cameras."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from entities import CameraId, IntArray
from sinks.results_folder import GrowingFile, replacing
from sinks.rows import History, Rows, as_shown


def mot_lines(rows: Rows, ids: IntArray) -> str:
    """`frame,id,x,y,w,h,confidence,-1,-1,-1` for every row that is somebody; frames count from 1."""
    named = ids > 0
    kept = rows[named]
    return "".join(
        f"{frame + 1},{person},{x1:.1f},{y1:.1f},{x2 - x1:.1f},{y2 - y1:.1f},{score:.3f},-1,-1,-1\n"
        for frame, person, (x1, y1, x2, y2), score in zip(
            kept["frame"].tolist(), ids[named].tolist(), kept["box"].tolist(), kept["score"].tolist(), strict=True
        )
    )


class MotOnline:
    """The files as shown, written while the job runs.

    Args:
        folder: Where `<camera>.txt` go; must exist.
        cameras: In the job's camera order.

    Raises:
        OutputError: A file cannot be written.
    """

    def __init__(self, folder: Path, cameras: Sequence[CameraId]) -> None:
        self._files: list[GrowingFile] = []
        try:
            for camera in cameras:
                self._files.append(GrowingFile(folder / f"{camera}.txt"))
        except Exception:
            self.close()
            raise

    def append(self, rows: Rows) -> None:
        """Add the people of a round."""
        for number, file in enumerate(self._files):
            mine = rows[rows["camera"] == number]
            file.append(mot_lines(mine, as_shown(mine)).encode())

    def close(self) -> None:
        """Close the files; may be called twice."""
        for file in self._files:
            file.close()


def write_mot(folder: Path, cameras: Sequence[CameraId], history: History) -> None:
    """Write `<camera>.txt` for every camera from the whole history, read once.

    The place to fill short gaps, should the history ever know the boxes in them.

    Raises:
        OutputError: A file cannot be written.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(replacing(folder / f"{camera}.txt")) for camera in cameras]
        for rows, ids in history:
            for number, file in enumerate(files):
                mine = rows["camera"] == number
                file.write(mot_lines(rows[mine], ids[mine]).encode())
