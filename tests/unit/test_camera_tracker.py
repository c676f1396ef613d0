"""One camera's people, frame by frame: ids that stay, come back, and are never given twice."""

from __future__ import annotations

import pickle
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_tracker import CameraTracker
from config import CameraTrackingConfig
from entities import CameraTracks, FrameDetections
from tests.builders import CAM1, CAM2, SIZE_PX, box, detections, frame_detections, look, unit

FPS = 15.0
Person = tuple[int, float]
"""Who, and where the centre is across the picture."""


def tracker(config: CameraTrackingConfig | None = None) -> CameraTracker:
    return CameraTracker(config or CameraTrackingConfig(), CAM1)


def scene(
    people: Sequence[Person],
    index: int,
    *,
    score: float = 0.9,
    fps: float = FPS,
    embedded: bool = True,
    noise: float = 0.2,
) -> FrameDetections:
    """A frame that shows the people, each 100 px high and in their own look."""
    looks = [look(who, noise=noise, seed=index) for who, _ in people] if embedded else None
    found = detections([box(cx) for _, cx in people], [score] * len(people), looks)
    return frame_detections(found, index, fps)


def blind(index: int, fps: float = FPS) -> FrameDetections:
    """A frame that was not looked at."""
    return frame_detections(None, index, fps)


def stand(camera: CameraTracker, people: Sequence[Person], frames: range, **how: float) -> CameraTracks:
    """Show the same people in every frame of the range; what the last one gives."""
    for index in frames:
        tracks = camera.step(scene(people, index, score=how.get("score", 0.9), fps=how.get("fps", FPS)))
    return tracks


def ids_by_place(tracks: CameraTracks) -> list[int]:
    """Local ids from left to right."""
    return [int(tracks.local_ids[i]) for i in np.argsort(tracks.boxes_xyxy[:, 0])]


# --- nothing, one, several


@pytest.mark.parametrize("frames", [0, 1, 20], ids="after-{}-people-frames".format)
def test_an_empty_frame_shows_nobody(frames: int) -> None:
    camera = tracker()
    if frames:
        stand(camera, [(1, 100)], range(frames))
    tracks = camera.step(scene([], frames))
    assert len(tracks) == 0
    assert tracks.boxes_xyxy.shape == (0, 4)
    assert tracks.local_ids.dtype == np.int64


def test_two_people_get_ids_and_keep_them() -> None:
    camera = tracker()
    assert ids_by_place(stand(camera, [(1, 100), (2, 300)], range(3))) == [1, 2]
    assert ids_by_place(stand(camera, [(2, 300), (1, 100)], range(3, 40))) == [1, 2]


def test_a_row_tells_what_was_detected() -> None:
    tracks = stand(tracker(), [(1, 100)], range(5))
    np.testing.assert_allclose(tracks.boxes_xyxy, [box(100)])
    np.testing.assert_allclose(tracks.scores, [0.9], rtol=1e-6)
    np.testing.assert_array_equal(tracks.embeddings[0], look(1, noise=0.2, seed=4))
    assert tracks.observed.all()
    assert (tracks.camera_id, tracks.frame_index, tracks.timestamp_s) == (CAM1, 4, 4 / FPS)


def test_occlusion_is_by_those_in_front() -> None:
    camera = tracker()
    found = detections([box(100, foot=200), box(120, foot=210)], None, [look(1), look(2)])
    for index in range(5):
        tracks = camera.step(frame_detections(found, index))
    np.testing.assert_allclose(tracks.occlusion, [0.5 * 0.9, 0.0], rtol=1e-5)


def test_doubles_of_one_person_are_one() -> None:
    camera = tracker()
    for index in range(10):
        found = detections([box(100), box(103), box(112)], [0.9, 0.8, 0.8], [look(1)] * 3)
        tracks = camera.step(frame_detections(found, index))
    assert tracks.local_ids.tolist() == [1]


def test_another_cameras_frame_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="want 'cam1', got 'cam2'"):
        tracker().step(frame_detections(detections(), camera_id=CAM2))


# --- who is a person


@pytest.mark.parametrize(
    ("score", "people"),
    [
        pytest.param(0.55, 0, id="poster"),
        pytest.param(0.69, 0, id="just-below"),
        pytest.param(0.7, 1, id="at-the-confirming-score"),
        pytest.param(0.9, 1, id="sure"),
    ],
)
def test_a_thing_that_stands_for_a_minute(score: float, people: int) -> None:
    assert len(stand(tracker(), [(1, 100)], range(900), score=score)) == people


def test_a_walker_needs_no_sure_box() -> None:
    camera = tracker()
    counts = [len(camera.step(scene([(1, 60 + 10 * i)], i, score=0.55))) for i in range(20)]
    assert counts[:7] == [0] * 7
    assert counts[-1] == 1


def test_low_boxes_start_nobody_but_carry_a_person_on() -> None:
    assert len(stand(tracker(), [(1, 100)], range(30), score=0.49)) == 0
    camera = tracker()
    stand(camera, [(1, 100)], range(10))
    assert stand(camera, [(1, 100)], range(10, 60), score=0.3).local_ids.tolist() == [1]


def test_the_users_high_score_decides_who_may_start() -> None:
    camera = tracker(CameraTrackingConfig(high_score=0.95))
    assert len(stand(camera, [(1, 100)], range(30))) == 0


# --- who is who


def crossing(index: int) -> list[Person]:
    """Two people walk through each other: only one is seen at the middle of it."""
    left, right = 100 + 8.0 * index, 420 - 8.0 * index
    return [(1, left), (2, right)] if abs(left - right) > 14 else [(1, left)]


def test_people_who_cross_keep_their_ids() -> None:
    camera = tracker()
    before = [ids_by_place(camera.step(scene(crossing(i), i))) for i in range(15)][-1]
    after = [ids_by_place(camera.step(scene(crossing(i), i))) for i in range(15, 41)][-1]
    assert before == [1, 2]
    assert after == [2, 1]


def test_people_who_turn_back_keep_their_ids() -> None:
    """Motion says they crossed, their looks say they did not."""
    camera = tracker()
    for index in range(41):
        step = min(index, 40 - index)
        tracks = camera.step(scene([(1, 100 + 7.0 * step), (2, 400 - 7.0 * step)], index))
    assert ids_by_place(tracks) == [1, 2]


@pytest.mark.parametrize("away_s", [0.5, 5.0, 29.0], ids="{}s".format)
def test_found_again_by_look_after(away_s: float) -> None:
    camera = tracker()
    stand(camera, [(1, 100), (2, 300)], range(15))
    back = 15 + round(away_s * FPS)
    for index in range(15, back):
        camera.step(scene([(2, 300)], index))
    tracks = stand(camera, [(1, 130), (2, 300)], range(back, back + 4))
    assert ids_by_place(tracks) == [1, 2]


def test_forgotten_after_the_time_to_remember() -> None:
    camera = tracker(CameraTrackingConfig(max_lost_s=5.0))
    stand(camera, [(1, 100)], range(15))
    stand(camera, [], range(15, 15 + 76))
    assert stand(camera, [(1, 100)], range(91, 95)).local_ids.tolist() == [2]


def test_somebody_new_where_somebody_was_is_somebody_new() -> None:
    camera = tracker()
    stand(camera, [(1, 100)], range(15))
    stand(camera, [], range(15, 45))
    assert stand(camera, [(2, 100)], range(45, 55)).local_ids.tolist() == [2]


def test_a_box_that_went_over_to_another_person_gets_another_id() -> None:
    """Somebody steps in front, stays in the box, and is then seen to look otherwise, though not very much."""
    camera = tracker()
    for index in range(30):
        camera.step(scene([(1, 100)], index, noise=0.0))
    hidden = detections([box(100), box(114, foot=206)], [0.9, 0.35], [np.full(32, np.nan, np.float32)] * 2)
    for index in range(30, 34):
        camera.step(frame_detections(hidden, index))
    other = look(2) - (look(1) @ look(2)) * look(1)
    stranger = unit(list(0.47 * look(1) + np.sqrt(1 - 0.47**2) * unit(list(other))))
    frames = [frame_detections(detections([box(100)], None, [stranger]), index) for index in range(34, 44)]
    ids = [camera.step(frame).local_ids.tolist() for frame in frames]
    assert ids[:2] == [[1], [1]]
    assert ids[3:] == [[2]] * 7
    assert 1 in stand(camera, [(1, 400)], range(44, 50)).local_ids.tolist()


def test_two_tracks_on_one_person_become_the_older() -> None:
    camera = tracker()
    for index in range(15):
        camera.step(frame_detections(detections([box(100), box(126)], None, [look(1)] * 2), index))
    ids = []
    for index in range(15, 30):  # the second box moves over to the first, which is seen no more
        found = detections([box(max(100.0, 126 - 2.0 * (index - 14)))], None, [look(1)])
        ids.append(camera.step(frame_detections(found, index)).local_ids.tolist())
    assert ids[0] == [2]
    assert ids[-1] == [1]
    assert all(len(row) == 1 for row in ids)


def test_a_thing_that_flickers_is_nobody() -> None:
    camera = tracker()
    shown = [camera.step(scene([(1, 100)] if index % 4 == 0 else [], index)) for index in range(60)]
    assert all(len(tracks) == 0 for tracks in shown)


def test_the_users_overlap_is_asked_of_every_match() -> None:
    strict = tracker(CameraTrackingConfig(iou_thresh=0.95))
    free = tracker()
    for index in range(30):
        frame = scene([(1, 100 + 12.0 * index)], index)
        loose, tight = free.step(frame), strict.step(frame)
    assert len(loose) == 1
    assert len(tight) == 0


# --- looks that are missing


def test_without_embeddings_position_alone_tracks() -> None:
    camera = tracker()
    for index in range(30):
        tracks = camera.step(scene([(1, 100 + 3.0 * index), (2, 400)], index, embedded=False))
    assert ids_by_place(tracks) == [1, 2]
    assert tracks.embeddings.shape == (2, 0)


def test_a_crop_that_was_not_embedded_is_nan_and_never_learnt() -> None:
    camera = tracker()
    unknown = np.full(32, np.nan, np.float32)
    stand(camera, [(1, 100)], range(15))
    for index in range(15, 30):
        tracks = camera.step(frame_detections(detections([box(100)], None, [unknown]), index))
    assert tracks.local_ids.tolist() == [1]
    assert np.isnan(tracks.embeddings).all()
    stand(camera, [], range(30, 60))
    assert stand(camera, [(1, 100)], range(60, 64)).local_ids.tolist() == [1]


def test_a_frame_without_embeddings_among_others() -> None:
    camera = tracker()
    stand(camera, [(1, 100)], range(15))
    tracks = camera.step(scene([(1, 100)], 15, embedded=False))
    assert tracks.local_ids.tolist() == [1]
    assert tracks.embeddings.shape == (1, 32)
    assert np.isnan(tracks.embeddings).all()


# --- time


@pytest.mark.parametrize("fps", [7.5, 15.0, 25.0, 30.0], ids="{}fps".format)
def test_confirmed_after_the_same_time_at_any_rate(fps: float) -> None:
    camera = tracker()
    stand(camera, [(2, 400)], range(3), fps=fps)
    shown = [1 in {len(camera.step(scene([(2, 400), (1, 100)], i, fps=fps))) - 1} for i in range(3, 20)]
    assert (shown.index(True) + 1) / fps == pytest.approx(max(0.1, 2 / fps), abs=1 / fps)


@pytest.mark.parametrize("stride", [2, 3, 5], ids="every-{}".format)
def test_a_stride_keeps_ids_and_shows_a_box_in_every_frame(stride: int) -> None:
    camera = tracker()
    for index in range(61):
        looked = index % stride == 0
        people = [(1, 100 + 4.0 * index), (2, 500)]
        tracks = camera.step(scene(people, index) if looked else blind(index))
        if index > 20:
            assert ids_by_place(tracks) == [1, 2], f"frame {index}"
            assert (tracks.observed == looked).all()
            walker = tracks.boxes_xyxy[tracks.local_ids == 1][0]
            assert (walker[0] + walker[2]) / 2 == pytest.approx(100 + 4.0 * index, abs=8.0)
            assert np.isnan(tracks.embeddings).all() == (not looked)


def test_a_missed_person_is_not_carried() -> None:
    camera = tracker()
    stand(camera, [(1, 100), (2, 300)], range(10))
    camera.step(scene([(2, 300)], 10))
    assert camera.step(blind(11)).local_ids.tolist() == [2]


def test_carried_boxes_end_at_the_border() -> None:
    camera = tracker()
    for index in range(20):
        camera.step(scene([(1, 420 + 10.0 * index)], index))
    carried = [camera.step(blind(index)) for index in range(20, 33)]
    widths = [float(t.boxes_xyxy[0, 2] - t.boxes_xyxy[0, 0]) for t in carried if len(t)]
    assert all(t.boxes_xyxy.max(initial=0.0) <= SIZE_PX[0] for t in carried)
    assert widths == sorted(widths, reverse=True)
    assert len(carried[-1]) == 0


@pytest.mark.parametrize("missing", [{5, 11, 12, 20, 27}, set(range(8, 15))], ids=["here-and-there", "half-a-second"])
def test_missing_frames_change_no_id(missing: set[int]) -> None:
    camera = tracker()
    for index in sorted(set(range(40)) - missing):
        tracks = camera.step(scene([(1, 100 + 5.0 * index), (2, 500)], index))
    assert ids_by_place(tracks) == [1, 2]


def test_after_a_long_blind_spell_only_looks_count() -> None:
    """Two people swapped places while the camera was gone."""
    camera = tracker()
    stand(camera, [(1, 100), (2, 300)], range(15))
    assert ids_by_place(stand(camera, [(2, 100), (1, 300)], range(60, 66))) == [2, 1]


@pytest.mark.parametrize(
    ("gap", "ids"), [pytest.param(15, [1], id="within-coasting"), pytest.param(20, [2], id="beyond")]
)
def test_without_looks_a_blind_spell_ends_a_track(gap: int, ids: list[int]) -> None:
    camera = tracker()
    for index in [*range(10), *range(10 + gap, 15 + gap)]:
        tracks = camera.step(scene([(1, 100)], index, embedded=False))
    assert tracks.local_ids.tolist() == ids


def test_the_first_box_after_a_blind_spell_stands_for_no_more_than_a_moment() -> None:
    camera = tracker()
    stand(camera, [], range(10))
    counts = [len(camera.step(scene([(1, 60 + 30.0 * i)], 100 + i, score=0.55))) for i in range(10)]
    assert counts[:5] == [0] * 5
    assert counts[-1] == 1


@pytest.mark.parametrize("seconds", [1.5, 4.0], ids="{}s".format)
def test_looks_that_are_always_far_apart_are_not_blindness(seconds: float) -> None:
    camera = tracker()
    assert stand(camera, [(1, 100), (2, 300)], range(10), fps=1 / seconds).local_ids.tolist() == [1, 2]


def test_no_coasting_loses_only_who_was_missed() -> None:
    camera = tracker(CameraTrackingConfig(coast_s=0.0))
    stand(camera, [(1, 100), (2, 300)], range(10))
    assert stand(camera, [(2, 300)], range(10, 12)).local_ids.tolist() == [2]
    assert stand(camera, [(1, 100), (2, 300)], range(12, 16)).local_ids.tolist() == [1, 2]


def test_time_that_runs_backwards_is_no_harm() -> None:
    camera = tracker()
    stand(camera, [(1, 100)], range(10))
    assert camera.step(scene([(1, 100)], 4)).local_ids.tolist() == [1]
    assert stand(camera, [(1, 100)], range(10, 15)).local_ids.tolist() == [1]


def test_a_repeated_timestamp_is_no_harm() -> None:
    camera = tracker()
    for index in (0, 1, 2, 3, 3, 4, 4, 5):
        tracks = camera.step(scene([(1, 100)], index))
    assert tracks.local_ids.tolist() == [1]


# --- always


def random_frames(seed: int, count: int) -> list[FrameDetections]:
    """People who come, go, jump, overlap and are missed, in frames that are missing or not looked at."""
    rng = np.random.default_rng(seed)
    frames, index = [], 0
    places = rng.uniform(30, 610, 6)
    for _ in range(count):
        index += int(rng.choice([1, 1, 1, 2, 20]))
        places += rng.normal(0, 8, 6)
        there = np.flatnonzero(rng.random(6) < 0.8)
        looks = [look(int(i), noise=0.5, seed=index) for i in there]
        looks = [np.full(32, np.nan, np.float32) if rng.random() < 0.1 else item for item in looks]
        found = detections([box(float(places[i])) for i in there], list(rng.uniform(0.05, 1.0, len(there))), looks)
        frames.append(frame_detections(found if rng.random() < 0.9 else None, index))
    return frames


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_an_id_is_held_once_and_never_given_again(seed: int) -> None:
    camera = tracker(CameraTrackingConfig(max_lost_s=3.0))
    last_seen: dict[int, float] = {}
    newest = 0
    for frame in random_frames(seed, 60):
        tracks = camera.step(frame)
        ids = tracks.local_ids.tolist()
        assert len(set(ids)) == len(ids)
        for number in ids:
            if number in last_seen:
                assert frame.timestamp_s - last_seen[number] <= 3.0 + 20 / FPS
            else:
                assert number > newest
            newest = max(newest, number)
            last_seen[number] = frame.timestamp_s


def as_bytes(tracks: CameraTracks) -> bytes:
    arrays = (tracks.boxes_xyxy, tracks.scores, tracks.local_ids, tracks.observed, tracks.occlusion, tracks.embeddings)
    return b"|".join(array.tobytes() for array in arrays)


def test_same_frames_same_bytes() -> None:
    frames = random_frames(7, 150)
    one, other = tracker(), tracker()
    assert [as_bytes(one.step(f)) for f in frames] == [as_bytes(other.step(f)) for f in frames]


def test_input_is_left_as_it_was() -> None:
    frame = scene([(1, 100), (2, 120)], 0)
    assert frame.detections is not None
    assert frame.detections.embeddings is not None
    for array in (frame.detections.boxes_xyxy, frame.detections.scores, frame.detections.embeddings):
        array.setflags(write=False)
    camera = tracker()
    for index in range(10):
        camera.step(frame_detections(frame.detections, index))


def test_memory_is_bounded_over_a_long_run() -> None:
    """A new person every 0.4 s: after three minutes the tracker holds no more than after one."""
    camera = tracker(CameraTrackingConfig(max_lost_s=10.0))
    held: dict[int, int] = {}
    for index in range(2701):
        who = index // 6
        camera.step(scene([(who, 100.0 + 120 * (who % 4))], index, noise=0.0))
        if index in {900, 2700}:
            held[index] = len(pickle.dumps(camera))
    assert held[2700] < 1.1 * held[900]
