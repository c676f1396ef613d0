"""Events as they happen: to browsers that stay, and to other programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi import FastAPI

from app import create_app
from buffers import Buffer
from entities import EventKind, GlobalId, IdentityEvent
from errors import ConfigError, StoreError
from notify import Message
from store.store import Store
from store_settings import StoreConfig
from tests.api.client import Client, error_of, start, watching
from tests.builders import CAM1
from tests.fake_pipeline import Workshop
from tests.stored import run_job, walk
from web.event_watch import EventWatch
from web.memory import Memory, targets
from web.service import Service
from web.settings import server_settings

WAIT_S = 5.0


def a_job(config: StoreConfig, name: str, person: int = 1) -> None:
    """Somebody appears and leaves."""
    event = IdentityEvent(0.0, EventKind.APPEARED, GlobalId(person), reason="nobody to compare with")
    run_job(config, walk(CAM1, person, (0.0, 1.0), events=[event]), job_id=name)


@pytest.fixture
def stored(tmp_path: Path) -> StoreConfig:
    config = StoreConfig(url=str(tmp_path / "store.db"))
    a_job(config, "monday")
    return config


@pytest.fixture
def app(workshop: Workshop, tmp_path: Path, stored: StoreConfig) -> FastAPI:
    return create_app(workshop, results_root=tmp_path, defaults={"store": {"url": stored.url}})


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def told(text: str) -> list[dict[str, str]]:
    """The events of a stream: the fields of each."""
    blocks = [block for block in text.split("\n\n") if block.startswith("id: ")]
    return [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]


def end_streams(app: FastAPI) -> None:
    """End the stream that is being opened as the server does when it stops."""
    watching(app, 1)
    service: Service = app.state.service
    service.streams.close()


@pytest.mark.parametrize(
    ("query", "headers", "kinds"),
    [
        pytest.param("?after=0", {}, ["appeared", "left"], id="from-the-beginning"),
        pytest.param("?after=0&kinds=left", {}, ["left"], id="of-a-kind"),
        pytest.param("?after=0", {"Last-Event-ID": "1"}, ["left"], id="where-it-broke-off"),
        pytest.param("", {}, [], id="what-is-new"),
    ],
)
def test_a_stream_tells_what_was_not_told(
    app: FastAPI, client: Client, pool: ThreadPoolExecutor, query: str, headers: dict[str, str], kinds: list[str]
) -> None:
    reply = pool.submit(client.get, f"/events/stream{query}", headers=headers)
    end_streams(app)
    got = reply.result(WAIT_S)
    assert got.headers["content-type"].startswith("text/event-stream")
    events = told(got.text)
    assert [event["event"] for event in events] == kinds
    for event in events:
        data = json.loads(event["data"])
        assert (data["id"], data["kind"], data["job_id"]) == (int(event["id"]), event["event"], "monday")


@pytest.mark.parametrize(
    ("query", "headers", "kinds"),
    [
        pytest.param("&after=0", {}, ["appeared", "left", "ended"], id="from-the-beginning"),
        pytest.param("&after=0&kinds=left", {}, ["left", "ended"], id="of-a-kind"),
        pytest.param("&after=0", {"Last-Event-ID": "1"}, ["left", "ended"], id="where-it-broke-off"),
        pytest.param("", {}, ["ended"], id="what-is-new"),
    ],
)
def test_a_stream_of_a_job_ends_with_it(client: Client, query: str, headers: dict[str, str], kinds: list[str]) -> None:
    events = told(client.get(f"/events/stream?job_id=monday{query}", headers=headers).text)
    assert [event["event"] for event in events] == kinds
    assert json.loads(events[-1]["data"]) == {"job_id": "monday", "status": "done"}
    again = client.get("/events/stream?job_id=monday", headers={"Last-Event-ID": events[-1]["id"]})
    assert (again.status_code, again.content) == (204, b"")


def test_a_stream_of_a_running_job_waits_for_its_end(
    app: FastAPI, client: Client, workshop: Workshop, pool: ThreadPoolExecutor
) -> None:
    job = start(client)
    reply = pool.submit(client.get, f"/events/stream?job_id={job}&after=0")
    watching(app, 1)
    assert not reply.done()
    workshop.made[0].finish()
    (event,) = told(reply.result(WAIT_S).text)
    assert (event["event"], json.loads(event["data"])["status"]) == ("ended", "done")


def test_a_stream_of_no_job_is_refused(client: Client) -> None:
    assert error_of(client.get("/events/stream?job_id=tuesday"))["code"] == "job_unknown"


@pytest.mark.parametrize("query", ["after=-1", "after=x", "identity=0"])
def test_a_stream_of_nonsense_is_refused(client: Client, query: str) -> None:
    assert client.get(f"/events/stream?{query}").status_code == 422


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        pytest.param("job_id=monday", ["appeared", "left"], id="of-an-older-job"),
        pytest.param("job_id=monday&limit=1", ["left"], id="the-last-of-them"),
        pytest.param("kinds=appeared&limit=1", ["appeared"], id="of-a-kind"),
        pytest.param("job_id=monday&after=1", ["left"], id="behind-a-cursor"),
        pytest.param("identity=1&limit=1", ["left"], id="of-a-person"),
        pytest.param("job_id=nobody", [], id="nothing"),
    ],
)
def test_the_last_events_are_the_last_of_those_asked_for(
    client: Client, stored: StoreConfig, query: str, kinds: list[str]
) -> None:
    a_job(stored, "tuesday", 2)
    said = client.get(f"/events?tail=true&{query}").json()
    assert [event["kind"] for event in said["events"]] == kinds
    assert said["next"] == 4  # of what is there by now nothing is told again
    if "kinds" in query:
        assert said["events"][0]["job_id"] == "tuesday"


def test_new_events_are_noticed_for_all_who_listen_and_for_nobody_else(stored: StoreConfig) -> None:
    assert stored.url is not None
    store = Store.open(stored.url)
    watch, first, second, gone = EventWatch(store, 0.01), Buffer[int](9), Buffer[int](9), Buffer[int](9)
    watch.listen(gone.put)()
    leave = [watch.listen(listener.put) for listener in (first, second)]
    watch.start()
    before = [listener.get(WAIT_S) for listener in (first, second)]
    a_job(stored, "tuesday", 2)
    assert first.get(WAIT_S) > before[0]
    assert second.get(WAIT_S) > before[1]
    assert len(gone) == 0
    for each in (*leave, *leave):
        each()
    watch.stop()
    store.close()


def test_a_store_that_fails_for_a_while_is_looked_at_again() -> None:
    class Moody:
        looks = 0

        def last_event(self) -> int:
            self.looks += 1
            if self.looks == 1:
                raise StoreError("gone", code="store_unavailable")
            return 7

    heard = Buffer[int](9)
    watch = EventWatch(Moody(), 0.01)  # type: ignore[arg-type]  # all that it asks of a store
    watch.listen(heard.put)
    watch.start()
    assert heard.get(WAIT_S) == 7
    watch.stop()


class Target:
    name = "target"

    def __init__(self) -> None:
        self.taken: Buffer[Message] = Buffer(9)

    def deliver(self, message: Message) -> None:
        self.taken.put(message)

    def close(self) -> None:
        self.taken.close()


def test_other_programs_are_told_what_is_new_since_the_start(stored: StoreConfig) -> None:
    assert stored.url is not None
    target = Target()
    memory = Memory(Store.open(stored.url), [(target, ["appeared"])])
    memory.begin()
    a_job(stored, "tuesday", 2)
    message = target.taken.get(WAIT_S)
    body = json.loads(message.body)
    assert (message.kind, body["job_id"], body["id"]) == ("appeared", "tuesday", message.id)
    memory.end()
    assert target.taken.closed
    assert memory.notifiers[0].tally.sent == 1


def test_what_was_written_last_is_told_before_the_end(stored: StoreConfig) -> None:
    assert stored.url is not None
    target = Target()
    memory = Memory(Store.open(stored.url), [(target, [])])
    memory.begin()
    memory.events.stop()  # looks no more, as between two looks
    a_job(stored, "tuesday", 2)
    memory.end()
    assert [message.kind for message in target.taken] == ["appeared", "left"]
    assert (memory.notifiers[0].tally.sent, memory.notifiers[0].tally.lost) == (2, 0)


def test_nobody_is_told_unless_it_is_set() -> None:
    assert targets(server_settings({}, {})) == []
    environ = {
        "MCT_SERVER__WEBHOOK__URL": "https://example.org/hook",
        "MCT_SERVER__MQTT__HOST": "broker",
        "MCT_SERVER__MQTT__PASSWORD": "secret",
    }
    found = targets(server_settings({"mqtt": {"kinds": []}}, environ))
    assert [(target.name, len(kinds)) for target, kinds in found] == [("webhook example.org", 5), ("mqtt broker", 0)]
    assert "secret" not in repr(server_settings({}, environ).mqtt)
    for target, _ in found:
        target.close()


@pytest.mark.parametrize("target", [{"webhook": {"url": "https://example.org"}}, {"mqtt": {"host": "broker"}}])
def test_a_kind_of_event_that_there_is_not_is_refused(target: dict[str, dict[str, object]]) -> None:
    (name, values), *_ = target.items()
    with pytest.raises(ConfigError, match=r"no such kind; there is appeared, .*, left") as refused:
        server_settings({name: values | {"kinds": ["apeared"]}}, {})
    assert f"{name}.kinds.0: no such kind" in str(refused.value)
    assert "(got 'apeared')" in str(refused.value)
