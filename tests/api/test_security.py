"""Tries to break what docs/security.md promises."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from app import create_app, run
from config import TrackingConfig
from errors import ConfigError, OutputError, SourceError
from jobs import JobManager
from tests.api.client import PAIR, Client, error_of, running, start
from tests.fake_pipeline import Workshop
from tests.source_rules import read_product
from web.confine import Confinement
from web.guard import COOKIE, MOST_SESSIONS, SESSION_S, Sessions, require_token
from web.headers import HEADERS
from web.settings import ServerSettings, server_settings

TOKEN = "correct horse battery staple"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def closed(workshop: Workshop, tmp_path: Path) -> Iterator[Client]:
    """A server that wants a token."""
    settings = server_settings({}, {"MCT_TOKEN": TOKEN})
    with running(create_app(workshop, results_root=tmp_path / "out", settings=settings)) as client:
        yield client


@pytest.mark.parametrize(
    ("host", "token", "served"),
    [
        pytest.param("127.0.0.1", None, True, id="this-machine"),
        pytest.param("localhost", None, True, id="by-name"),
        pytest.param("::1", None, True, id="ipv6"),
        pytest.param("0.0.0.0", None, False, id="everybody"),
        pytest.param("::", None, False, id="everybody-ipv6"),
        pytest.param("", None, False, id="empty-means-everybody"),
        pytest.param("192.168.1.5", None, False, id="the-house"),
        pytest.param("localhost.evil.example", None, False, id="a-name-that-begins-like-ours"),
        pytest.param("0.0.0.0", TOKEN, True, id="everybody-with-the-token"),
    ],
)
def test_only_this_machine_is_served_without_a_token(host: str, token: str | None, *, served: bool) -> None:
    settings = server_settings({}, {"MCT_TOKEN": token} if token else {})
    if served:
        require_token(host, settings)
        return
    with pytest.raises(ConfigError) as refused:
        require_token(host, settings)
    assert refused.value.code == "token_required"


def test_the_server_does_not_open_up_without_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MCT_TOKEN", raising=False)
    with pytest.raises(ConfigError) as refused:
        run("0.0.0.0", 0, None, tmp_path / "results", {})
    assert refused.value.code == "token_required"
    assert list(tmp_path.iterdir()) == []


def test_a_token_that_can_be_guessed_is_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigError, match="token") as refused:
        server_settings({}, {"MCT_TOKEN": "hunter2"})
    assert "hunter2" not in refused.value.message


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("MCT_SERVER__TOKENS", "tokens: no such setting", id="misspelt"),
        pytest.param("MCT_SERVER__WEBHOOK__SECRETS", "webhook.secrets: no such setting", id="misspelt-in-a-section"),
        pytest.param("MCT_SERVER__WEBHOOK", "webhook: Input should be", id="a-value-for-a-section"),
    ],
)
def test_a_value_that_may_be_a_secret_is_not_repeated(name: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        server_settings({}, {name: TOKEN})
    assert said in refused.value.message
    assert TOKEN not in refused.value.message


@pytest.mark.parametrize(
    "url",
    ["https://host:80a/hook", "https://host:99999/", "https://host:0/", "http://[x", "http:///hook", "http://:80/hook"],
)
def test_a_webhook_that_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"webhook\.url: want http://HOST/PATH") as refused:
        server_settings({"webhook": {"url": url}}, {})
    assert url not in refused.value.message


def test_the_token_is_in_no_representation() -> None:
    assert TOKEN not in repr(server_settings({}, {"MCT_TOKEN": TOKEN}))


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="none"),
        pytest.param({"Authorization": f"Bearer {TOKEN}x"}, id="longer"),
        pytest.param({"Authorization": f"Bearer {TOKEN[:-1]}"}, id="shorter"),
        pytest.param({"Authorization": "Bearer"}, id="empty"),
        pytest.param({"Authorization": f"Basic {TOKEN}"}, id="another-scheme"),
        pytest.param({"Authorization": b"Bearer \xff\xfe"}, id="no-text"),
        pytest.param({"Cookie": f"{COOKIE}={TOKEN}"}, id="the-token-as-session"),
        pytest.param({"Cookie": f"{COOKIE}="}, id="an-empty-session"),
    ],
)
def test_without_the_token_there_is_no_answer(closed: Client, workshop: Workshop, headers: dict[str, Any]) -> None:
    for path in ("/jobs", "/status", "/jobs/x/stop", "/nowhere", "/%64ocs/x", "/static/../jobs", "/metrics"):
        method = closed.post if path.endswith("stop") else closed.get
        reply = method(path, headers=headers)
        assert (reply.status_code, error_of(reply)["code"]) == (401, "token_required"), path
        assert reply.headers["www-authenticate"] == "Bearer"
    assert closed.post("/start_tracking", json=PAIR, headers=headers).status_code == 401
    assert workshop.made == []


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/healthz", "/static/page.js"])
def test_what_tells_nothing_needs_no_token(closed: Client, path: str) -> None:
    assert closed.get(path).status_code == 200


def test_with_the_token_everything_works(closed: Client) -> None:
    assert closed.get("/jobs", headers=SHOWN).status_code == 200
    assert closed.post("/start_tracking", json=PAIR, headers=SHOWN).status_code == 202


def test_a_browser_shows_the_token_once(closed: Client) -> None:
    assert closed.post("/session").status_code == 401
    reply = closed.post("/session", headers=SHOWN)
    cookie = reply.headers["set-cookie"]
    assert (reply.status_code, TOKEN in cookie) == (204, False)
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert closed.get("/jobs").status_code == 200  # the client kept the cookie
    assert closed.delete("/session").status_code == 204
    assert closed.get("/jobs", headers={"Cookie": cookie.split(";")[0]}).status_code == 401


def test_sessions_end_and_are_few() -> None:
    now_s = [0.0]
    sessions = Sessions(lambda: now_s[0])
    first = sessions.open()
    later = [sessions.open() for _ in range(MOST_SESSIONS)]
    assert not sessions.holds(first)
    assert all(map(sessions.holds, later))
    now_s[0] = SESSION_S
    assert not any(map(sessions.holds, later))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Origin": "http://localhost"}, 200, id="own-page"),
        pytest.param({}, 200, id="a-program"),
        pytest.param({"Origin": "https://evil.example"}, 403, id="another-site"),
        pytest.param({"Origin": "http://localhost:81"}, 403, id="another-port"),
        pytest.param({"Origin": "null"}, 403, id="a-hidden-site"),
        pytest.param({"Host": "evil.example", "Origin": "http://evil.example"}, 421, id="a-name-pointed-at-us"),
        pytest.param({"Host": "localhost.evil.example"}, 421, id="a-name-like-ours"),
        pytest.param({"Host": "127.0.0.1:8000"}, 200, id="by-address"),
        pytest.param({"Host": "[::1]:8000"}, 200, id="by-ipv6-address"),
        pytest.param({"Host": "[::1"}, 421, id="half-an-address"),
        pytest.param({"Host": "localhost@evil.example"}, 421, id="our-name-as-user"),
        pytest.param({"Host": "evil.example#.localhost"}, 421, id="our-name-as-fragment"),
        pytest.param({"Host": ""}, 421, id="no-name"),
        pytest.param({"Origin": "http://["}, 403, id="half-an-origin"),
        pytest.param({"Origin": "localhost"}, 403, id="an-origin-without-a-scheme"),
    ],
)
def test_pages_of_other_sites_can_do_nothing(client: Client, headers: dict[str, str], status: int) -> None:
    job_id = start(client)
    assert client.post(f"/jobs/{job_id}/stop", headers=headers).status_code == status


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder for inputs and one for outputs, something secret beside them, and links that lead out."""
    for folder in ("in/deep", "out", "secret"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "in" / "cam.mp4").touch()
    (tmp_path / "secret" / "cam.mp4").touch()
    (tmp_path / "in" / "link.mp4").symlink_to(tmp_path / "secret" / "cam.mp4")
    (tmp_path / "in" / "way").symlink_to(tmp_path / "secret")
    (tmp_path / "in" / "inside.mp4").symlink_to(tmp_path / "in" / "cam.mp4")
    (tmp_path / "out" / "way").symlink_to(tmp_path / "secret")
    (tmp_path / "in" / "round").symlink_to(tmp_path / "in" / "round")
    (tmp_path / "in-house").mkdir()
    return tmp_path


@pytest.fixture
def confined(house: Path) -> Confinement:
    settings = ServerSettings(inputs=(house / "in",), outputs=(house / "out",), hosts=("cam.example",))
    return Confinement(settings, house / "results", house / "calibrations", [house / "out" / "state" / "store.db"])


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("{}/in/cam.mp4", None, id="inside"),
        pytest.param("{}/in/deep/../cam.mp4", None, id="inside-by-a-detour"),
        pytest.param("{}/in/inside.mp4", None, id="link-that-stays-inside"),
        pytest.param("{}/in/not-there.mp4", None, id="absent-is-told-later"),
        pytest.param("{}/secret/cam.mp4", "source_outside", id="outside"),
        pytest.param("{}/in/../secret/cam.mp4", "source_outside", id="traversal"),
        pytest.param("{}/in/link.mp4", "source_outside", id="link-out"),
        pytest.param("{}/in/way/cam.mp4", "source_outside", id="folder-link-out"),
        pytest.param("{}/in/way/../secret/cam.mp4", "source_outside", id="link-and-traversal"),
        pytest.param("{}/in/round", "source_outside", id="loop-of-links"),
        pytest.param("{}/in-house/cam.mp4", "source_outside", id="a-name-that-begins-like-ours"),
        pytest.param("cam.mp4", "source_outside", id="the-working-folder-when-others-are-given"),
        pytest.param("rtsp://user:pw@cam.example/1", None, id="allowed-address"),
        pytest.param("RTSP://CAM.example/1", None, id="in-capitals"),
        pytest.param("rtsp://other.example/1", "source_not_allowed", id="another-host"),
        pytest.param("rtsp://cam.example@other.example/1", "source_not_allowed", id="host-as-user"),
        pytest.param("rtsp://other.example#@cam.example/1", "source_not_allowed", id="host-in-a-fragment"),
        pytest.param("rtsp://[bad/1", "source_not_allowed", id="no-host"),
        pytest.param("file:///etc/passwd", "source_not_allowed", id="file-address"),
        pytest.param("ftp://cam.example/1", "source_not_allowed", id="another-scheme"),
        pytest.param("concat:{}/secret/cam.mp4", "source_not_allowed", id="protocol-of-the-video-library"),
        pytest.param("subfile,,start,0,end,9,,:{}/secret/cam.mp4", "source_not_allowed", id="protocol-with-options"),
        pytest.param("rtsp:{}/in/cam.mp4", "source_not_allowed", id="scheme-without-a-host"),
        pytest.param("0", "source_not_allowed", id="webcam"),
        pytest.param("webcam:0", "source_not_allowed", id="webcam-by-name"),
    ],
)
def test_inputs_are_confined(confined: Confinement, house: Path, name: str, code: str | None) -> None:
    name = name.format(house)
    if code is None:
        confined.check_source(name)
        return
    with pytest.raises(SourceError) as refused:
        confined.check_source(name)
    assert refused.value.code == code
    assert "pw" not in refused.value.message


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        pytest.param("{}/out/o.mp4", True, id="inside"),
        pytest.param("{}/results/3f2a9c01", True, id="where-jobs-write-by-themselves"),
        pytest.param("{}/in/o.mp4", False, id="inputs-are-not-outputs"),
        pytest.param("{}/out/../secret/o.mp4", False, id="traversal"),
        pytest.param("{}/out/way/o.mp4", False, id="link-out"),
        pytest.param("{}/out/way/new/deep", False, id="new-folders-behind-a-link"),
    ],
)
def test_outputs_are_confined(confined: Confinement, house: Path, path: str, *, allowed: bool) -> None:
    if allowed:
        confined.check_output(path.format(house))
        return
    with pytest.raises(OutputError) as refused:
        confined.check_output(path.format(house))
    assert refused.value.code == "output_outside"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        pytest.param("{}/results/3f2a9c01", True, id="inside"),
        pytest.param("{}/out", False, id="an-allowed-folder-itself"),
        pytest.param("{}/results", False, id="where-the-results-of-all-lie"),
        pytest.param("{}/out/state", False, id="holds-the-store"),
        pytest.param("{}/in", False, id="outside"),
    ],
)
def test_a_results_folder_is_for_results_only(confined: Confinement, house: Path, path: str, *, allowed: bool) -> None:
    if allowed:
        confined.check_results(path.format(house))
        return
    with pytest.raises(OutputError) as refused:
        confined.check_results(path.format(house))
    assert refused.value.code == "output_outside"


@pytest.mark.parametrize("name", ["", "results", "state", "cam", "calibrations"])
def test_a_results_folder_holds_nothing_of_the_server(house: Path, name: str) -> None:
    settings = ServerSettings(
        inputs=(house / "cam" / "in",), outputs=(house,), cameras=house / "state" / "cameras.toml"
    )
    confined = Confinement(settings, house / "results", house / "calibrations")
    confined.check_results(house / "mine")
    with pytest.raises(OutputError, match="more than results lies in it"):
        confined.check_results(house / name)


def test_a_results_folder_does_not_hold_the_store(workshop: Workshop, tmp_path: Path) -> None:
    defaults = {"store": {"url": str(tmp_path / "state" / "s.db"), "crops_folder": str(tmp_path / "pictures" / "all")}}
    settings = ServerSettings(outputs=(tmp_path,))
    with running(create_app(workshop, defaults=defaults, results_root=tmp_path / "out", settings=settings)) as client:
        for name, status in (("state", 403), ("pictures", 403), ("mine", 202)):
            body = PAIR | {"results": str(tmp_path / name), "overwrite": True}
            assert client.post("/start_tracking", json=body).status_code == status


@pytest.mark.parametrize(
    ("field", "code"),
    [
        pytest.param({"video1": "/etc/passwd"}, "source_outside", id="video1"),
        pytest.param({"video2": "../cam44.mp4"}, "source_outside", id="video2"),
        pytest.param({"calibration": "/etc/passwd"}, "source_outside", id="calibration"),
        pytest.param({"output": "/elsewhere/o.mp4"}, "output_outside", id="output"),
        pytest.param({"results": "/elsewhere/r"}, "output_outside", id="results"),
        pytest.param({"results": ".", "overwrite": True}, "output_outside", id="all-as-results"),
        pytest.param({"video1": "gopher://x/1"}, "source_not_allowed", id="address"),
    ],
)
def test_every_path_of_a_request_is_confined_to_the_working_folder(
    client: Client, workshop: Workshop, field: dict[str, str], code: str
) -> None:
    reply = client.post("/start_tracking", json=PAIR | field)
    assert (reply.status_code, error_of(reply)["code"]) == (403, code)
    assert workshop.made == []


def test_what_lies_outside_is_not_told_to_exist(client: Client) -> None:
    messages = {
        error_of(client.post("/start_tracking", json=PAIR | {"video1": name}))["message"].removeprefix(name)
        for name in ("/etc/passwd", "/etc/no-such-file")
    }
    assert len(messages) == 1


@pytest.fixture
def small(workshop: Workshop, tmp_path: Path) -> Iterator[Client]:
    """A server with narrow limits."""
    settings = ServerSettings(max_request_bytes=1024, starts_per_minute=2)
    with running(create_app(workshop, results_root=tmp_path, settings=settings)) as client:
        yield client


@pytest.mark.parametrize(
    ("size", "status"), [pytest.param(1024, 422, id="at-the-limit"), pytest.param(1025, 413, id="above")]
)
@pytest.mark.parametrize("told", [pytest.param(True, id="told"), pytest.param(False, id="streamed")])
def test_a_request_has_a_most_size(small: Client, size: int, status: int, *, told: bool) -> None:
    body = json.dumps({"conf": "x" * (size - 12)}).encode()

    async def stream() -> Any:
        yield body[:500]
        yield body[500:]

    headers = {"Content-Type": "application/json"}
    reply = small.post("/start_tracking", content=body if told else stream(), headers=headers)
    assert (len(body), reply.status_code) == (size, status)
    assert error_of(reply)["code"] == ("request_too_large" if status == 413 else "request_invalid")


def test_starts_have_a_most_rate(small: Client) -> None:
    replies = [small.post("/start_tracking", json=PAIR) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [202, 202, 429]
    assert error_of(replies[2])["code"] == "too_many_starts"


def test_a_minute_later_jobs_may_be_started_again(workshop: Workshop) -> None:
    now_s = [100.0]
    manager = JobManager(workshop, max_running=9, starts_per_minute=1, now_s=lambda: now_s[0])
    manager.submit(TrackingConfig())
    now_s[0] += 60.0
    manager.submit(TrackingConfig())
    assert manager.shutdown(5.0) == ()


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/docs", 200), ("/jobs", 200), ("/nowhere", 404), ("/static/page.js", 200), ("/start_tracking", 405)],
)
def test_every_answer_carries_the_headers(client: Client, path: str, status: int) -> None:
    reply = client.get(path)
    assert reply.status_code == status
    assert {name: reply.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        pytest.param("/start_tracking", "POST", id="one"),
        pytest.param("/jobs/x", "DELETE, GET", id="of-several-routes"),
        pytest.param("/static/page.js", "GET, HEAD", id="files"),
    ],
)
def test_a_method_that_a_path_does_not_take_is_told_with_those_it_takes(
    client: Client, path: str, methods: str
) -> None:
    reply = client.put(path)
    assert (reply.status_code, error_of(reply)["code"]) == (405, "method_not_allowed")
    assert reply.headers["allow"] == methods


def test_an_answer_of_the_guard_carries_them_too(closed: Client) -> None:
    assert closed.get("/jobs").headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_no_page_holds_what_the_policy_forbids(client: Client, path: str) -> None:
    page = client.get(path).text
    for inline in ("<script>", "<style", " style=", " onclick=", "javascript:"):
        assert inline not in page


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd", "/static/"],
)
def test_static_files_end_at_their_folder(client: Client, path: str) -> None:
    reply = client.get(path)
    assert reply.status_code == 404
    assert "create_app" not in reply.text


def test_no_module_unpickles_what_could_run_code() -> None:
    """Weights are tried out with real files in `tests/model`; this finds a loader that nobody tries out."""
    loaders = re.compile(r"\b(pickle\.loads?|torch\.load|torch_safe_load)\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
    safe = ("weights_only=True", "safe_only=True")
    found = [
        f"{module.name}: {match.group(0)}"
        for module in read_product().values()
        for match in loaders.finditer(module.source)
        if not any(word in match.group(2) for word in safe)
    ]
    assert found == []


def test_a_link_among_the_static_files_is_not_followed(app: FastAPI) -> None:
    (mount,) = [route for route in app.routes if getattr(route, "name", "") == "static"]
    assert mount.app.follow_symlink is False  # type: ignore[attr-defined]  # a mount has an app
