#!/usr/bin/env python3
"""How well an embedder tells people apart: rank-1 and mAP over cameras, in every precision asked for.

    python -m benchmarks.reid_check CROPS [--weights FILE] [--precision f32 bf16] [--runtime openvino]

Every crop is a query against the crops of all other cameras, ranked by cosine (Zheng et al., Scalable Person
Re-identification, 2015, without its single-query split). CROPS: see `labelled_crops`.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from benchmarks.labelled_crops import embed_folder
from config import ReidConfig, RuntimeConfig
from entities import FloatArray, IntArray
from reid import create_embedder


def rank1_and_map(looks: FloatArray, persons: IntArray, cameras: IntArray) -> tuple[float, float, int]:
    """Share of queries whose best match is right, mean average precision, and the number of queries."""
    first, precisions = [], []
    for query, likeness in enumerate(looks @ looks.T):
        gallery = np.flatnonzero(cameras != cameras[query])
        ranked = gallery[np.argsort(-likeness[gallery], kind="stable")]
        hits = persons[ranked] == persons[query]
        if hits.any():
            ranks = np.flatnonzero(hits) + 1
            first.append(bool(hits[0]))
            precisions.append(float(np.mean(np.arange(1, len(ranks) + 1) / ranks)))
    return float(np.mean(first)), float(np.mean(precisions)), len(first)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crops", type=Path)
    parser.add_argument("--weights", default=ReidConfig().weights)
    parser.add_argument("--precision", nargs="+", default=["f32", "bf16"], choices=["f32", "bf16"])
    parser.add_argument("--runtime", default="auto", choices=["auto", "openvino", "torch"])
    arguments = parser.parse_args()
    for precision in arguments.precision:
        runtime = RuntimeConfig(runtime=arguments.runtime, precision=precision, offline=True)
        embedder = create_embedder(ReidConfig(weights=arguments.weights), runtime)
        start = time.perf_counter()
        looks, persons, cameras = embed_folder(arguments.crops, embedder)
        spent_ms = 1000 * (time.perf_counter() - start) / len(looks)
        rank1, mean_ap, queries = rank1_and_map(looks, persons, cameras)
        print(
            f"{embedder.name}: rank-1 {100 * rank1:.1f} %, mAP {100 * mean_ap:.1f} %, {queries} queries, "
            f"{len(np.unique(persons))} people, {spent_ms:.2f} ms a crop with reading"
        )


if __name__ == "__main__":
    main()
