"""Networks are loaded once and never run by two at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from detection.yolov8 import PeopleNetwork, SharedPeopleNetwork
from errors import WeightsError
from reid.osnet import LookNetwork, SharedLookNetwork
from shared_networks import InTurn, SharedNetworks

THREADS = 8


class Scratchpad:
    """A network that gives views of one array which each run overwrites, as OpenVINO's do; notices company."""

    def __init__(self) -> None:
        self.output = np.zeros((1, 2), np.float32)
        self.busy = threading.Lock()
        self.company = False

    def look(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.company |= not self.busy.acquire(blocking=False)
        self.output[:] = pictures.flat[0]
        self.busy.release()
        return self.output


class Looks(Scratchpad):
    dimension = 2

    def __call__(self, crops_bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
        return self.look(crops_bgr)


class People(Scratchpad):
    def __call__(self, pictures_bgr: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return self.look(pictures_bgr), self.output


def picture(value: int) -> NDArray[np.uint8]:
    return np.full((1, 4, 4, 3), value, np.uint8)


def test_a_look_network_shared_by_threads_gives_each_its_own_result() -> None:
    network = Looks()
    shared: InTurn[LookNetwork] = InTurn(network)
    users = [SharedLookNetwork(shared) for _ in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(20):
            results = pool.map(lambda pair: pair[1](picture(pair[0])), enumerate(users))
            assert [result[0, 0] for result in results] == list(range(THREADS))
    assert not network.company
    assert users[0].dimension == 2


def test_both_outputs_of_a_people_network_are_the_callers_to_keep() -> None:
    shared: InTurn[PeopleNetwork] = InTurn(People())
    first = SharedPeopleNetwork(shared)(picture(1))
    SharedPeopleNetwork(shared)(picture(2))
    assert [array[0, 0] for array in first] == [1, 1]


def test_what_is_asked_for_twice_is_loaded_once_also_at_the_same_time() -> None:
    networks = SharedNetworks()
    loads: list[object] = []

    def load() -> object:
        loads.append(object())
        return loads[-1]

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda _: networks.obtain("yolo", load), range(THREADS)))
    assert len(loads) == 1
    assert len(set(map(id, found))) == 1
    assert networks.obtain("another", object) is not found[0]


def test_a_network_that_cannot_be_loaded_leaves_no_trace() -> None:
    def fail() -> object:
        raise WeightsError("no such file")

    networks = SharedNetworks()
    with pytest.raises(WeightsError):
        networks.obtain("yolo", fail)
    with networks.obtain("yolo", lambda: "loaded").taken() as network:
        assert network == "loaded"


def test_a_network_is_free_again_after_a_run_that_failed() -> None:
    shared = InTurn("network")
    with pytest.raises(RuntimeError), shared.taken():
        raise RuntimeError
    with shared.taken() as network:
        assert network == "network"
