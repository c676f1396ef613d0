"""Events reach a server on this machine as signed requests."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pydantic import SecretStr

from notify import DeliveryError, Message
from notify.settings import WebhookSettings
from notify.webhook import SIGNATURE, Webhook

MESSAGE = Message(7, "appeared", b'{"id":7}')
SECRET = "a secret between us"


class Receiver(HTTPServer):
    """Keeps what it is sent and answers as told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 204
        self.requests: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?key=k"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", self.server.url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever, args=(0.02,), name="test/receiver")
        thread.start()
        yield receiver
        receiver.shutdown()
        thread.join()


@pytest.fixture
def webhook(receiver: Receiver) -> Iterator[Webhook]:
    webhook = Webhook(WebhookSettings(url=receiver.url, secret=SecretStr(SECRET)))
    yield webhook
    webhook.close()


def test_an_event_is_posted_and_signed(receiver: Receiver, webhook: Webhook) -> None:
    webhook.deliver(MESSAGE)
    ((headers, body),) = receiver.requests
    assert (body, headers["Content-Type"], headers["X-Tracker-Event"]) == (
        MESSAGE.body,
        "application/json",
        "appeared",
    )
    expected = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers[SIGNATURE] == f"sha256={expected}"


@pytest.mark.parametrize(
    ("status", "again"),
    [
        pytest.param(500, True, id="server-fault"),
        pytest.param(503, True, id="overloaded"),
        pytest.param(429, True, id="too-fast"),
        pytest.param(400, False, id="not-understood"),
        pytest.param(410, False, id="gone"),
        pytest.param(302, False, id="elsewhere-is-not-followed"),
    ],
)
def test_a_refusal_is_tried_again_where_that_may_help(
    receiver: Receiver, webhook: Webhook, status: int, *, again: bool
) -> None:
    receiver.status = status
    with pytest.raises(DeliveryError, match=str(status)) as refused:
        webhook.deliver(MESSAGE)
    assert refused.value.again is again
    assert len(receiver.requests) == 1


def test_nobody_there_is_tried_again_and_no_key_is_told() -> None:
    webhook = Webhook(WebhookSettings(url="http://127.0.0.1:1/hook?key=k3y"))
    with pytest.raises(DeliveryError) as refused:
        webhook.deliver(MESSAGE)
    webhook.close()
    assert refused.value.again
    assert "k3y" not in str(refused.value) + webhook.name


def test_an_address_that_the_library_refuses_is_not_tried_again() -> None:
    webhook = Webhook(WebhookSettings(url="http://ho\x01st/hook"))
    with pytest.raises(DeliveryError) as refused:
        webhook.deliver(MESSAGE)
    webhook.close()
    assert not refused.value.again
