"""Events as MQTT messages."""

from __future__ import annotations

import threading
from typing import Any, Final

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from notify import DeliveryError, Message
from notify.settings import MqttSettings

TIMEOUT_S: Final = 5.0
KEEP_ALIVE_S: Final = 30


class Mqtt:
    """Publishes each event under its kind with QoS 1: the broker has said that it has it.

    Args:
        settings: Where to.
    """

    def __init__(self, settings: MqttSettings) -> None:
        self.name = f"mqtt {settings.host}"
        self._settings = settings
        self._client: Client | None = None

    def deliver(self, message: Message) -> None:
        """See `Target`. A message whose receipt got lost is sent again: receivers tell by its `id`."""
        client = self._connected()
        try:
            sent = client.publish(f"{self._settings.topic}/{message.kind}", message.body, qos=1)
            sent.wait_for_publish(TIMEOUT_S)
            taken = sent.is_published()
        except (RuntimeError, ValueError) as error:
            self.close()
            raise DeliveryError(str(error), again=True) from error
        if not taken:
            self.close()
            raise DeliveryError(f"no receipt within {TIMEOUT_S:.0f} s", again=True)

    def close(self) -> None:
        """See `Target`."""
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
            self._client = None

    def _connected(self) -> Client:
        """The connection; made anew when there is none or it broke."""
        if self._client is not None and self._client.is_connected():
            return self._client
        self.close()
        self._client = client = self._new_client()
        answers: list[Any] = []
        answered = threading.Event()

        def on_connect(*given: Any) -> None:
            answers.append(given[3])
            answered.set()

        client.on_connect = on_connect
        try:
            client.connect(self._settings.host, self._settings.port, KEEP_ALIVE_S)
        except (OSError, ValueError) as error:
            self._client = None
            raise DeliveryError(f"no connection: {error}", again=True) from error
        client.loop_start()
        if not answered.wait(TIMEOUT_S) or answers[0].is_failure:
            self.close()
            raise DeliveryError(f"refused: {answers[0]}" if answers else "the broker does not answer", again=True)
        return client

    def _new_client(self) -> Client:
        settings = self._settings
        client = Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        client.connect_timeout = TIMEOUT_S
        if settings.user is not None:
            password = None if settings.password is None else settings.password.get_secret_value()
            client.username_pw_set(settings.user, password)
        if settings.tls:
            client.tls_set()
        return client
