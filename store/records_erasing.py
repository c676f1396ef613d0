"""A results folder without some people: their lines, their entries, their pictures."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Set
from pathlib import Path
from typing import Any

from errors import OutputError
from sinks.floor import FLOOR
from sinks.records import CROPS, EVENTS, IDENTITIES, MOT, MOT_ONLINE, SHEETS, TRACKS
from sinks.results_folder import replacing, writing

Names = Set[int]


def erase_from_records(folder: Path, names: Names) -> Iterator[str]:
    """Take people out of a results folder.

    Args:
        folder: Written by a job that is over.
        names: Their numbers.

    Yields:
        A line for people about each thing that could not be removed.
    """
    steps: list[Callable[[], None]] = [
        *(
            _lines(path, lambda line: _mot_id(line) in names)
            for part in (MOT, MOT_ONLINE)
            for path in _texts(folder / part)
        ),
        _lines(folder / TRACKS, lambda line: _has(line, names, "id", "shown_id")),
        _lines(folder / EVENTS, lambda line: _has(line, names, "id", "other_id")),
        _lines(folder / FLOOR, lambda line: line.split(",")[1] in {str(name) for name in names}),
        lambda: _without_people(folder / IDENTITIES, names),
        *(
            _removal(path)
            for name in sorted(names)
            for path in (folder / CROPS / str(name), folder / SHEETS / f"{name}.jpg")
        ),
    ]
    for step in steps:
        try:
            step()
        except (OutputError, ValueError, KeyError, IndexError) as error:
            yield f"{folder}: could not be cleared of the person: {error}"
    yield from _videos(folder)


def _texts(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.txt"))


def _lines(path: Path, gone: Callable[[str], bool]) -> Callable[[], None]:
    """What writes a file anew without some of its lines; nothing where there is no file, or none of them."""

    def step() -> None:
        with writing(path):
            if not path.is_file():
                return
            with path.open(encoding="utf-8") as lines:
                if not any(gone(line) for line in lines):
                    return
            with path.open(encoding="utf-8") as lines, replacing(path) as file:
                file.writelines(line.encode() for line in lines if not gone(line))

    return step


def _removal(path: Path) -> Callable[[], None]:
    def step() -> None:
        with writing(path):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    return step


def _without_people(path: Path, names: Names) -> None:
    if path.is_file():
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        document["people"] = [each for each in document["people"] if each["id"] not in names]
        with replacing(path) as file:
            file.write((json.dumps(document, indent=1) + "\n").encode())


def _mot_id(line: str) -> int:
    return int(line.split(",")[1])


def _has(line: str, names: Names, *keys: str) -> bool:
    values = json.loads(line)
    return any(values.get(key) in names for key in keys)


def _videos(folder: Path) -> Iterator[str]:
    """What shows people and cannot be changed."""
    try:
        output = json.loads((folder / "run.json").read_text(encoding="utf-8"))["configuration"]["output"]
    except (OSError, ValueError, KeyError):
        return
    for kind in ("video", "record"):
        if output.get(kind) and Path(output[kind]).exists():
            yield f"{output[kind]}: still shows the person; it cannot be changed, delete it if it must go"
