"""Why: the evidence of every change is what the clustering went by, in figures, in words, and bounded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from association.encounters import PairEvidence
from atoms import NO_LOOK, Atom, Row
from entities import NOBODY, CameraId, EventKind, GlobalId, IdentityEvent, LocalId
from provenance import ELSEWHERE, MOST_PIECES, SEEN_AT_ONCE, Grounds, Renaming, in_words, lost
from tests.builders import CAM1, CAM2

CAMERAS = (CAM1, CAM2, CameraId("cam3"))


def atom(number: int, camera: int = 0, identity: int = 0) -> Atom:
    """A piece of track `number`, from `number` s on."""
    row = Row(0, float(number), True, (0.0, 0.0, 0.0), 0.1, 0.0, 0.1, NO_LOOK, NO_LOOK)
    made = Atom(row, key=number, slot=number, camera=camera, local_id=LocalId(number), frame_s=0.1)
    made.identity = GlobalId(identity)
    return made


def renaming(
    similarity: Sequence[Sequence[float]],
    before: Sequence[int],
    after: Sequence[int],
    weight: Sequence[float] | None = None,
    met: Sequence[tuple[int, int]] = (),
    elsewhere: Sequence[tuple[int, int]] = (),
    blind: Sequence[int] = (),
    stretch: float = 1.0,
    raw: bool = False,
    votes: Sequence[tuple[int, int, float]] = (),
) -> Renaming:
    """Atom i is track i + 1 of camera i modulo 3; the threshold is 0.4."""
    count = len(before)
    bars = []
    for words, pairs in ((SEEN_AT_ONCE, met), (ELSEWHERE, elsewhere)):
        apart = np.eye(count, dtype=np.bool_) & (words == SEEN_AT_ONCE)
        for i, j in pairs:
            apart[i, j] = apart[j, i] = True
        bars.append((words, apart))
    said = np.zeros((count, count))
    for i, j, seconds in votes:
        said[i, j] = said[j, i] = seconds
    grounds = Grounds(
        np.asarray(similarity, np.float32),
        np.asarray([1.0] * count if weight is None else weight, np.float32),
        PairEvidence(said, np.abs(said), np.zeros((count, count), np.bool_)),
        np.isin(np.arange(count), blind),
        tuple(bars),
        0.4,
        stretch,
        raw,
    )
    atoms = [atom(i + 1, i % 3) for i in range(count)]
    return Renaming(9.0, atoms, np.asarray(before), np.asarray(after), grounds, CAMERAS)


def pairwise_similarity(count: int, **pairs: float) -> list[list[float]]:
    """All 0 but the pairs, `p01=0.6` for atoms 0 and 1; 1 with itself."""
    table = np.eye(count)
    for name, value in pairs.items():
        i, j = int(name[1]), int(name[2])
        table[i, j] = table[j, i] = value
    return table.tolist()


def told(events: Sequence[IdentityEvent]) -> list[tuple[str, int, int, int | None]]:
    return [(event.kind.value, event.global_id, event.other_id, event.local_id) for event in events]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([], [], [], id="nobody"),
        pytest.param([1, 2], [1, 2], [], id="nothing-changed"),
        pytest.param([0], [1], [("appeared", 1, 0, None)], id="somebody-new"),
        pytest.param(
            [0, 0, 0],
            [1, 1, 2],
            [("appeared", 1, 0, None), ("appeared", 2, 0, None), ("joined", 1, 0, 2)],
            id="two-new",
        ),
        pytest.param([1, 0], [1, 1], [("joined", 1, 0, 2)], id="a-new-piece-of-somebody"),
        pytest.param([1, 2, 0], [1, 1, 1], [("merged", 1, 2, None), ("joined", 1, 0, 3)], id="merged"),
        pytest.param([1, 1], [1, 2], [("split", 2, 1, None)], id="split"),
        pytest.param([1, 1, 0], [1, 2, 2], [("split", 2, 1, None), ("joined", 2, 0, 3)], id="split-and-joined"),
        pytest.param([1, 1, 2], [1, 2, 2], [("relabelled", 2, 1, 2)], id="moved-to-another"),
        pytest.param([1, 1, 2, 3], [2, 3, 2, 3], [("merged", 2, 1, None), ("relabelled", 3, 1, 2)], id="divided"),
        pytest.param([1, 2, 1, 2], [1, 2, 3, 3], [("split", 3, 1, None), ("relabelled", 3, 2, 4)], id="new-of-two"),
    ],
)
def test_every_change_is_told_once(before: list[int], after: list[int], expected: list[object]) -> None:
    count = len(before)
    assert told(renaming(np.ones((count, count)).tolist(), before, after).events()) == expected


@pytest.mark.parametrize(
    ("change", "similarity", "margin"),
    [
        pytest.param(renaming(pairwise_similarity(2, p01=0.6), [1, 0], [1, 1]), 0.6, None, id="nobody-else"),
        pytest.param(
            renaming(pairwise_similarity(3, p02=0.6, p12=0.5), [1, 2, 0], [1, 2, 1]), 0.6, 0.1, id="a-runner-up"
        ),
        pytest.param(
            renaming(pairwise_similarity(3, p02=0.8, p12=0.4), [1, 1, 0], [1, 1, 1]), 0.6, None, id="mean-of-pairs"
        ),
        pytest.param(
            renaming(pairwise_similarity(3, p02=0.8, p12=0.4), [1, 1, 0], [1, 1, 1], weight=[3, 1, 1]),
            0.7,
            None,
            id="by-weight",
        ),
        pytest.param(
            renaming(pairwise_similarity(3, p02=0.3, p12=0.5), [1, 2, 0], [1, 2, 1]),
            0.3,
            -0.2,
            id="runner-up-more-alike",
        ),
        pytest.param(
            renaming(pairwise_similarity(2, p01=0.7), [1, 0], [1, 1], stretch=3.0, raw=True), 0.9, None, id="raw-cosine"
        ),
        pytest.param(renaming(pairwise_similarity(2, p01=1.0), [1, 0], [1, 1], blind=[1]), None, None, id="no-look"),
        pytest.param(
            renaming(pairwise_similarity(3, p02=0.2, p12=0.3), [1, 2, 0], [1, 2, 1], votes=[(0, 2, 3.0), (1, 2, -0.5)]),
            0.2,
            0.55,
            id="positions-count-for-the-margin",
        ),
    ],
)
def test_similarity_is_that_of_the_clustering(change: Renaming, similarity: float | None, margin: float | None) -> None:
    (event,) = change.events()
    assert event.evidence is not None
    assert event.evidence.similarity == (None if similarity is None else pytest.approx(similarity))
    assert event.evidence.margin == (None if margin is None else pytest.approx(margin))


@pytest.mark.parametrize(
    ("met", "elsewhere", "barred"),
    [
        pytest.param([], [], "", id="free"),
        pytest.param([(2, 1)], [], "seen at once in cam3", id="one-camera"),
        pytest.param([], [(2, 1)], "at once in cam3 and cam2, which see no place in common", id="two-cameras"),
        pytest.param([(0, 1)], [], "others of its identity seen at once in cam1", id="by-the-rest-of-its-identity"),
        pytest.param([(2, 1)], [(2, 1)], "seen at once in cam3", id="the-first-of-two"),
        pytest.param([(0, 2)], [], "", id="others-do-not-matter"),
    ],
)
def test_rivals_say_what_rules_them_out(
    met: list[tuple[int, int]], elsewhere: list[tuple[int, int]], barred: str
) -> None:
    alike = pairwise_similarity(3, p02=0.6, p12=0.5)
    (event,) = renaming(alike, [1, 2, 0], [1, 2, 1], met=met, elsewhere=elsewhere).events()
    assert event.evidence is not None
    assert [(rival.global_id, rival.barred) for rival in event.evidence.rivals] == [(2, barred)]


def test_who_a_piece_was_is_a_rival_also_when_it_is_not_the_runner_up() -> None:
    alike = pairwise_similarity(4, p03=0.7, p13=0.1, p23=0.3)
    (event,) = renaming(alike, [1, 2, 3, 2], [1, 2, 3, 1]).events()
    assert event.evidence is not None
    assert [(rival.global_id, round(rival.similarity, 3)) for rival in event.evidence.rivals] == [(3, 0.3), (2, 0.1)]


def test_pieces_are_named_and_few() -> None:
    count = 9
    alike = np.ones((count, count))
    alike[:, 0] = alike[0, :] = np.arange(count) / 10
    (event,) = renaming(alike.tolist(), [0, *[1] * (count - 1)], [1] * count).events()
    evidence = event.evidence
    assert evidence is not None
    (piece,) = evidence.pieces
    assert (piece.camera_id, piece.local_id, piece.start_s, piece.end_s) == ("cam1", 1, 1.0, 1.0)
    assert [(item.local_id, round(item.similarity or 0, 3)) for item in evidence.likest] == [
        (9, 0.8),
        (8, 0.7),
        (7, 0.6),
    ]
    assert len(evidence.likest) == MOST_PIECES


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(renaming([[1]], [0], [1]), "nobody to compare with", id="the-first"),
        pytest.param(
            renaming(pairwise_similarity(2, p01=0.25), [1, 0], [1, 2]),
            "nobody known fits (likeness needs 0.40): 0.25 to 1",
            id="new",
        ),
        pytest.param(
            renaming(pairwise_similarity(2, p01=0.9), [1, 0], [1, 2], met=[(0, 1)]),
            "nobody known fits (likeness needs 0.40): 0.90 to 1, ruled out: seen at once in cam2",
            id="new-because-apart",
        ),
        pytest.param(
            renaming(pairwise_similarity(2, p01=0.4), [1, 0], [1, 1]), "likeness 0.40 to 1 (needs 0.40)", id="threshold"
        ),
        pytest.param(
            renaming(pairwise_similarity(3, p02=0.6), [1, 1, 0], [1, 1, 1]),
            "likeness 0.30 to 1 (needs 0.40); 0.60 to cam1 track 1",
            id="below-on-average",
        ),
        pytest.param(
            renaming(pairwise_similarity(2, p01=0.7), [1, 0], [1, 1], stretch=3.0, raw=True),
            "cosine 0.90 to 1 (needs 0.80)",
            id="raw",
        ),
        pytest.param(
            renaming(pairwise_similarity(3, p02=0.2, p12=0.5), [1, 2, 0], [1, 2, 1], votes=[(0, 2, 3.0), (1, 2, -0.5)]),
            "likeness 0.20 to 1, +0.45 by position (needs 0.40); 0.50 to 2, -0.20 by position",
            id="positions",
        ),
        pytest.param(
            renaming(pairwise_similarity(2, p01=1.0), [1, 0], [1, 1], blind=[1]),
            "shows no look: known by its track",
            id="no-look",
        ),
    ],
)
def test_the_reason_is_for_people(change: Renaming, reason: str) -> None:
    (event,) = change.events()
    assert event.reason == reason
    assert event.evidence is not None
    assert in_words(event.evidence, event.global_id) == reason


def test_who_is_nobody_again_is_told_why() -> None:
    event = lost(atom(4, 1, identity=7), CAMERAS, 9.0)
    assert (event.kind, event.global_id, event.other_id) == (EventKind.RELABELLED, NOBODY, 7)
    assert (event.camera_id, event.local_id) == (CAM2, 4)
    assert "0.1 s of track" in event.reason
