"""The tables. Media times end in `_s`, wall-clock times in `_unix_s` (seconds since 1970, UTC)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

BIG: Final = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts rows up only in a column that is called INTEGER, which has 64 bits there."""
NAME: Final = String(255)


class Base(DeclarativeBase):
    """What all tables share."""

    type_annotation_map = {float: Float(53), dict[str, Any]: JSON}  # noqa: RUF012 - read by SQLAlchemy as it is


class JobRow(Base):
    """A job that wrote into this store.

    `first_id` up to `end_id` (exclusive) are the numbers it may give to people.
    """

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(NAME, primary_key=True)
    status: Mapped[str] = mapped_column(String(32))
    owner: Mapped[str] = mapped_column(NAME)
    begins_unix_s: Mapped[float] = mapped_column(index=True)
    finished_unix_s: Mapped[float | None]
    heartbeat_unix_s: Mapped[float]
    media_s: Mapped[float] = mapped_column(default=0.0)
    results: Mapped[str | None] = mapped_column(Text)
    error_code: Mapped[str | None] = mapped_column(NAME)
    error_message: Mapped[str | None] = mapped_column(Text)
    embedder: Mapped[str] = mapped_column(NAME)
    first_id: Mapped[int] = mapped_column(BIG)
    end_id: Mapped[int] = mapped_column(BIG)


class CameraRow(Base):
    """A camera of a job."""

    __tablename__ = "cameras"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(NAME, primary_key=True)
    position: Mapped[int]
    source: Mapped[str] = mapped_column(Text)
    width_px: Mapped[int]
    height_px: Mapped[int]
    fps: Mapped[float]


class IdentityRow(Base):
    """A person as the program found it; numbers are never used again.

    `merged_into` is whom the program found it to be later.
    """

    __tablename__ = "identities"
    __table_args__ = (Index("identities_by_heir", "merged_into"),)

    id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    name: Mapped[str | None] = mapped_column(NAME)
    merged_into: Mapped[int | None] = mapped_column(BIG)


class SightingRow(Base):
    """A stretch of frames of one track: who it is as the program says (`identity_id`) and as corrected (`person_id`).

    `samples` holds some of the boxes, see `store.samples`.
    """

    __tablename__ = "sightings"
    __table_args__ = (
        UniqueConstraint("job_id", "camera", "local_id", "first_frame"),
        # these two hold all that lists of people need, so that the samples are not read
        Index("sightings_by_person", "person_id", "start_unix_s", "end_unix_s", "boxes", "camera", "job_id"),
        Index("sightings_by_job", "job_id", "person_id", "start_unix_s", "end_unix_s", "boxes", "camera"),
        Index("sightings_by_identity", "identity_id"),
        Index("sightings_by_end", "end_unix_s"),
    )

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    camera: Mapped[str] = mapped_column(NAME)
    local_id: Mapped[int]
    first_frame: Mapped[int]
    last_frame: Mapped[int]
    start_s: Mapped[float]
    end_s: Mapped[float]
    start_unix_s: Mapped[float]
    end_unix_s: Mapped[float]
    boxes: Mapped[int]
    identity_id: Mapped[int | None] = mapped_column(BIG)
    person_id: Mapped[int | None] = mapped_column(BIG)
    samples: Mapped[bytes] = mapped_column(LargeBinary)


class CropRow(Base):
    """A picture of a person, in a file under the store's folder."""

    __tablename__ = "crops"
    __table_args__ = (
        UniqueConstraint("job_id", "camera", "local_id", "frame"),
        Index("crops_by_person", "person_id", "quality"),
        Index("crops_by_identity", "identity_id"),
        Index("crops_by_time", "unix_s"),
    )

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    camera: Mapped[str] = mapped_column(NAME)
    local_id: Mapped[int]
    frame: Mapped[int]
    time_s: Mapped[float]
    unix_s: Mapped[float]
    quality: Mapped[float]
    path: Mapped[str] = mapped_column(Text)
    identity_id: Mapped[int | None] = mapped_column(BIG)
    person_id: Mapped[int | None] = mapped_column(BIG)


class LookRow(Base):
    """What one camera remembers of a person's look; `look` is float32, little-endian, of length 1."""

    __tablename__ = "looks"
    __table_args__ = (Index("looks_by_person", "person_id"), Index("looks_by_end", "last_unix_s"))

    identity_id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    camera: Mapped[str] = mapped_column(NAME, primary_key=True)
    embedder: Mapped[str] = mapped_column(NAME, primary_key=True)
    job_id: Mapped[str] = mapped_column(NAME)
    look: Mapped[bytes] = mapped_column(LargeBinary)
    amount: Mapped[float]
    seconds: Mapped[float]
    boxes: Mapped[int]
    first_unix_s: Mapped[float]
    last_unix_s: Mapped[float]
    person_id: Mapped[int] = mapped_column(BIG)


class MeanRow(Base):
    """What the people of a camera have in common in their looks, as float32: taken away before looks are compared."""

    __tablename__ = "camera_means"

    camera: Mapped[str] = mapped_column(NAME, primary_key=True)
    embedder: Mapped[str] = mapped_column(NAME, primary_key=True)
    mean: Mapped[bytes] = mapped_column(LargeBinary)
    unix_s: Mapped[float]


class EventRow(Base):
    """Something that happened to a person; `id` is the cursor by which events are read on."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("job_id", "number"),
        Index("events_by_identity", "identity_id"),
        Index("events_by_time", "unix_s"),
        {"sqlite_autoincrement": True},  # a cursor must not come again after a purge
    )

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    number: Mapped[int]
    time_s: Mapped[float]
    unix_s: Mapped[float]
    kind: Mapped[str] = mapped_column(String(32))
    identity_id: Mapped[int | None] = mapped_column(BIG)
    other_id: Mapped[int | None] = mapped_column(BIG)
    camera: Mapped[str | None] = mapped_column(NAME)
    local_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[dict[str, Any] | None]


class CorrectionRow(Base):
    """What somebody put right by hand, in order; an undone one stays and counts no more."""

    __tablename__ = "corrections"

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    person_id: Mapped[int] = mapped_column(BIG)
    other_id: Mapped[int] = mapped_column(BIG)
    at_unix_s: Mapped[float | None]
    made_unix_s: Mapped[float]
    undone_unix_s: Mapped[float | None]


class HeardRow(Base):
    """A job that ran when somebody was split, and from when on it tells the two apart by itself."""

    __tablename__ = "heard"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    correction_id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    unix_s: Mapped[float]


class ForgottenRow(Base):
    """A number whose person was erased: what comes in under it later is thrown away."""

    __tablename__ = "forgotten"

    id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    unix_s: Mapped[float]


class CounterRow(Base):
    """The next number to be given to a person."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int] = mapped_column(BIG)
