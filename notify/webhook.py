"""Events as HTTP requests."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final
from urllib.parse import urlsplit

import httpx

from notify import DeliveryError, Message
from notify.settings import WebhookSettings

TIMEOUT_S: Final = 5.0
SIGNATURE: Final = "X-Tracker-Signature"
LATER: Final = frozenset({408, 425, 429})
"""Refusals that mean: not now. All of 500 and above mean it, too."""


class Webhook:
    """POSTs each event; any 2xx answer takes it.

    Args:
        settings: Where to.
    """

    def __init__(self, settings: WebhookSettings) -> None:
        self.name = f"webhook {urlsplit(settings.url).hostname}"
        self._url = settings.url
        self._secret = settings.secret
        self._client = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False)

    def deliver(self, message: Message) -> None:
        """See `Target`."""
        headers = {"Content-Type": "application/json", "X-Tracker-Event": message.kind}
        if self._secret is not None:
            key = self._secret.get_secret_value().encode()
            headers[SIGNATURE] = f"sha256={hmac.new(key, message.body, hashlib.sha256).hexdigest()}"
        try:
            status = self._client.post(self._url, content=message.body, headers=headers).status_code
        except httpx.InvalidURL as error:
            raise DeliveryError(f"no address: {type(error).__name__}", again=False) from error
        except httpx.HTTPError as error:
            raise DeliveryError(f"{type(error).__name__}", again=True) from error
        if not 200 <= status < 300:
            raise DeliveryError(f"answered {status}", again=status >= 500 or status in LATER)

    def close(self) -> None:
        """See `Target`."""
        self._client.close()
