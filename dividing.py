"""An atom divided at a time because somebody said so, long after the boxes that it was made of are forgotten."""

from __future__ import annotations

from atoms import NO_LOOK, Atom, Row, Span, frames_in


def divided(atom: Atom, frame: int, at_s: float) -> tuple[Atom | None, Atom | None]:
    """What an atom stands for before a frame, and from there on; None for nothing.

    Its looks were added up and cannot be told apart any more: each part gets its share of them, by frames.

    Args:
        atom: Is the later part afterwards, if there is one, and grows on if it did.
        frame: The first of its camera at a time or later.
        at_s: That time.
    """
    before = [
        span._replace(last_frame=min(span.last_frame, frame - 1))
        for span in atom.spans
        if min(span.first_frame, span.last_frame) < frame
    ]
    after = [span._replace(first_frame=max(span.first_frame, frame)) for span in atom.spans if span.last_frame >= frame]
    if not after or (not before and atom.settled and atom.first_s < at_s):  # of what is settled only looks are here
        return atom, None
    if not before:
        return None, atom
    share = frames_in(before) / (frames_in(before) + frames_in(after))
    earlier = _part(atom, before, share, at_s)
    _keep(atom, after, 1.0 - share, at_s)
    return earlier, atom


def _part(atom: Atom, spans: list[Span], share: float, end_s: float) -> Atom:
    """A piece of an atom that ends at a time."""
    box = Row(spans[0].first_frame, atom.first_s, False, (0.0, 0.0, 0.0), 0.0, 0.0, 0.0, NO_LOOK, NO_LOOK)
    part = Atom(box, key=atom.key, slot=atom.slot, camera=atom.camera, local_id=spans[0].local_id, frame_s=atom.frame_s)
    part.close()
    if atom.archived:
        part.archive()
    part.places.moved = atom.places.moved
    part.identity, part.since_s, part.settled = atom.identity, atom.since_s, atom.settled
    part.spans, part.last_s = spans, min(atom.last_s, end_s)
    part.boxes, part.seconds = round(share * atom.boxes), share * atom.seconds
    part.look = share * atom.look
    return part


def _keep(atom: Atom, spans: list[Span], share: float, begin_s: float) -> None:
    """Let an atom stand for these frames only."""
    atom.close()
    atom.spans, atom.first_s = spans, max(atom.first_s, begin_s)
    atom.boxes, atom.seconds = round(share * atom.boxes), share * atom.seconds
    atom.look = share * atom.look
