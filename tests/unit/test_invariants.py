"""Whatever the cameras report: no person twice in a frame, every row labelled once, ids never used again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from by_hand import NOTHING_BY_HAND, ByHand, Split
from config import IdentityConfig, TrackingConfig
from entities import NOBODY, CameraId, CameraTracks, EventKind, FloatArray, GlobalId, IdentityEvent, IntArray
from identity_gallery import IdentityGallery
from multi_camera_tracker import MultiCameraTracker
from tests.builders import box, camera_tracks, detections, frame_detections, look, round_detections

CAMERAS = tuple(CameraId(f"cam{number}") for number in range(1, 4))
DIMENSION = 16
MEAN_PERSON: FloatArray = np.asarray(0.7 * look(0, DIMENSION), np.float32)


@dataclass(frozen=True)
class World:
    """A random place.

    Attributes:
        people: How many looks there are; 1 makes everybody look the same.
        tracks: How many local tracks a camera has at most at once.
        blind: Chance that a box shows no look.
        swap: Chance a frame that a track goes over to somebody else.
        fps: Frames a second of media time.
        frames: How many frames.
        seed: Of everything else.
    """

    people: int
    tracks: int
    blind: float
    swap: float
    fps: float
    frames: int
    seed: int


WORLDS = st.builds(
    World,
    people=st.integers(1, 6),
    tracks=st.integers(1, 5),
    blind=st.sampled_from([0.0, 0.3, 1.0]),
    swap=st.sampled_from([0.0, 0.05, 0.5]),
    fps=st.sampled_from([5.0, 15.0, 30.0]),
    frames=st.integers(1, 90),
    seed=st.integers(0, 2**32 - 1),
)
CONFIGS = st.sampled_from(
    [
        IdentityConfig(),
        IdentityConfig(cos_thresh=0.0),
        IdentityConfig(cos_thresh=1.0),
        IdentityConfig(similarity=-1.0, hysteresis=1.0),
        IdentityConfig(window_s=0.5, max_age_s=1.0, max_atoms=10, min_track_s=0.0),
        IdentityConfig(period_s=0.01, max_gap_s=0.1, window_s=0.2),
    ]
)


def rounds_of(world: World) -> list[list[CameraTracks]]:
    """Tracks that appear, vanish, come back and swap people at random."""
    rng = np.random.default_rng(world.seed)
    person = rng.integers(1, world.people + 1, (len(CAMERAS), 3 * world.tracks))
    there = rng.uniform(size=person.shape) < 0.3
    out = []
    for frame in range(world.frames):
        there ^= rng.uniform(size=there.shape) < 0.08
        swaps = rng.uniform(size=person.shape) < world.swap
        person = np.where(swaps, rng.integers(1, world.people + 1, person.shape), person)
        tracks = []
        for number, camera in enumerate(CAMERAS):
            if rng.uniform() < 0.1:
                continue  # this camera has no frame now
            rows = []
            for track in np.flatnonzero(there[number])[: world.tracks].tolist():
                hidden = rng.uniform() < world.blind
                face = None if hidden else look(int(person[number, track]), DIMENSION, 0.5, frame)
                rows.append((track + 1, box(rng.uniform(50, 600), rng.uniform(150, 400)), face))
            seen = bool(rng.uniform() < 0.9)
            tracks.append(camera_tracks(rows, frame, world.fps, camera, DIMENSION, observed=seen))
        out.append(tracks)
    return out


@given(WORLDS, CONFIGS, st.booleans())
@example(  # a remainder too short after a cut kept an id that went on elsewhere
    world=World(1, 3, 0.3, 0.0, 5.0, 8, 0), config=IdentityConfig(similarity=-1.0, hysteresis=1.0), prior=False
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_person_is_in_a_frame_twice(world: World, config: IdentityConfig, prior: bool) -> None:
    gallery = IdentityGallery(config, CAMERAS, MEAN_PERSON if prior else None)
    rows: list[tuple[CameraId, int, int]] = []
    gone: set[int] = set()
    newest = 0
    for frame, tracks in enumerate(rounds_of(world)):
        ids, events = gallery.observe(frame / world.fps, tracks)
        newest = assert_ids_count_up(events, newest)
        gone |= {event.other_id for event in events if event.kind is EventKind.MERGED}
        for of_camera, names in zip(tracks, ids, strict=True):
            known = names[names != NOBODY].tolist()
            assert len(known) == len(set(known))
            assert not gone & set(known)
            assert max(known, default=0) <= newest
            rows += [(of_camera.camera_id, int(track), of_camera.frame_index) for track in of_camera.local_ids]
    labels: dict[tuple[CameraId, int, int], int] = {}
    for segment in gallery.finish():
        for frame in range(segment.first_frame, segment.last_frame + 1):
            assert labels.setdefault((segment.camera_id, segment.local_id, frame), segment.global_id) is not None
            assert labels[segment.camera_id, segment.local_id, frame] == segment.global_id
    people = [(camera, frame, labels[camera, track, frame]) for camera, track, frame in rows]
    named = [entry for entry in people if entry[2] != NOBODY]
    assert len(named) == len(set(named))


@given(WORLDS, CONFIGS, st.lists(st.tuples(st.integers(1, 89), st.floats(0.0, 1.0)), min_size=1, max_size=3))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_splits_by_hand_keep_it_too(world: World, config: IdentityConfig, wishes: list[tuple[int, float]]) -> None:
    """Whoever is in view is split at any time of the past, and every split is undone in the end."""
    gallery = IdentityGallery(config, CAMERAS, MEAN_PERSON)
    by_hand = NOTHING_BY_HAND
    ids: list[IntArray] = []
    rows: list[tuple[CameraId, int, int]] = []
    for frame, tracks in enumerate(rounds_of(world)):
        shown = sorted({int(name) for names in ids for name in names} - {NOBODY})
        for at in [share * frame / world.fps for when, share in wishes if when == frame and shown]:
            new = GlobalId(1000 + frame + len(by_hand.splits))
            split = Split((GlobalId(shown[0]),), new, at)
            by_hand = ByHand(by_hand.pins | {(split.numbers[0], new)}, {}, (*by_hand.splits, split))
        gallery.heed(ByHand(links=undone(by_hand)) if frame > world.frames - 10 else by_hand)
        ids, _ = gallery.observe(frame / world.fps, tracks)
        for of_camera, names in zip(tracks, ids, strict=True):
            known = names[names != NOBODY].tolist()
            assert len(known) == len(set(known))
            rows += [(of_camera.camera_id, int(track), of_camera.frame_index) for track in of_camera.local_ids]
    labels: dict[tuple[CameraId, int, int], int] = {}
    for segment in gallery.finish():
        for frame in range(segment.first_frame, segment.last_frame + 1):
            assert (segment.camera_id, segment.local_id, frame) not in labels
            labels[segment.camera_id, segment.local_id, frame] = segment.global_id
    named = [(camera, frame, labels[camera, track, frame]) for camera, track, frame in rows]
    named = [entry for entry in named if entry[2] != NOBODY]
    assert len(named) == len(set(named))


def undone(by_hand: ByHand) -> dict[int, int]:
    """Everybody who was split off with whom it was."""
    links: dict[int, int] = {}
    for split in by_hand.splits:
        links[split.new] = links.get(split.numbers[0], split.numbers[0])
    return links


def assert_ids_count_up(events: tuple[IdentityEvent, ...], newest: int) -> int:
    """New ids follow on from the newest; its new value."""
    for event in events:
        if event.kind in {EventKind.APPEARED, EventKind.SPLIT}:
            assert event.global_id == newest + 1
            newest += 1
    return newest


@given(WORLDS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_whole_tracker_keeps_it_too(world: World) -> None:
    """From detections on, with crossing boxes and swapped or missing looks."""
    rng = np.random.default_rng(world.seed)
    tracker = MultiCameraTracker(CAMERAS, TrackingConfig(), MEAN_PERSON)
    velocity = rng.uniform(-6, 6, (len(CAMERAS), world.tracks))
    start = rng.uniform(50, 600, velocity.shape)
    rows: list[tuple[CameraId, int, int]] = []
    for frame in range(world.frames):
        frames = []
        for number, camera in enumerate(CAMERAS):
            boxes = [box(float(x), 300.0, 150.0) for x in start[number] + frame * velocity[number]]
            faces = [
                look(int(rng.integers(1, world.people + 1)), DIMENSION)
                if rng.uniform() >= world.blind
                else np.full(DIMENSION, np.nan, np.float32)
                for _ in boxes
            ]
            looked_at = rng.uniform() < 0.8
            found = detections(boxes, looks=faces, dimension=DIMENSION) if looked_at else None
            frames.append(frame_detections(found, frame, world.fps, camera))
        for item in tracker.associate(round_detections(frames, frame)).frames:
            known = item.global_ids[item.global_ids != NOBODY].tolist()
            assert len(known) == len(set(known))
            rows += [(item.camera_id, int(track), item.frame_index) for track in item.local_ids]
    segments = tracker.finish()
    named = []
    for camera, track, frame in rows:
        hits = [
            segment.global_id
            for segment in segments
            if (segment.camera_id, segment.local_id) == (camera, track)
            and segment.first_frame <= frame <= segment.last_frame
        ]
        assert len(hits) == 1
        named += [(camera, frame, hits[0])] if hits[0] != NOBODY else []
    assert len(named) == len(set(named))
