"""Rounds per second of the detector alone: the limit of what the whole program can reach with it.

    python benchmarks/detector.py CAM1 CAM2

Pictures decoded beforehand, runtime, precision and threads as in the program, two ways in turn:

- one batch of all cameras at a time, which all cores share;
- as the program calls it: on OpenVINO two rounds at the same time, each on its share of the cores.

Prints both rates; `make bench` divides the program's by them.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from config import TrackingConfig, build_config  # noqa: E402 - found only once the root is on the path
from detection import create_detector  # noqa: E402
from entities import FloatArray  # noqa: E402
from perception import Detector  # noqa: E402
from runtimes import Runtime, choose_runtime, one_thread_a_library, openvino_core  # noqa: E402
from video_file import VideoFile  # noqa: E402

Pictures = Sequence[NDArray[np.uint8]]
"""Those of one round."""

ONE_BATCH, SIDE_BY_SIDE = "one batch of all cameras at a time", "as the program calls it"
ROUNDS = 60
"""Kept in memory; the detector goes through them again and again."""
WARM_UP, MEASURED, TURNS = 10, 50, 3


class OneBatch:
    """The network run by OpenVINO with a batch a call, all threads on it; see `detection.yolov8.PeopleNetwork`."""

    def __init__(self, graph: Any, runtime: Runtime) -> None:
        self._graph = graph
        self._settings = {
            "INFERENCE_PRECISION_HINT": runtime.precision,
            "INFERENCE_NUM_THREADS": runtime.threads,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,
        }
        self._requests: dict[tuple[int, ...], Any] = {}

    def __call__(self, pictures_bgr: NDArray[np.uint8]) -> tuple[FloatArray, FloatArray]:
        """See `PeopleNetwork`."""
        shape = pictures_bgr.shape
        if shape not in self._requests:
            self._graph.reshape(shape)
            self._requests[shape] = openvino_core().compile_model(self._graph, "CPU", self._settings)
        out = self._requests[shape](pictures_bgr, share_inputs=True)
        return out[0], out[1]


def in_batches(config: TrackingConfig) -> Detector:
    """The detector as it is called with one batch at a time."""
    runtime = choose_runtime(config.runtime)
    if runtime.library == "torch":
        return create_detector(config.detection, config.runtime)
    from detection.int8 import int8_graph
    from detection.openvino import people_graph
    from detection.yolov8 import Yolov8Detector
    from weight_files import obtain

    path = obtain(config.detection.weights, offline=config.runtime.offline)
    graph = int8_graph(path) if runtime.int8 else people_graph(path)
    return Yolov8Detector(OneBatch(graph, runtime), path.name, config.detection)


def goes_through(detector: Detector, rounds: Sequence[Pictures]) -> Callable[[int], float]:
    """A function that looks at so many rounds and returns the seconds that took."""
    eyes = ThreadPoolExecutor(detector.at_once)
    endless = itertools.cycle(rounds)

    def look_at(count: int) -> float:
        start_s = time.perf_counter()
        some = itertools.islice(endless, count)
        for _ in eyes.map(lambda pictures: detector.detect([""] * len(pictures), pictures), some):
            pass
        return time.perf_counter() - start_s

    look_at(WARM_UP)
    return look_at


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="auto")
    args = parser.parse_args()
    one_thread_a_library()
    config = build_config({"runtime": {"device": args.device, "precision": args.precision}})
    cameras = []
    for clip in args.clips:
        with VideoFile(clip) as video:
            cameras.append([picture.image_bgr for picture in itertools.islice(video.pictures(), ROUNDS)])
    rounds = list(zip(*cameras, strict=False))
    ways = {
        ONE_BATCH: goes_through(in_batches(config), rounds),
        SIDE_BY_SIDE: goes_through(create_detector(config.detection, config.runtime), rounds),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(TURNS):
        for name, look_at in ways.items():
            rates[name].append(MEASURED / look_at(MEASURED))
    for name, measured in rates.items():
        print(f"{name}: {statistics.median(measured):.3f}")


if __name__ == "__main__":
    main()
