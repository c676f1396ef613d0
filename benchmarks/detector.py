"""Rounds per second of the detector alone: the limit of what the whole program can reach with it.

    python benchmarks/detector.py CAM1 CAM2

All cameras in one batch, the same runtime, precision, threads and rounds at once as the program, pictures decoded
beforehand. Prints the rate; `make bench` divides the program's by it.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from config import build_config  # noqa: E402 - found only once the root is on the path
from detection import create_detector  # noqa: E402
from runtimes import one_thread_a_library  # noqa: E402
from video_file import VideoFile  # noqa: E402

ROUNDS = 60
"""Kept in memory; the detector goes through them again and again."""
WARM_UP, MEASURED = 10, 150


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="auto")
    args = parser.parse_args()
    one_thread_a_library()
    config = build_config({"runtime": {"device": args.device, "precision": args.precision}})
    detector = create_detector(config.detection, config.runtime)
    cameras = []
    for clip in args.clips:
        with VideoFile(clip) as video:
            cameras.append([picture.image_bgr for picture in itertools.islice(video.pictures(), ROUNDS)])
    rounds = itertools.cycle(zip(*cameras, strict=False))
    with ThreadPoolExecutor(detector.at_once) as eyes:

        def look_at(count: int) -> float:
            start_s = time.perf_counter()
            for _ in eyes.map(lambda pictures: detector.detect(args.clips, pictures), itertools.islice(rounds, count)):
                pass
            return time.perf_counter() - start_s

        look_at(WARM_UP)
        print(f"{MEASURED / look_at(MEASURED):.3f}")


if __name__ == "__main__":
    main()
