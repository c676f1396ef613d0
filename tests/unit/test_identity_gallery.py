"""Who is who over cameras: shared where it is one person, never where two are seen at once, put right later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from config import IdentityConfig
from entities import NOBODY, CameraId, CameraTracks, EventKind, FloatArray, IdentityEvent, Segment
from identity_gallery import IdentityGallery
from tests.builders import CAM1, CAM2, box, camera_tracks, look, unit

CAM3 = CameraId("cam3")
CAMERAS = (CAM1, CAM2, CAM3)
DIMENSION = 128
"""Enough for a dozen people to look nothing like each other by chance."""
MEAN_PERSON: FloatArray = np.asarray(0.7 * look(0, DIMENSION), np.float32)
FPS = 15.0


def seen(person: int, noise: float = 0.0, seed: int = 0) -> FloatArray:
    """A person's look: what all people share and what is his own."""
    return unit(list(MEAN_PERSON + 0.6 * look(person, DIMENSION, noise, seed)))


@dataclass(frozen=True)
class Visit:
    """A track: in this camera, over these seconds, showing this person (None: no look), or another from a time on."""

    camera: CameraId
    track: int
    person: int | None
    start_s: float
    end_s: float
    then: tuple[float, int] | None = None
    still: bool = False


def tracks_at(visits: Sequence[Visit], frame: int, cameras: Sequence[CameraId] = CAMERAS) -> list[CameraTracks]:
    time_s = frame / FPS
    out = []
    for camera in cameras:
        rows = []
        for visit in visits:
            if visit.camera == camera and visit.start_s - 1e-9 <= time_s < visit.end_s - 1e-9:
                person = visit.then[1] if visit.then and time_s >= visit.then[0] else visit.person
                face = None if person is None else seen(person, 0.2, frame)
                shift = 0.0 if visit.still else 4.0 * (frame % 200)
                rows.append((visit.track, box(150.0 * visit.track + shift), face))
        out.append(camera_tracks(rows, frame, FPS, camera, DIMENSION))
    return out


class Run:
    """What a gallery said of these visits."""

    def __init__(self, visits: Sequence[Visit], config: IdentityConfig | None = None, prior: bool = True) -> None:
        self.gallery = IdentityGallery(config or IdentityConfig(), CAMERAS, MEAN_PERSON if prior else None)
        self.shown: dict[tuple[str, int, int], int] = {}
        self.events: list[IdentityEvent] = []
        for frame in range(round(max(visit.end_s for visit in visits) * FPS)):
            tracks = tracks_at(visits, frame)
            ids, events = self.gallery.observe(frame / FPS, tracks)
            self.events += events
            for of_camera, names in zip(tracks, ids, strict=True):
                known = names[names != NOBODY].tolist()
                assert len(known) == len(set(known))
                for track, name in zip(of_camera.local_ids.tolist(), names.tolist(), strict=True):
                    self.shown[of_camera.camera_id, track, frame] = name
        self.segments = self.gallery.finish()
        self.events += self.gallery.last_events
        assert_consistent(self.segments, self.shown)

    def final(self, camera: CameraId, track: int) -> list[int]:
        """The corrected ids of a track, in order."""
        return [s.global_id for s in self.segments if (s.camera_id, s.local_id) == (camera, track)]

    def kinds(self) -> set[EventKind]:
        return {event.kind for event in self.events}


def assert_consistent(segments: Sequence[Segment], shown: dict[tuple[str, int, int], int]) -> None:
    """Every row has one label, and in one frame of a camera every person is there once."""
    labels: dict[tuple[str, int, int], int] = {}
    for segment in segments:
        for frame in range(segment.first_frame, segment.last_frame + 1):
            key = (segment.camera_id, segment.local_id, frame)
            assert key not in labels
            labels[key] = segment.global_id
    assert labels.keys() >= shown.keys()
    people = [(camera, frame, labels[camera, track, frame]) for camera, track, frame in shown]
    people = [entry for entry in people if entry[2] != NOBODY]
    assert len(people) == len(set(people))


def people_of(run: Run) -> set[int]:
    return {int(segment.global_id) for segment in run.segments} - {NOBODY}


ONE_PERSON = [
    pytest.param([Visit(CAM1, 1, 1, 0, 3)], id="one-camera"),
    pytest.param([Visit(CAM1, 1, 1, 0, 3), Visit(CAM2, 1, 1, 0, 3)], id="two-overlapping-cameras"),
    pytest.param([Visit(CAM1, 1, 1, 0, 2), Visit(CAM2, 1, 1, 4, 6)], id="walks-on-to-the-next-camera"),
    pytest.param([Visit(CAM1, 1, 1, 0, 2), Visit(CAM1, 2, 1, 9, 11)], id="leaves-and-returns"),
    pytest.param([Visit(camera, 1, 1, 0, 2) for camera in CAMERAS], id="three-cameras"),
    pytest.param([Visit(CAM1, track, 1, 2.0 * track, 2.0 * track + 1) for track in range(1, 9)], id="in-many-pieces"),
]


@pytest.mark.parametrize("prior", [True, False], ids=["mean-person-known", "unknown"])
@pytest.mark.parametrize("visits", ONE_PERSON)
def test_one_person_has_one_id(visits: list[Visit], prior: bool) -> None:
    run = Run(visits, IdentityConfig() if prior else IdentityConfig(cos_thresh=0.9), prior)
    assert people_of(run) == {1}
    assert run.gallery.people_total == 1


@pytest.mark.parametrize("people", [1, 2, 3, 8])
@pytest.mark.parametrize("cameras", [1, 3])
def test_as_many_ids_as_people(people: int, cameras: int) -> None:
    visits = [Visit(camera, person, person, 0, 3) for camera in CAMERAS[:cameras] for person in range(1, people + 1)]
    run = Run(visits)
    assert len(people_of(run)) == run.gallery.people_total == people
    assert all(len({run.final(camera, person)[0] for camera in CAMERAS[:cameras]}) == 1 for person in range(1, people))


@pytest.mark.parametrize(
    ("visits", "different"),
    [
        pytest.param(
            [Visit(CAM1, 1, 1, 0, 3), Visit(CAM1, 2, 1, 0, 3)],
            [(CAM1, 1), (CAM1, 2)],
            id="look-alikes-side-by-side",
        ),
        pytest.param(
            [Visit(CAM1, 1, 1, 0, 2), Visit(CAM1, 2, 1, 1.9, 4)],
            [(CAM1, 1), (CAM1, 2)],
            id="together-for-a-moment",
        ),
        pytest.param(
            [Visit(CAM1, 1, 1, 0, 3), Visit(CAM1, 2, 1, 0, 3), Visit(CAM2, 1, 1, 0, 6), Visit(CAM3, 1, 1, 3, 6)],
            [(CAM1, 1), (CAM1, 2)],
            id="not-through-a-third-camera",
        ),
        pytest.param(
            [Visit(CAM1, 1, None, 0, 3), Visit(CAM1, 2, None, 0, 3)],
            [(CAM1, 1), (CAM1, 2)],
            id="no-looks-at-all",
        ),
    ],
)
def test_seen_at_once_is_never_one(visits: list[Visit], different: list[tuple[CameraId, int]]) -> None:
    run = Run(visits)
    ids = [set(run.final(*track)) - {NOBODY} for track in different]
    assert ids[0]
    assert ids[1]
    assert not ids[0] & ids[1]


@pytest.mark.parametrize(
    ("visit", "known"),
    [
        pytest.param(Visit(CAM1, 1, 1, 1, 1.10), False, id="two-boxes"),
        pytest.param(Visit(CAM1, 1, 1, 1, 1.80), False, id="gone-as-soon-as-it-came"),
        pytest.param(Visit(CAM1, 1, 1, 2.80, 3), True, id="just-come-at-the-end"),
        pytest.param(Visit(CAM1, 1, 1, 1, 2.20), True, id="long-enough"),
        pytest.param(Visit(CAM1, 1, 1, 0, 3, still=True), False, id="a-poster"),
    ],
)
def test_who_gets_an_identity(visit: Visit, known: bool) -> None:
    run = Run([Visit(CAM2, 1, 2, 0, 3), visit])
    assert bool(people_of(run) - set(run.final(CAM2, 1))) == known


def test_who_is_dropped_in_the_end_is_told_of() -> None:
    run = Run([Visit(CAM2, 1, 2, 0, 3), Visit(CAM1, 1, 1, 1, 1.4)])
    told = [(event.kind, event.global_id, event.other_id) for event in run.gallery.last_events]
    assert told == [(EventKind.RELABELLED, NOBODY, 2)]
    assert people_of(run) == {1}


def test_a_poster_loses_the_identity_it_had() -> None:
    run = Run([Visit(CAM1, 1, 1, 0, 3, still=True)])
    assert run.kinds() == {EventKind.APPEARED, EventKind.STATIC}
    assert people_of(run) == set()
    assert run.gallery.people_total == 0


def test_a_track_that_changes_person_is_split() -> None:
    """The local tracker went over to somebody else: what came after gets an id of its own, what was before keeps it."""
    run = Run([Visit(CAM1, 1, 1, 0, 6, then=(3.0, 2)), Visit(CAM2, 1, 2, 7, 9)])
    assert run.final(CAM1, 1) == [1, 2]
    assert run.final(CAM2, 1) == [2]


def test_what_a_cut_leaves_too_short_gives_its_identity_back() -> None:
    """Named while it was long enough, then cut: nobody may keep an id that the next step may give to others."""
    run = Run([Visit(CAM1, 1, 1, 0, 6, then=(0.8, 2))], IdentityConfig(min_track_s=1.0))
    assert run.final(CAM1, 1) == [NOBODY, 2]
    assert EventKind.RELABELLED in run.kinds()


def test_two_ids_become_one_when_the_looks_agree_later() -> None:
    """The second track begins with another's look, as when somebody stands in front."""
    run = Run([Visit(CAM1, 1, 1, 0, 3), Visit(CAM2, 1, 2, 0.0, 9, then=(0.3, 1))])
    merged = [event for event in run.events if event.kind is EventKind.MERGED]
    assert [(event.global_id, event.other_id) for event in merged] in ([(1, 2)], [(2, 1)])
    assert people_of(run) == {merged[0].global_id}
    assert run.gallery.people_total == 1


def test_the_younger_of_two_claims_waits_for_the_next_step() -> None:
    """One person in two pieces; the tracks are then seen at once, so one of them cannot be the person."""
    visits = [Visit(CAM1, 1, 1, 0, 1.0), Visit(CAM1, 2, 1, 1.2, 4), Visit(CAM1, 1, 1, 1.75, 4)]
    run = Run(visits)
    assert len(people_of(run)) >= 2


def test_between_steps_labels_stand() -> None:
    gallery = IdentityGallery(IdentityConfig(period_s=10.0), CAMERAS, MEAN_PERSON)
    visits = [Visit(CAM1, 1, 1, 0, 30)]
    first = [gallery.observe(frame / FPS, tracks_at(visits, frame))[0][0].tolist() for frame in range(151)]
    assert first == [[NOBODY]] * 150 + [[1]]


def test_a_gap_does_not_take_the_name_off_the_screen() -> None:
    run = Run([Visit(CAM1, 1, 1, 0, 2), Visit(CAM1, 1, 1, 4, 6)])
    assert {run.shown[CAM1, 1, frame] for frame in range(60, 90)} == {1}


def test_disjoint_cameras_are_learnt_and_keep_look_alikes_apart() -> None:
    """Four people walk from camera 1 to camera 2; then two who look alike are in both at once."""
    walkers = [
        Visit(camera, person, person, 6.0 * person + 3.0 * number, 6.0 * person + 3.0 * number + 2.0)
        for person in range(1, 6)
        for number, camera in enumerate((CAM1, CAM2))
    ]
    twins = [Visit(CAM1, 9, 9, 40, 43), Visit(CAM2, 9, 9, 40, 43)]
    run = Run([*walkers, *twins])
    assert all(run.final(CAM1, person) == run.final(CAM2, person) for person in range(1, 6))
    assert run.final(CAM1, 9) != run.final(CAM2, 9)


def test_the_users_threshold_decides() -> None:
    cosine = float(seen(1) @ seen(2))
    visits = [Visit(CAM1, 1, 1, 0, 2), Visit(CAM2, 1, 2, 3, 5)]
    assert len(people_of(Run(visits, IdentityConfig(cos_thresh=round(cosine - 0.1, 3))))) == 1
    assert len(people_of(Run(visits, IdentityConfig(cos_thresh=round(cosine + 0.1, 3))))) == 2


def test_memory_is_bounded_and_ids_are_not_reused() -> None:
    """An hour, compressed: twelve people who come and go over three cameras."""
    config = IdentityConfig(window_s=20.0, max_age_s=600.0, max_atoms=45)
    gallery = IdentityGallery(config, CAMERAS, MEAN_PERSON)
    ever: set[int] = set()
    most = 0
    for visit in range(180):
        person = visit % 12 + 1
        for frame in range(4):
            time_s = 20.0 * visit + frame / 5.0
            tracks = [
                camera_tracks(
                    [(visit + 1, box(100.0 + 9.0 * frame), seen(person, 0.2, visit))],
                    40 * visit + frame,
                    5.0,
                    camera,
                    DIMENSION,
                )
                for camera in CAMERAS
            ]
            tracks = [with_time(item, time_s) for item in tracks]
            ids, _ = gallery.observe(time_s, tracks)
            ever |= {int(name) for names in ids for name in names}
        most = max(most, gallery.atoms_held)
    assert most <= 45
    assert ever - {NOBODY} == set(range(1, 13))
    assert len({s.global_id for s in gallery.finish()}) == 12


def with_time(tracks: CameraTracks, time_s: float) -> CameraTracks:
    """The same tracks at another media time."""
    return replace(tracks, timestamp_s=time_s)


def passing(people: Sequence[FloatArray], first_track: int = 1, start_s: float = 0.0) -> Iterator[CameraTracks]:
    """Looks that walk past camera 1, one after the other, 4 s each and 30 s apart."""
    for number, embedding in enumerate(people):
        for index in range(20):
            time_s = start_s + 30.0 * number + index / 5.0
            rows = [(first_track + number, box(100.0 + 9.0 * index), embedding)]
            frame = round(5.0 * time_s)
            yield with_time(camera_tracks(rows, frame, 5.0, CAM1, DIMENSION), time_s)


def corrected_names(looks: Sequence[FloatArray], config: IdentityConfig) -> tuple[list[int], IdentityGallery]:
    """Who each of those who walk past is in the end, and the gallery."""
    gallery = IdentityGallery(config, CAMERAS, MEAN_PERSON)
    for tracks in passing(looks):
        gallery.observe(tracks.timestamp_s, [tracks])
    segments = sorted(gallery.finish(), key=lambda segment: segment.local_id)
    assert [segment.local_id for segment in segments] == list(range(1, len(looks) + 1))
    return [segment.global_id for segment in segments], gallery


FEW_ATOMS = IdentityConfig(window_s=10.0, max_atoms=12)
"""Four of the past at most, the others are put away."""


def test_people_put_away_are_known_again() -> None:
    order = [1, 2, 3, 4, 5, 6, 7, 8, 2, 9, 1, 2]
    names, gallery = corrected_names([seen(person, 0.1, number) for number, person in enumerate(order)], FEW_ATOMS)
    assert names == order
    assert gallery.people_total == 9
    assert gallery.atoms_held <= 12
    assert gallery.looks_remembered >= 5


def test_forgotten_people_are_new() -> None:
    config = IdentityConfig(window_s=10.0, max_atoms=12, max_remembered=2)
    order = [1, 2, 3, 4, 5, 6, 7, 8, 1]
    names, gallery = corrected_names([seen(person) for person in order], config)
    assert names == [*range(1, 10)]
    assert gallery.looks_remembered == 2
    assert gallery.people_total == 9


def test_two_people_put_away_turn_out_to_be_one() -> None:
    """Seen from the front, from behind, and in the end from the side, which looks like both."""
    front, behind = look(1, DIMENSION), unit(list(0.2 * look(1, DIMENSION) + look(2, DIMENSION)))
    sides = [front, behind, *(look(person, DIMENSION) for person in range(3, 9)), unit(list(front + behind))]
    looks = [unit(list(MEAN_PERSON + 0.6 * side)) for side in sides]
    apart, _ = corrected_names(looks[:-1], FEW_ATOMS)
    assert apart[:2] == [1, 2]
    names, gallery = corrected_names(looks, FEW_ATOMS)
    assert names[0] == names[1] == names[-1]
    assert len(set(names)) == gallery.people_total == 7


def test_an_expired_identity_is_gone_for_good() -> None:
    visits = [Visit(CAM1, 1, 1, 0, 2), Visit(CAM1, 2, 1, 30, 32)]
    run = Run(visits, IdentityConfig(window_s=5.0, max_age_s=10.0))
    assert (run.final(CAM1, 1), run.final(CAM1, 2)) == ([1], [2])
    assert run.gallery.people_total == 2


@pytest.mark.parametrize(
    "tracks",
    [
        pytest.param([], id="no-cameras"),
        pytest.param([camera_tracks()], id="no-people"),
        pytest.param([camera_tracks(dimension=0)], id="no-embeddings-yet"),
        pytest.param([camera_tracks([(1, box(), seen(1)[:0])], dimension=0)], id="a-person-without-embedding"),
    ],
)
def test_nothing_to_go_by(tracks: list[CameraTracks]) -> None:
    gallery = IdentityGallery(IdentityConfig(), CAMERAS, MEAN_PERSON)
    ids, events = gallery.observe(0.0, tracks)
    assert [names.tolist() for names in ids] == [[NOBODY] * len(of_camera) for of_camera in tracks]
    assert events == ()


def test_finish_without_anything() -> None:
    assert IdentityGallery(IdentityConfig(), CAMERAS, MEAN_PERSON).finish() == ()


def test_looks_may_come_later() -> None:
    """The first frames were not looked at by the embedder."""
    gallery = IdentityGallery(IdentityConfig(), CAMERAS, MEAN_PERSON)
    for frame in range(30):
        rows = [(1, box(100.0 + 4.0 * frame), seen(1) if frame >= 10 else seen(1)[:0])]
        gallery.observe(frame / FPS, [camera_tracks(rows, frame, FPS, dimension=DIMENSION if frame >= 10 else 0)])
    assert {segment.global_id for segment in gallery.finish()} == {1}


def test_same_rounds_same_ids() -> None:
    visits = [Visit(camera, person, person, 0.3 * person, 4) for camera in CAMERAS for person in range(1, 6)]
    first, second = Run(visits), Run(visits)
    assert first.shown == second.shown
    assert first.segments == second.segments
    assert first.events == second.events


@pytest.mark.parametrize("twin", [1, 2], ids=["the-first-who-left", "the-second"])
def test_of_two_who_look_alike_it_is_who_can_be_there_by_now(twin: int) -> None:
    walks = [
        visit
        for person in range(1, 10)
        for visit in (
            Visit(CAM1, person, person, 6.0 * person, 6.0 * person + 2.0),
            Visit(CAM2, person, person, 6.0 * person + 6.0, 6.0 * person + 8.0),
        )
    ]
    leaves_s = {1: 68.0, 2: 71.0}
    twins = [Visit(CAM1, 20 + number, 11, 66.0, until_s) for number, until_s in leaves_s.items()]
    arrival = Visit(CAM2, 20, 11, leaves_s[twin] + 4.0, leaves_s[twin] + 7.0)
    run = Run([*walks, *twins, arrival])
    assert run.final(CAM2, 20) == run.final(CAM1, 20 + twin)
