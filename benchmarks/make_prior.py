#!/usr/bin/env python3
"""Compute what ships in reid/data: the mean person and the fingerprint of the published OSNet weights.

    python -m benchmarks.make_prior CROPS WEIGHTS

The mean person is the mean over people of each person's mean unit embedding, so that people with many crops do not
count for more. CROPS is a folder of labelled pedestrian crops (see `labelled_crops`); WEIGHTS the published file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from benchmarks.labelled_crops import embed_folder
from config import RuntimeConfig
from reid.openvino import OpenvinoLookNetwork
from reid.osnet import OsnetEmbedder, unit_looks
from reid.reference import DATA, fixed_pictures
from runtimes import choose_runtime
from weight_files import sha256


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crops", type=Path)
    parser.add_argument("weights", type=Path)
    arguments = parser.parse_args()
    exact = choose_runtime(RuntimeConfig(device="cpu", runtime="openvino", precision="f32"))
    network = OpenvinoLookNetwork(arguments.weights, exact)
    looks, persons, _ = embed_folder(arguments.crops, OsnetEmbedder(network, "osnet", 32, None))
    people = np.unique(persons)
    mean_person = np.mean([looks[persons == person].mean(axis=0) for person in people], axis=0)
    pictures = fixed_pictures()
    target = Path(__file__).resolve().parent.parent / "reid" / "data" / DATA
    np.savez(
        target,
        mean_person=mean_person.astype(np.float32),
        fingerprint=unit_looks(network, pictures, len(pictures)),
        weights_sha256=sha256(arguments.weights),
    )
    print(f"{target}: {len(people)} people, {len(looks)} crops, length of the mean {np.linalg.norm(mean_person):.3f}")


if __name__ == "__main__":
    main()
