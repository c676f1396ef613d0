"""Why a person is who it is, for people and for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.story import Event, Story, read_story
from entities import GlobalId
from sinks.palette import colour_of

KIND_STYLES: Final[Mapping[str, str]] = {"appeared": "green", "joined": "cyan"}
CORRECTION: Final = "yellow"
SCALES: Final[Mapping[str, str]] = {
    "centred": "likeness is the cosine of looks around their camera's mean person: strangers are near 0",
    "raw": "cosine is that of the looks as they are",
}
FULL, EMPTY = ("━", "#"), ("─", "-")
"""Of a timeline, in a terminal that has such letters and in one that has not."""
LEAST_BAR = 10


def show_story(results: Path, person: int, *, as_json: bool) -> int:
    """Print where somebody was and why it is taken for one person; returns the exit code.

    Args:
        results: The records of a job.
        person: Any id that the job gave.
        as_json: Print one JSON object instead.

    Raises:
        TrackingError: There are no records, they are damaged, or nobody ever had the id.
    """
    story = read_story(results, person)
    if as_json:
        sys.stdout.write(json.dumps(story.as_values(), allow_nan=False) + "\n")
    else:
        print_story(story, Console())
    return 0


def print_story(story: Story, console: Console) -> None:
    """Print it for people."""
    console.print(_headline(story), soft_wrap=True)
    if story.labels != "corrected":
        console.print(Text("the job died: ids are as shown, nothing was corrected at its end", style="yellow"))
    if story.entry is not None:
        console.print()
        _print_timeline(story, story.entry, console)
    if story.events:
        console.print()
        console.print(_decisions(story))
        scales = dict.fromkeys(event["evidence"]["scale"] for event in story.events if event.get("evidence"))
        for scale in scales:
            console.print(Text(SCALES.get(scale, scale), style="dim"))
    if story.entry is not None:
        _print_pictures(story.entry, console)


def moment(time_s: float) -> str:
    """Media time to the tenth.

    >>> moment(0.0), moment(83.46), moment(59.96), moment(3723.0)
    ('0:00.0', '1:23.5', '1:00.0', '1:02:03.0')
    """
    minutes, tenths = divmod(round(time_s * 10), 600)
    hours, minute = divmod(minutes, 60)
    second = f"{tenths // 10:02}.{tenths % 10}"
    return f"{hours}:{minute:02}:{second}" if hours else f"{minute}:{second}"


def bar(intervals: Sequence[Mapping[str, float]], end_s: float, width: int, letters: tuple[str, str]) -> str:
    """When somebody was seen, from 0 to `end_s`.

    >>> bar([{"start_s": 0.0, "end_s": 4.9}, {"start_s": 9.0, "end_s": 9.0}], 10.0, 10, ("#", "-"))
    '#####----#'
    """
    cells = [letters[1]] * width
    for interval in intervals:
        first, last = (min(int(interval[key] / max(end_s, 1e-3) * width), width - 1) for key in ("start_s", "end_s"))
        cells[first : last + 1] = [letters[0]] * (last + 1 - first)
    return "".join(cells)


def _headline(story: Story) -> Text:
    entry = story.entry
    name = Text.assemble(
        (f" {story.person} ", f"bold black on {_colour(story.person)}"), (f" person {story.person}", "bold")
    )
    if entry is None:
        return name.append_text(_what_became(story))
    cameras = len(entry["cameras"])
    name.append(
        f"  seen {moment(entry['first_seen_s'])} to {moment(entry['last_seen_s'])} by "
        f"{cameras} {'camera' if cameras == 1 else 'cameras'}, {entry['sightings']} sightings"
    )
    if story.merged:
        name.append(f"; was also {', '.join(map(str, story.merged))} until corrected")
    return name


def _what_became(story: Story) -> Text:
    if not story.into:
        return Text("  is nobody any more: what it had was given to others, or is no person")
    steps = " and that ".join(str(other) for other in story.into)
    return Text(f"  became {steps}: see --id {story.into[-1]}")


def _colour(person: int) -> str:
    blue, green, red = colour_of(GlobalId(person))
    return f"rgb({red},{green},{blue})"


def _print_timeline(story: Story, entry: Mapping[str, Any], console: Console) -> None:
    """A bar for each camera in which the person was."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(overflow="fold", max_width=20)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="dim")
    facts = {camera: _visits(stay["intervals"]) for camera, stay in entry["cameras"].items()}
    taken = max(min(len(camera), 20) for camera in facts) + max(map(len, facts.values())) + 6
    width = max(LEAST_BAR, min(console.width, 120) - taken)
    letters = (FULL[console.options.ascii_only], EMPTY[console.options.ascii_only])
    for camera in (camera for camera in story.cameras if camera in facts):
        line = Text(bar(entry["cameras"][camera]["intervals"], story.end_s, width, letters), style="dim")
        line.highlight_regex(f"{letters[0]}+", f"not dim {_colour(story.person)}")
        table.add_row(Text(camera), line, facts[camera])
    end = moment(story.end_s)
    table.add_row("", Text(f"0:00.0{end:>{max(width - 6, 0)}}", style="dim"), "")
    console.print(table)


def _visits(intervals: Sequence[Mapping[str, float]]) -> str:
    seconds = sum(interval["end_s"] - interval["start_s"] for interval in intervals)
    return f"{len(intervals)} {'visit' if len(intervals) == 1 else 'visits'}, {seconds:.1f} s"


def _decisions(story: Story) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("time", justify="right", no_wrap=True)
    table.add_column("what", overflow="fold")
    table.add_column("why", overflow="fold")
    for event in story.events:
        style = KIND_STYLES.get(event["kind"], CORRECTION)
        table.add_row(moment(event["time_s"]), Text(_what(event), style=style), _why(event))
    return table


def _what(event: Event) -> str:
    kind, person, other = event["kind"], event["id"], event["other_id"]
    track = f"{event.get('camera')} track {event.get('local_id')}"
    pieces = (event.get("evidence") or {}).get("pieces") or [None]
    if kind == "appeared":
        return f"{person} appeared" + (f": {_piece(pieces[0])}" if pieces[0] else "")
    if kind == "merged":
        return f"{other} became {person}"
    if kind == "split":
        return f"{person} split from {other}" + (f": {_piece(pieces[0])}" if pieces[0] else "")
    if kind == "joined":
        return f"{track} joined {person}"
    return f"{track} went from {other} to {'nobody' if person is None else person}"


def _why(event: Event) -> Text:
    """The reason, and the pieces it rests on."""
    why, evidence = Text(event.get("reason") or "no reason was recorded"), event.get("evidence")
    if not evidence:
        return why
    if evidence["margin"] is not None:
        why.append(f"; margin {evidence['margin']:+.2f}")
    if len(evidence["likest"]) > 1:
        likest = ", ".join(f"{piece['similarity']:.2f} {_piece(piece)}" for piece in evidence["likest"])
        why.append(f"\nby piece: {likest}", style="dim")
    return why


def _piece(piece: Mapping[str, Any]) -> str:
    span = f"{moment(piece['start_s'])} to {moment(piece['end_s'])}"
    return f"{piece['camera']} track {piece['local_id']} ({span})"


def _print_pictures(entry: Mapping[str, Any], console: Console) -> None:
    paths = [*([entry["sheet"]] if entry.get("sheet") else []), *entry["crops"]]
    if paths:
        console.print()
    for number, path in enumerate(paths):
        label = "pictures" if number == 0 else ""
        console.print(Text.assemble((f"{label:<10}", "dim"), path), soft_wrap=True)
