"""What a camera adds to every look is taken away, and a single person does not vanish with it."""

from __future__ import annotations

import numpy as np
import pytest

from association.centring import CentredLooks, RawLooks, camera_means, unit_rows
from entities import FloatArray
from tests.builders import look, unit

DIMENSION = 32
MEAN_PERSON = 0.7 * look(0)


def seen(person: int, tint: FloatArray | None = None) -> FloatArray:
    """A person's look as a camera with this tint sees it."""
    shift = np.zeros(DIMENSION, np.float32) if tint is None else tint
    return unit(list(MEAN_PERSON + shift + 0.6 * look(person)))


def means(people: list[tuple[int, int, float]], count: int = 2, *, tint: FloatArray | None = None) -> FloatArray:
    """Camera means for pieces given as camera, person and seconds."""
    vectors = np.array([seen(person, tint) for _, person, _ in people], np.float32).reshape(-1, DIMENSION)
    return camera_means(
        vectors,
        np.array([camera for camera, _, _ in people], np.int64),
        np.array([seconds for _, _, seconds in people], np.float32),
        np.zeros((len(people), len(people)), np.bool_),
        mean_person=MEAN_PERSON,
        count=count,
    )


@pytest.mark.parametrize(
    "people",
    [
        pytest.param([], id="nothing-seen"),
        pytest.param([(0, 1, 5.0)], id="only-the-other-camera-saw-somebody"),
    ],
)
def test_a_camera_that_saw_nobody_has_the_generic_mean(people: list[tuple[int, int, float]]) -> None:
    np.testing.assert_allclose(means(people)[1], MEAN_PERSON, rtol=1e-5)


def test_pieces_of_one_person_count_once() -> None:
    once, often = means([(0, 1, 4.0), (0, 2, 4.0)]), means([(0, 1, 4.0), *[(0, 2, 4.0)] * 9])
    np.testing.assert_allclose(once[0], often[0], atol=1e-5)


def test_a_glimpse_counts_less() -> None:
    glimpse, stay = (np.linalg.norm(means([(0, 1, seconds)])[0] - MEAN_PERSON) for seconds in (0.1, 4.0))
    assert 0.0 < glimpse < 0.3 * stay


def test_people_of_two_tinted_cameras_are_told_apart() -> None:
    """Raw looks are most alike within a camera; centred ones are alike within a person."""
    tints = [0.5 * look(100), 0.5 * look(101)]
    pieces = [(camera, person) for camera in (0, 1) for person in range(1, 13)]
    vectors = np.array([seen(person, tints[camera]) for camera, person in pieces], np.float32)
    cameras = np.array([camera for camera, _ in pieces])
    looks = CentredLooks(MEAN_PERSON, 2)
    looks.learn(vectors, cameras, np.full(24, 4.0, np.float32), np.zeros((24, 24), np.bool_))
    placed = looks.place(vectors, cameras)
    across = placed[:12] @ placed[12:].T
    same, other = np.diag(across), across[~np.eye(12, dtype=np.bool_)]
    assert same.min() > 0.4 > np.quantile(other, 0.95)
    raw = vectors[:12] @ vectors[12:].T
    assert np.diag(raw).min() < np.max(vectors[:12] @ vectors[:12].T - np.eye(12))


def test_one_person_alone_still_looks_like_himself() -> None:
    """Without the prior the mean would be the person, and what is left of the look would be noise."""
    vectors = np.array([unit(list(seen(1) + 0.1 * look(1, noise=1.0, seed=seed))) for seed in range(6)])
    cameras = np.zeros(6, np.int64)
    looks = CentredLooks(MEAN_PERSON, 1)
    looks.learn(vectors, cameras, np.full(6, 4.0, np.float32), np.zeros((6, 6), np.bool_))
    placed = looks.place(vectors, cameras)
    assert (placed @ placed.T).min() > 0.4


@pytest.mark.parametrize("looks", [CentredLooks(MEAN_PERSON, 1), RawLooks(0.8, 0.4)], ids=["centred", "raw"])
def test_no_look_stays_no_look(looks: CentredLooks | RawLooks) -> None:
    placed = looks.place(np.zeros((2, DIMENSION), np.float32), np.zeros(2, np.int64))
    assert not placed.any()


@pytest.mark.parametrize("cos_thresh", [0.0, 0.5, 0.8, 0.99])
def test_the_users_threshold_falls_on_the_common_one(cos_thresh: float) -> None:
    looks = RawLooks(cos_thresh, 0.4)
    similarity = 1.0 - looks.stretch * (1.0 - np.array([cos_thresh - 0.01, cos_thresh, 1.0]))
    assert similarity[0] < 0.4
    assert similarity[1:] == pytest.approx([0.4, 1.0])


def test_centred_similarity_is_the_cosine() -> None:
    assert CentredLooks(MEAN_PERSON, 1).stretch == 1.0


def test_unit_rows_leaves_zeros() -> None:
    rows = unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]], np.float32))
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0.0, 0.0]], rtol=1e-6)


@pytest.mark.parametrize("raw", [False, True], ids=["centred", "raw"])
def test_comparing_with_many_is_placing_them_all(raw: bool) -> None:
    space = RawLooks(0.7, 0.4) if raw else CentredLooks(MEAN_PERSON, 2)
    cameras = np.array([0, 1, 1, 0, 1])
    looks = np.array([seen(person) for person in range(1, 6)])
    space.learn(looks, cameras, np.full(5, 2.0, np.float32), np.zeros((5, 5), np.bool_))
    placed = space.place(looks, cameras)
    np.testing.assert_allclose(space.compare(placed[:2], looks, cameras), placed[:2] @ placed.T, atol=1e-5)
