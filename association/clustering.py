"""Who is one person: average-linkage clustering under exclusion, and names that outlive a re-clustering."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from association.encounters import PairEvidence, bonus
from entities import BoolArray, IntArray

NEVER = -np.inf
"""Score of a pair that may not be joined."""
FEW_LEFT = 8
"""Tables are made smaller when one cluster in so many is gone."""


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

    All clusters that are each other's best are joined at once, in some ten passes instead of one a join. As far as
    looks decide, the result is that of joining the best pair first: no cluster is more alike to two joined ones than
    to the better of them, so whoever are each other's best would stay that (Murtagh 1983).

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
    labels = np.arange(len(weight))
    if len(weight) < 2:
        return labels
    barred = apart | np.eye(len(weight), dtype=np.bool_)
    known: list[NDArray[np.float64]] = []
    if evidence is not None:
        barred |= evidence.apart
        known = [evidence.votes.copy(), evidence.seconds.copy()] if evidence.seconds.any() else []
    clusters = _Clusters(np.where(barred, NEVER, similarity).astype(np.float64), weight.astype(np.float64), known)
    while True:
        keep, gone = clusters.best_pairs(least)
        if not len(keep):
            return labels
        heirs = np.arange(len(weight))
        heirs[clusters.first[gone]] = clusters.first[keep]
        labels = heirs[labels]
        clusters.join(keep, gone)


class _Clusters:
    """How alike every two clusters are.

    Attributes:
        first: `(C,)` position of each cluster's first member.

    Args:
        similarity: `(N, N)` symmetric, `NEVER` for pairs that may not be joined and on the diagonal.
        mass: `(N,)` positive; changed.
        known: Votes and seconds of `PairEvidence`, or nothing; changed.
    """

    def __init__(
        self, similarity: NDArray[np.float64], mass: NDArray[np.float64], known: list[NDArray[np.float64]]
    ) -> None:
        self.first = np.arange(len(mass))
        self._mass = mass
        self._known = known
        # sums over member pairs of w_i w_j s_ij; with one barred pair a sum is barred: NEVER + x is NEVER
        self._total = similarity * np.outer(mass, mass)
        self._scores = similarity + bonus(*known) if known else similarity.copy()
        self._partner = self._scores.argmax(axis=1)
        self._best = self._scores.max(axis=1)

    def best_pairs(self, least: float) -> tuple[IntArray, IntArray]:
        """Pairs to be joined next, each cluster at most once; the one that stands first is to keep both."""
        partner, rows = self._partner, np.arange(len(self._partner))
        keep = np.flatnonzero((partner[partner] == rows) & (rows < partner) & (self._best >= least))
        return keep, partner[keep]

    def join(self, keep: IntArray, gone: IntArray) -> None:
        """Let clusters `keep` have the members of `gone`, too, and forget these."""
        self._mass[keep] += self._mass[gone]
        for sums in (self._total, *self._known):
            sums[keep] += sums[gone]
            sums[:, keep] += sums[:, gone]
        scores = self._total[keep] / (self._mass[keep, None] * self._mass)
        if self._known:
            scores += bonus(*(sums[keep] for sums in self._known))
        self._scores[keep], self._scores[:, keep] = scores, scores.T
        self._total[gone] = self._total[:, gone] = self._scores[gone] = self._scores[:, gone] = NEVER
        self._find_partners(keep, gone, scores)
        if len(gone) * FEW_LEFT >= len(self.first):
            self._forget(gone)

    def _find_partners(self, keep: IntArray, gone: IntArray, scores: NDArray[np.float64]) -> None:
        """Anew for those whose partner was joined, or who may prefer a joined cluster."""
        changed = np.zeros(len(self._best), np.bool_)
        changed[keep] = changed[gone] = True
        rows = np.flatnonzero(changed | changed[self._partner] | (scores.max(axis=0) >= self._best))
        again = self._scores[rows]
        self._partner[rows] = again.argmax(axis=1)
        self._best[rows] = again.max(axis=1)

    def _forget(self, gone: IntArray) -> None:
        left = np.delete(np.arange(len(self.first)), gone)
        self.first, self._mass = self.first[left], self._mass[left]
        grid = np.ix_(left, left)
        self._total, self._scores = self._total[grid], self._scores[grid]
        self._known = [sums[grid] for sums in self._known]
        self._partner, self._best = self._scores.argmax(axis=1), self._best[left]


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
