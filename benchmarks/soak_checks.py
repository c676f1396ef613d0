"""What has to hold after `benchmarks/soak.py`: nothing grew, nothing is lost, ids are kept."""

from __future__ import annotations

import json
import re
import signal
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from recording import Recording

GROWTH: Final = 0.05
SHORT_GROWTH: Final = 0.25
"""Of memory; where the second fifth begins before `SETTLED_S`, things are still met for the first time."""
SETTLED_S: Final = 300.0
SLACK_THREADS, SLACK_FILES = 1, 4
IN_FLIGHT: Final = 10
"""Frames of a camera that may be on their way when the job is stopped."""
ASKED_S: Final = 10.0
"""For so long after a camera's return it is asked whom it shows."""
LEAST_KEPT: Final = 0.8
MOST_IDS, MOST_NEW = 2.5, 0.5
"""Identities a person within a lap, and those of them that are new. Without weights some of what is found is nobody."""

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Check:
    """Something that has to hold, as it was found."""

    what: str
    found: str
    wanted: str
    holds: bool


@dataclass
class Absence:
    """A camera that was away: when by the job's clock."""

    camera: str
    gone_s: float
    back_s: float = float("inf")


def course_checks(samples: Sequence[Figures], before: Figures, after: Figures) -> Iterable[Check]:
    """Nothing grows with time, nothing is left of a job that is over, and viewers had pictures to the end."""
    second, last = (statistics.median(each["rss"] for each in fifth(samples, number)) for number in (1, 4))
    growth = last / second - 1.0
    settled = fifth(samples, 1)[0]["clock_s"] - samples[0]["clock_s"] >= SETTLED_S
    most_growth = GROWTH if settled else SHORT_GROWTH
    wanted = f"at most {most_growth:+.0%}"
    yield Check("memory, last fifth against second", f"{growth:+.1%}", wanted, growth <= most_growth + 1e-9)
    for what, slack in (("threads", SLACK_THREADS), ("process_open_fds", SLACK_FILES), ("tracker_streams_open", 0)):
        found, most = after[what], before[what] + slack
        yield Check(f"{what} after the job", f"{found:.0f}", f"at most {most:.0f}", found <= most)
    pictures = samples[-1]["pictures"] - fifth(samples, 4)[0]["pictures"]
    yield Check("pictures to viewers in the last fifth", f"{pictures:.0f}", "some", pictures > 0)


def camera_checks(absences: Sequence[Absence], status: Mapping[str, Any]) -> Iterable[Check]:
    """Cameras that were killed came back, each time."""
    for camera in status["cameras"]:
        found = f"{camera['reconnects']}; dropped: {camera['dropped_by_cause']} of {camera['frames_read']}"
        killed = sum(absence.camera == camera["camera"] for absence in absences)
        lost = any(absence.camera == camera["camera"] and absence.back_s == float("inf") for absence in absences)
        good = camera["reconnects"] >= killed and not lost
        yield Check(f"{camera['camera']}: connected anew", found, f"{killed}, as often as killed", good)


def record_checks(recording: Path, results: Path, status: Mapping[str, Any]) -> Iterable[Check]:
    """Every round is recorded once, every frame recorded or counted as dropped, and the files agree."""
    seen: Counter[str] = Counter()
    known: set[tuple[int, str, int]] = set()
    indices = []
    for round_ in Recording(recording):
        indices.append(round_.index)
        seen.update(frame.camera_id for frame in round_.frames)
        known.update((round_.index, frame.camera_id, frame.frame_index) for frame in round_.frames)
    whole = indices == list(range(status["rounds_done"]))
    yield Check("rounds recorded", f"{len(indices)}", f"{status['rounds_done']} in order", whole)
    for camera in status["cameras"]:
        damaged = camera["dropped_by_cause"].get("damaged", 0)  # dropped before it could be read
        lost = camera["frames_read"] - seen[camera["camera"]] - (camera["dropped"] - damaged)
        what = f"{camera['camera']}: frames neither recorded nor dropped"
        yield Check(what, f"{lost}", f"0 to {IN_FLIGHT} on their way", 0 <= lost <= IN_FLIGHT)
    tracks = read_lines(results / "tracks.jsonl")
    stray = sum((row["round"], row["camera"], row["frame"]) not in known for row in tracks)
    yield Check("tracks of no recorded frame", f"{stray}", "0", stray == 0)
    shown = Counter((row["camera"], row["frame"] + 1, row["shown_id"]) for row in tracks if row["shown_id"])
    online = Counter[tuple[str, int, int]]()
    for path in (results / "mot-online").glob("*.txt"):
        rows = (line.split(",") for line in path.read_text(encoding="utf-8").splitlines())
        online.update((path.stem, int(row[0]), int(row[1])) for row in rows)
    differ = (shown - online).total() + (online - shown).total()
    yield Check(
        "mot-online against tracks.jsonl", f"{differ} differ", f"0 of {shown.total()}", 0 == differ < len(shown)
    )


def event_checks(results: Path, stored: Sequence[Mapping[str, Any]], heard: set[int]) -> Iterable[Check]:
    """The store has the events of the records, and who listened heard all that the store has."""
    written = read_lines(results / "events.jsonl")
    kinds = {event["kind"] for event in written}
    told = Counter((event["kind"], round(event["time_s"], 3)) for event in stored if event["kind"] in kinds)
    lost = (Counter((event["kind"], event["time_s"]) for event in written) - told).total()
    yield Check(
        "events of the records that are not stored", f"{lost}", f"0 of {len(written)}", lost == 0 < len(written)
    )
    unheard = len({event["id"] for event in stored} - heard)
    yield Check("stored events not heard", f"{unheard}", f"0 of {len(stored)}", unheard == 0)


def identity_checks(results: Path, absences: Sequence[Absence], people: int, lap_s: float) -> Iterable[Check]:
    """Whoever was known before a camera went is known when it is back; people do not become more and more."""
    tracks = read_lines(results / "tracks.jsonl")
    shown = [row for row in tracks if row["shown_id"]]
    first_s: dict[int, float] = {}
    for row in shown:
        first_s.setdefault(row["shown_id"], row["time_s"])
    after = [
        first_s[row["shown_id"]] <= absence.gone_s
        for absence in absences
        for row in shown
        if row["camera"] == absence.camera and absence.back_s <= row["time_s"] < absence.back_s + ASKED_S
    ]
    kept = statistics.mean(after) if after else 1.0
    yield Check(
        "boxes known from before, after a camera's return", f"{kept:.1%}", f"{LEAST_KEPT:.0%}", kept >= LEAST_KEPT
    )
    corrected = json.loads((results / "identities.json").read_text(encoding="utf-8"))["people"]
    end_s = shown[-1]["time_s"]
    last_lap = {row["shown_id"] for row in shown if row["time_s"] > end_s - lap_s}
    late = [person for person in corrected if person["first_seen_s"] > end_s / 2.0]
    for what, count, most in (
        (f"identities a person in the last lap ({len(corrected)} of {people} in all)", len(last_lap), MOST_IDS),
        ("new identities a person and lap, second half", len(late) / (end_s / 2.0 / lap_s), MOST_NEW),
    ):
        yield Check(what, f"{count / people:.2f}", f"at most {most}", count / people <= most)


def log_checks(log: str, code: int, status: Mapping[str, Any]) -> Iterable[Check]:
    """Nothing stuck, nothing broken, ended when told."""
    bad = [line for line in log.splitlines() if re.search(r"stuck|left behind|Traceback| ERROR ", line)]
    yield Check("complaints in the log", f"{len(bad)}: {bad[0]}" if bad else "0", "0", not bad)
    notes = [note for note in status["notes"] if re.search(r"stuck|given up|lost|may be", note)]
    yield Check(
        "end of the job", ", ".join([status["status"], *notes]), "stopped", status["status"] == "stopped" and not notes
    )
    yield Check("exit code of the service", f"{code}", f"{-signal.SIGTERM}", code == -signal.SIGTERM)


def fifth(samples: Sequence[Figures], number: int) -> list[Figures]:
    """The samples of one fifth of the time, 0 to 4."""
    return [each for each in samples if int(5.0 * each["share"]) == number]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The values of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
