"""Reads comma-separated numbers; what is wrong with them is told by file and line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from errors import TrackingError

Line = tuple[int, str]
"""Number in the file, from 1, and text."""
WHOLE = frozenset({"frame", "id"})
"""Columns of whole numbers."""


def read_first_columns(path: Path, names: Sequence[str]) -> NDArray[np.float64]:
    """The first columns of a file without a header, such as MOTChallenge text.

    Args:
        path: A text file; blank lines count for nothing.
        names: What the columns are; `frame` and `id` are whole numbers, `frame` from 1.

    Returns:
        `(N, len(names))`, row by row; no rows of a file without a byte.

    Raises:
        TrackingError: `mot_malformed`, with the line; `records_unreadable`.
    """
    lines = _lines(path)
    if not lines and path.stat().st_size:
        raise TrackingError(f"{path}: blank; {_wanted(names)}", code="mot_malformed")
    return _numbers(path, lines, names, range(len(names)), "mot_malformed")


def read_named_columns(path: Path, names: Sequence[str]) -> NDArray[np.float64]:
    """The columns of these names of a file whose first line names them.

    Args:
        path: A text file; blank lines count for nothing.
        names: What to read; `frame` and `id` are whole numbers, `frame` from 1.

    Returns:
        `(N, len(names))`, row by row, columns in the order asked for.

    Raises:
        TrackingError: `csv_malformed`, with the line; `records_unreadable`.
    """
    header, *lines = _lines(path) or [(1, "")]
    titles = [title.strip() for title in header[1].split(",")]
    if not set(names) <= set(titles):
        raise _malformed(path, header, f"want a first line that names {','.join(names)}", "csv_malformed")
    return _numbers(path, lines, names, [titles.index(name) for name in names], "csv_malformed")


def _lines(path: Path) -> list[Line]:
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise TrackingError(f"{path}: cannot be read ({error.strerror})", code="records_unreadable") from error
    return [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]


def _numbers(
    path: Path, lines: Sequence[Line], names: Sequence[str], places: Sequence[int], code: str
) -> NDArray[np.float64]:
    if not lines:
        return np.zeros((0, len(names)))
    try:
        values = _parsed(lines, places)
    except ValueError as error:
        culprit = next(line for line in lines if not _is_numbers(line, places))
        raise _malformed(path, culprit, _wanted(names), code) from error
    wrong = np.flatnonzero(_impossible(values, names))
    if len(wrong):
        raise _malformed(path, lines[int(wrong[0])], _wanted(names), code)
    return values


def _parsed(lines: Sequence[Line], places: Sequence[int]) -> NDArray[np.float64]:
    return np.loadtxt([text for _, text in lines], delimiter=",", ndmin=2, usecols=places, comments=None)


def _is_numbers(line: Line, places: Sequence[int]) -> bool:
    try:
        _parsed([line], places)
    except ValueError:
        return False
    return True


def _impossible(values: NDArray[np.float64], names: Sequence[str]) -> NDArray[np.bool_]:
    """`(N,)` rows with something that is not finite, not whole where it must be, or a frame before the first."""
    wrong = np.asarray(~np.isfinite(values).all(axis=1))
    for name, column in zip(names, values.T, strict=True):
        if name in WHOLE:
            wrong |= column != np.floor(column)
        if name == "frame":
            wrong |= column < 1
    return wrong


def _wanted(names: Sequence[str]) -> str:
    return f"want numbers {','.join(names)},…{' with whole frames from 1' if 'frame' in names else ''}"


def _malformed(path: Path, line: Line, want: str, code: str) -> TrackingError:
    number, text = line
    shown = text if len(text) <= 60 else f"{text[:57]}..."
    return TrackingError(f"{path}, line {number}: {want}, got {shown!r}", code=code)
