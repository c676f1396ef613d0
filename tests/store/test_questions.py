"""What jobs write into a store is what the store answers with, corrections and all."""

from __future__ import annotations

from store.store import Store
from store_settings import StoreConfig
from tests.builders import CAM1, CAM2
from tests.stored import NOON_UNIX_S, run_job, walk


def test_who_was_where_and_when(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 4.0)) + walk(CAM2, 1, (6.0, 9.0)) + walk(CAM2, 2, (9.5, 10.0), local_id=2))
    page = store.people(order="id", descending=False)
    assert [(each.id, each.cameras, round(each.seconds, 6)) for each in page.items] == [
        (1, ("cam1", "cam2"), 7.0),
        (2, ("cam2",), 0.5),
    ]
    assert page.items[0].first_seen_unix_s == NOON_UNIX_S
    assert page.items[0].crop is not None
    assert page.items[0].crop.path.is_file()
    detail = store.person(1)
    assert detail is not None
    assert [(stay.camera, stay.intervals_s) for stay in detail.stays] == [
        ("cam1", ((0.0, 4.0),)),
        ("cam2", ((6.0, 9.0),)),
    ]
    job = store.job("monday")
    assert job is not None
    assert (job.status, job.media_s, [camera.name for camera in job.cameras]) == ("done", 10.0, ["cam1", "cam2"])
    assert [(each.kind, each.person_id) for each in store.events()] == [("handed_over", 1), ("left", 1), ("left", 2)]
