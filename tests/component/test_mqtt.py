"""Events reach a real broker, also one that was gone for a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from pydantic import SecretStr

from buffers import Buffer
from notify import DeliveryError, Message
from notify.mqtt import Mqtt
from notify.notifier import Notifier
from notify.settings import MqttSettings
from tests.servers.mosquitto import Mosquitto, running_mosquitto

WAIT_S = 10.0

pytestmark = pytest.mark.servers


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running_mosquitto(tmp_path) as broker:
        yield broker


def settings(broker: Mosquitto, password: str | None = None) -> MqttSettings:
    return MqttSettings(
        host="127.0.0.1",
        port=broker.port,
        topic="house/tracker",
        user=broker.user,
        password=SecretStr(password or broker.password),
    )


class Subscriber:
    """Receives everything under the topic."""

    def __init__(self, broker: Mosquitto) -> None:
        self.received: Buffer[tuple[str, bytes]] = Buffer(100)
        self._ready = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.username_pw_set(broker.user, broker.password)
        self._client.on_connect = lambda client, *_: client.subscribe("house/#", qos=1)
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        assert self._ready.wait(WAIT_S)

    def _on_message(self, *given: Any) -> None:
        self.received.put((given[2].topic, given[2].payload))

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def test_events_arrive_under_their_kind_also_after_the_broker_was_gone(broker: Mosquitto) -> None:
    stored = [Message(1, "appeared", b'{"id":1}'), Message(2, "left", b'{"id":2}')]
    subscriber = Subscriber(broker)
    notifier = Notifier(Mqtt(settings(broker)), lambda cursor: [each for each in stored if each.id > cursor], 0)
    notifier.start()
    notifier.tell(2)
    arrived = [subscriber.received.get(WAIT_S) for _ in range(2)]
    assert arrived == [("house/tracker/appeared", b'{"id":1}'), ("house/tracker/left", b'{"id":2}')]
    subscriber.close()

    broker.kill()
    stored.append(Message(3, "split", b'{"id":3}'))
    broker.start()
    subscriber = Subscriber(broker)
    notifier.tell(3)
    assert subscriber.received.get(WAIT_S) == ("house/tracker/split", b'{"id":3}')
    subscriber.close()
    notifier.stop()
    assert (notifier.tally.sent, notifier.tally.lost) == (3, 0)


def test_a_broker_that_refuses_says_so(broker: Mosquitto) -> None:
    target = Mqtt(settings(broker, "wrong"))
    with pytest.raises(DeliveryError, match="refused") as refused:
        target.deliver(Message(1, "left", b""))
    assert refused.value.again
    assert "wrong" not in str(refused.value)
    target.close()


def test_a_broker_that_is_not_there_says_so(broker: Mosquitto) -> None:
    target = Mqtt(settings(broker))
    target.deliver(Message(1, "left", b""))
    broker.kill()
    with pytest.raises(DeliveryError):
        target.deliver(Message(2, "left", b""))
    with pytest.raises(DeliveryError, match="no connection"):
        target.deliver(Message(2, "left", b""))
    target.close()
    target.close()
