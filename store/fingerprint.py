"""Which network looks are of: only looks of the same one can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def embedder_name(models: Mapping[str, Any]) -> str:
    """The network's name and its weights, without what it runs on: that changes no look to speak of.

    Args:
        models: From `models.model_facts`.

    >>> embedder_name({"embedder": "osnet_x0_25 openvino bf16", "weights": {"embedder": {"sha256": "ab" * 32}}})
    'osnet_x0_25 abababababababab'
    >>> embedder_name({"embedder": "colour stripes", "weights": {}})
    'colour'
    """
    name = str(models["embedder"]).partition(" ")[0]
    weights = models["weights"].get("embedder", {}).get("sha256", "")[:16]
    return f"{name} {weights}".strip()
