"""Networks loaded once for all jobs: no more run one at the same time than it allows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from buffers import Buffer

Network = TypeVar("Network")


class InTurn(Generic[Network]):
    """A network that any thread may take, so many at a time, in the order of asking.

    Args:
        network: What is taken.
        at_once: How many may have it at the same time, at least 1.
    """

    def __init__(self, network: Network, at_once: int = 1) -> None:
        self._free: Buffer[Network] = Buffer(at_once)
        for _ in range(at_once):
            self._free.put(network)

    @contextmanager
    def taken(self) -> Iterator[Network]:
        """The network, for the `with` block; waits until it is free."""
        network = self._free.get()
        try:
            yield network
        finally:
            self._free.put(network)


class SharedNetworks:
    """The networks of a process, kept until it ends: a job that asks for the same settings finds them loaded.

    On a CPU that costs nothing: those that run at the same time already compute on all cores.
    """

    def __init__(self) -> None:
        self._shelf: InTurn[dict[Hashable, InTurn[Any]]] = InTurn({})

    def obtain(self, key: Hashable, load: Callable[[], Network], at_once: int = 1) -> InTurn[Network]:
        """The network known as `key`; loaded when it is not there, while others who ask wait.

        Args:
            key: All that the network depends on.
            load: Makes it; what it raises is passed on and nothing is kept.
            at_once: How many threads may run it at the same time.
        """
        with self._shelf.taken() as shelf:
            if key not in shelf:
                shelf[key] = InTurn(load(), at_once)
            return shelf[key]
