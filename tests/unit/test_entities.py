"""The values that cross threads refuse arrays that do not belong together, and do not change."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import Any

import numpy as np
import pytest

import entities
from entities import NOBODY, Detections, FrameResult, IdentityEvent, TrackedRound
from tests.builders import CAM1, SIZE_PX, box, detections, frame, frame_result, look, round_detections, tracked


def zeros(*shape: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A float32 array of zeros."""
    return np.zeros(shape, np.float32)


@pytest.mark.parametrize(
    ("boxes", "scores", "embeddings"),
    [
        pytest.param(zeros(0, 4), zeros(0), None, id="nobody"),
        pytest.param(zeros(0, 4), zeros(0), zeros(0, 512), id="nobody-embedded"),
        pytest.param(zeros(1, 4), zeros(1), None, id="one"),
        pytest.param(zeros(3, 4), zeros(3), zeros(3, 512), id="three-embedded"),
    ],
)
def test_detections_that_fit(boxes: Any, scores: Any, embeddings: Any) -> None:
    found = Detections(boxes, scores, embeddings)
    assert len(found) == len(scores)


@pytest.mark.parametrize(
    ("boxes", "scores", "embeddings", "message"),
    [
        pytest.param(zeros(0), zeros(0), None, r"boxes_xyxy: want \(0, 4\), got \(0,\)", id="flat-nothing"),
        pytest.param(zeros(4), zeros(1), None, r"want \(1, 4\), got \(4,\)", id="flat-box"),
        pytest.param(zeros(2, 4), zeros(1), None, r"want \(1, 4\), got \(2, 4\)", id="a-box-too-many"),
        pytest.param(zeros(1, 4), zeros(2), None, r"want \(2, 4\), got \(1, 4\)", id="a-score-too-many"),
        pytest.param(zeros(1, 5), zeros(1), None, r"want \(1, 4\), got \(1, 5\)", id="five-columns"),
        pytest.param(
            zeros(1, 4), zeros(1), zeros(2, 8), r"embeddings: want \(1, D\), got \(2, 8\)", id="a-look-too-many"
        ),
        pytest.param(zeros(2, 4), zeros(2), zeros(2), r"embeddings: want \(2, D\), got \(2,\)", id="flat-looks"),
    ],
)
def test_detections_that_do_not_fit_are_refused(boxes: Any, scores: Any, embeddings: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Detections(boxes, scores, embeddings)


@pytest.mark.parametrize("field", ["local_ids", "global_ids", "observed"])
@pytest.mark.parametrize("rows", [0, 1, 3])
def test_a_frame_result_wants_a_row_of_everything_for_each_box(field: str, rows: int) -> None:
    values: dict[str, Any] = {
        "camera_id": CAM1,
        "frame_index": 0,
        "timestamp_s": 0.0,
        "boxes_xyxy": zeros(2, 4),
        "scores": zeros(2),
        "local_ids": np.array([1, 2]),
        "global_ids": np.array([1, 0]),
        "observed": np.array([True, False]),
    }
    assert len(FrameResult(**values)) == 2
    with pytest.raises(ValueError, match=f"{field}: want 2 rows, got {rows}"):
        FrameResult(**{**values, field: np.zeros(rows, np.int64)})


def test_size_is_width_then_height() -> None:
    assert frame(size_px=(64, 48)).size_px == (64, 48)
    assert frame(size_px=(64, 48)).image_bgr.shape == (48, 64, 3)


KINDS = [kind for kind in vars(entities).values() if isinstance(kind, type) and is_dataclass(kind)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_entity_is_frozen_and_has_slots(kind: type) -> None:
    assert "__slots__" in vars(kind)
    blank: object = object.__new__(kind)
    with pytest.raises(FrozenInstanceError):
        setattr(blank, fields(kind)[0].name, None)


def test_entities_with_arrays_compare_by_identity() -> None:
    first, second = detections([box()]), detections([box()])
    assert [first, second].index(second) == 1, "comparing the arrays would raise"


def test_an_event_concerns_nobody_else_unless_said() -> None:
    event = IdentityEvent(1.5, entities.EventKind.APPEARED, entities.GlobalId(1))
    assert (event.other_id, event.camera_id, event.local_id, event.reason) == (NOBODY, None, None, "")


def test_the_values_of_event_kinds_are_what_records_say() -> None:
    assert [kind.value for kind in entities.EventKind] == [
        "appeared",
        "joined",
        "merged",
        "split",
        "relabelled",
        "static",
    ]


class TestBuilders:
    """The makers of test data are trusted by every other test."""

    def test_frames_are_read_only_and_timed_by_their_index(self) -> None:
        made = frame(index=30, fps=15.0)
        assert made.timestamp_s == 2.0
        assert made.size_px == SIZE_PX
        with pytest.raises(ValueError, match="read-only"):
            made.image_bgr[0, 0] = 0

    def test_looks_are_unit_vectors_that_tell_people_apart(self) -> None:
        assert np.linalg.norm(look(1)) == pytest.approx(1.0)
        assert float(look(1) @ look(1, noise=0.2, seed=3)) > 0.9
        assert abs(float(look(1) @ look(2))) < 0.6

    def test_a_round_may_be_empty(self) -> None:
        assert round_detections([]).frames == ()

    def test_a_tracked_round_counts_its_identified_people_once(self) -> None:
        both = [frame_result([box()], [1], [7]), frame_result([box(), box(300)], [1, 2], [7, 0])]
        made: TrackedRound = tracked(both)
        assert (made.result.people_now, made.result.people_total) == (1, 1)
        assert [item.camera_id for item in made.round.frames] == [CAM1, CAM1]
