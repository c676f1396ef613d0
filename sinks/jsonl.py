"""JSON lines: `tracks.jsonl`, one object a person a round, and `events.jsonl`, one a change of who is who."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from entities import CameraId, Evidence, IdentityEvent, IntArray, Piece
from sinks.results_folder import replacing
from sinks.rows import History, Rows

YES_NO = ("false", "true")


def track_lines(rows: Rows, ids: IntArray, cameras: Sequence[CameraId]) -> str:
    """A line for every row; formatted by hand, because `json.dumps` of a dict takes several times as long.

    Args:
        rows: People in frames.
        ids: Who they are, 0 for nobody.
        cameras: In the job's camera order.
    """
    names = [json.dumps(camera) for camera in cameras]
    return "".join(
        f'{{"round":{number},"time_s":{time_s:.3f},"camera":{names[camera]},"frame":{frame},'
        f'"id":{person or "null"},"shown_id":{shown or "null"},"local_id":{local},'
        f'"box":[{x1:.1f},{y1:.1f},{x2:.1f},{y2:.1f}],"confidence":{score:.3f},"observed":{YES_NO[seen]}}}\n'
        for (number, time_s, camera, frame, local, shown, (x1, y1, x2, y2), score, seen), person in zip(
            rows.tolist(), ids.tolist(), strict=True
        )
    )


def event_lines(events: Iterable[IdentityEvent]) -> str:
    """A line for every event."""
    return "".join(
        json.dumps(
            {
                "time_s": round(event.time_s, 3),
                "kind": event.kind.value,
                "id": event.global_id or None,
                "other_id": event.other_id or None,
                "camera": event.camera_id,
                "local_id": event.local_id,
                "reason": event.reason,
                "evidence": None if event.evidence is None else evidence_values(event.evidence),
            }
        )
        + "\n"
        for event in events
    )


def evidence_values(evidence: Evidence) -> dict[str, Any]:
    """The evidence in plain values under stable names, see `docs/formats.md`."""
    return {
        "similarity": _rounded(evidence.similarity),
        "threshold": _rounded(evidence.threshold),
        "scale": "raw" if evidence.raw else "centred",
        "position": _rounded(evidence.position),
        "margin": _rounded(evidence.margin),
        "rivals": [
            {
                "id": rival.global_id,
                "similarity": _rounded(rival.similarity),
                "position": _rounded(rival.position),
                "barred": rival.barred or None,
            }
            for rival in evidence.rivals
        ],
        "pieces": [_piece(piece) for piece in evidence.pieces],
        "likest": [_piece(piece) | {"similarity": _rounded(piece.similarity)} for piece in evidence.likest],
    }


def _piece(piece: Piece) -> dict[str, Any]:
    return {
        "camera": piece.camera_id,
        "local_id": piece.local_id,
        "start_s": round(piece.start_s, 3),
        "end_s": round(piece.end_s, 3),
    }


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 3)


def write_tracks(path: Path, cameras: Sequence[CameraId], history: History) -> None:
    """Write all tracks anew with the ids of the history, the whole file at once.

    Raises:
        OutputError: The file cannot be written.
    """
    with replacing(path) as file:
        for rows, ids in history:
            file.write(track_lines(rows, ids, cameras).encode())
