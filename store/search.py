"""Who looks like a picture: looks compared around what people of a camera have in common, as the tracker does."""

from __future__ import annotations

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from association.centring import unit_rows
from entities import FloatArray
from store.schema import LookRow, MeanRow

LOOK = np.dtype("<f4")


def best_likenesses(
    session: Session, embedding: FloatArray, embedder: str, mean_person: FloatArray | None
) -> list[tuple[int, float, str]]:
    """Everybody with the similarity and the name of the camera whose look is most like an embedding, best first."""
    rows = session.execute(
        select(LookRow.person_id, LookRow.camera, LookRow.look).where(LookRow.embedder == embedder)
    ).all()
    rows = [row for row in rows if len(row.look) == LOOK.itemsize * len(embedding)]
    if not rows:
        return []
    similarity = _compare(session, embedding, embedder, mean_person, [(row.camera, row.look) for row in rows])
    best: dict[int, tuple[float, str]] = {}
    for row, alike in zip(rows, similarity.tolist(), strict=True):
        if alike > best.get(row.person_id, (-2.0, ""))[0]:
            best[row.person_id] = (alike, row.camera)
    return sorted(((name, *found) for name, found in best.items()), key=lambda item: (-item[1], item[0]))


def _compare(
    session: Session,
    embedding: FloatArray,
    embedder: str,
    mean_person: FloatArray | None,
    looks: list[tuple[str, bytes]],
) -> FloatArray:
    """`(N,)` cosines; plain ones where the network's mean person is not known."""
    generic = np.zeros(len(embedding), np.float32) if mean_person is None else mean_person
    stored = {
        row.camera: np.frombuffer(row.mean, LOOK)
        for row in session.scalars(select(MeanRow).where(MeanRow.embedder == embedder))
        if mean_person is not None
    }
    means = np.array([stored.get(camera, generic) for camera, _ in looks])
    placed = unit_rows(np.array([np.frombuffer(look, LOOK) for _, look in looks]) - means)
    return np.asarray(placed @ unit_rows(unit_rows(embedding[None]) - generic)[0], np.float32)
