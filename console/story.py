"""What the records of a job say of one person: where it was, and by which decisions it is who it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from errors import TrackingError

MOST_NEAR: Final = 5

Event = Mapping[str, Any]
"""A line of `events.jsonl`."""


@dataclass(frozen=True, slots=True)
class Story:
    """One person's part of the records.

    Attributes:
        person: The id asked for.
        labels: `corrected`, or `shown` when the job died.
        cameras: All cameras of the job, in order.
        end_s: Media time until which there is something to tell.
        entry: The person's entry in `identities.json`; None when nobody has the id any more.
        into: Who the person became, step by step, the last one still standing; empty for who was not merged away.
        merged: Ids that became this person, in order of id.
        events: Decisions on the person and on those who became it, in order of time.
    """

    person: int
    labels: str
    cameras: tuple[str, ...]
    end_s: float
    entry: Mapping[str, Any] | None
    into: tuple[int, ...]
    merged: tuple[int, ...]
    events: tuple[Event, ...]

    def as_values(self) -> dict[str, Any]:
        """Plain values under stable names, for JSON."""
        return {
            "id": self.person,
            "standing": self.entry is not None,
            "became": self.into[-1] if self.into else None,
            "merged": list(self.merged),
            "labels": self.labels,
            "person": self.entry,
            "events": list(self.events),
        }


def read_story(results: Path, person: int) -> Story:
    """Collect what a results folder says of a person.

    Args:
        results: Written by a job.
        person: Any id that the job gave, also one that was corrected later.

    Raises:
        TrackingError: `results_missing`, `records_unreadable` or, for an id never given, `person_unknown`.
    """
    document = _identities(results / "identities.json")
    entries = {int(entry["id"]): entry for entry in document["people"]}
    heirs: dict[int, int] = {}
    known = set(entries)
    for event in _events(results / "events.jsonl"):
        known |= {event["id"], event["other_id"]} - {None}
        if event["kind"] == "merged":
            heirs[event["other_id"]] = event["id"]
    if person not in known:
        raise _unknown(results, person, known)
    merged = tuple(sorted(other for other in heirs if person in _line(other, heirs)))
    family = {person, *merged}
    events = tuple(event for event in _events(results / "events.jsonl") if {event["id"], event["other_id"]} & family)
    ends = [entry["last_seen_s"] for entry in entries.values()] + [event["time_s"] for event in events]
    return Story(
        person,
        document["labels"],
        tuple(document["cameras"]),
        max(ends, default=0.0),
        entries.get(person),
        () if person in entries else _line(person, heirs),
        merged,
        events,
    )


def _line(person: int, heirs: Mapping[int, int]) -> tuple[int, ...]:
    """Who a person became, and who that one became, and so on."""
    line: list[int] = []
    while person in heirs and heirs[person] not in line:
        person = heirs[person]
        line.append(person)
    return tuple(line)


def _identities(path: Path) -> dict[str, Any]:
    document = _parsed(path, _read(path))
    if not isinstance(document, dict) or not {"labels", "cameras", "people"} <= document.keys():
        raise TrackingError(f"{path}: is not what a job writes; track again", code="records_unreadable")
    return document


def _events(path: Path) -> Iterator[Event]:
    for number, line in enumerate(_read(path).splitlines(), start=1):
        event = _parsed(path, line, number)
        if not isinstance(event, dict) or not {"time_s", "kind", "id", "other_id"} <= event.keys():
            raise TrackingError(f"{path}, line {number}: is not what a job writes", code="records_unreadable")
        yield event


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise TrackingError(
            f"results {path.parent}: holds no {path.name}; name a folder that `track --results` wrote",
            code="results_missing",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise TrackingError(f"{path}: cannot be read ({error})", code="records_unreadable") from error


def _parsed(path: Path, text: str, line: int = 1) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise TrackingError(
            f"{path}, line {line + error.lineno - 1}: is no JSON ({error.msg})", code="records_unreadable"
        ) from error


def _unknown(results: Path, person: int, known: set[int]) -> TrackingError:
    near = sorted(sorted(known, key=lambda other: (abs(other - person), other))[:MOST_NEAR])
    there = f"near it are {', '.join(map(str, near))}" if near else "the job gave none"
    return TrackingError(f"id {person}: nobody in {results} has it or ever had; {there}", code="person_unknown")
