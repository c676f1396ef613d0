"""Who is one person: average-linkage clustering under exclusion, and names that outlive a re-clustering."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from association.encounters import PairEvidence, bonus
from entities import BoolArray, IntArray

NEVER = -np.inf
"""Score of a pair that may not be joined."""


def cluster(
    similarity: NDArray[np.floating],
    weight: NDArray[np.floating],
    apart: BoolArray,
    least: float,
    evidence: PairEvidence | None = None,
) -> IntArray:
    """Join the most alike clusters until no allowed pair is alike enough.

    Agglomerative clustering with average linkage: two clusters are as alike as the mean similarity of their
    members, each member counting with its weight. Exclusion holds for whole clusters: if any member of one must stay
    apart from any member of the other, the two are never joined, also not through a third.

    Args:
        similarity: `(N, N)` symmetric. N may be 0. The diagonal is ignored.
        weight: `(N,)` positive.
        apart: `(N, N)` symmetric, True where two elements cannot be one person. The diagonal is ignored.
        least: Clusters are joined down to this similarity, inclusive.
        evidence: What else is known of pairs. It counts for two clusters as a whole: as part of `similarity`, the
            pairs of which nothing is known would dilute it.

    Returns:
        `(N,)` label of each element's cluster: the position of its first member. Of equal scores the pair
        that stands first is joined first, so the result depends on nothing but the arguments.
    """
    count = len(weight)
    labels = np.arange(count)
    if count < 2:
        return labels
    mass = weight.astype(np.float64)
    total = similarity * np.outer(mass, mass)  # sum over member pairs of w_i w_j s_ij
    barred = apart | np.eye(count, dtype=np.bool_)
    votes, seconds = np.zeros((count, count)), np.zeros((count, count))
    if evidence is not None:
        barred |= evidence.apart
        votes, seconds = evidence.votes.copy(), evidence.seconds.copy()
    score = np.where(barred, NEVER, similarity + bonus(votes, seconds))
    while True:
        keep, gone = divmod(int(score.argmax()), count)
        if not score[keep, gone] >= least:
            return labels
        labels[labels == gone] = keep
        mass[keep] += mass[gone]
        for sums in (total, votes, seconds):
            sums[keep] += sums[gone]
            sums[:, keep] = sums[keep]
        barred[keep] |= barred[gone]
        barred[:, keep] = barred[keep]
        barred[:, gone] = True
        alike = total[keep] / (mass[keep] * mass) + bonus(votes[keep], seconds[keep])
        joined = np.where(barred[keep], NEVER, alike)
        score[keep] = score[:, keep] = joined
        score[gone] = score[:, gone] = NEVER


def inherit(labels: IntArray, before: IntArray, amount: NDArray[np.floating]) -> IntArray:
    """Give clusters the names their members had, each name to at most one cluster.

    The assignment keeps as large an amount as possible under its old name (Hungarian method).

    Args:
        labels: `(N,)` label of each element's cluster.
        before: `(N,)` name each element had, 0 for none.
        amount: `(N,)` how much an element counts, positive.

    Returns:
        `(N,)` name of each element's cluster; 0 where the cluster needs a new one.
    """
    clusters, of_cluster = np.unique(labels, return_inverse=True)
    names, of_name = np.unique(before, return_inverse=True)
    shared = np.zeros((len(clusters), len(names)))
    np.add.at(shared, (of_cluster, of_name), amount)
    shared[:, names == 0] = 0.0
    rows, columns = linear_sum_assignment(shared, maximize=True)
    given = np.zeros(len(clusters), np.int64)
    worth = shared[rows, columns] > 0.0
    given[rows[worth]] = names[columns[worth]]
    named: IntArray = given[of_cluster]
    return named
