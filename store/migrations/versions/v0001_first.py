"""The first tables.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0001"
down_revision: Final = None

BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME: Final = sa.String(255)
KIND: Final = sa.String(32)


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "camera_means",
        sa.Column("camera", NAME, nullable=False),
        sa.Column("embedder", NAME, nullable=False),
        sa.Column("mean", sa.LargeBinary(), nullable=False),
        sa.Column("unix_s", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("camera", "embedder"),
    )
    op.create_table(
        "corrections",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("other_id", BIG, nullable=False),
        sa.Column("at_unix_s", sa.Float(53), nullable=True),
        sa.Column("made_unix_s", sa.Float(53), nullable=False),
        sa.Column("undone_unix_s", sa.Float(53), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "counters",
        sa.Column("name", KIND, nullable=False),
        sa.Column("value", BIG, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "forgotten",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("unix_s", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "identities",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("name", NAME, nullable=True),
        sa.Column("merged_into", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("identities_by_heir", "identities", ["merged_into"])
    op.create_table(
        "jobs",
        sa.Column("id", NAME, nullable=False),
        sa.Column("status", KIND, nullable=False),
        sa.Column("owner", NAME, nullable=False),
        sa.Column("begins_unix_s", sa.Float(53), nullable=False),
        sa.Column("finished_unix_s", sa.Float(53), nullable=True),
        sa.Column("heartbeat_unix_s", sa.Float(53), nullable=False),
        sa.Column("media_s", sa.Float(53), nullable=False),
        sa.Column("results", sa.Text(), nullable=True),
        sa.Column("error_code", NAME, nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("embedder", NAME, nullable=False),
        sa.Column("first_id", BIG, nullable=False),
        sa.Column("end_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_jobs_begins_unix_s", "jobs", ["begins_unix_s"])
    op.create_table(
        "looks",
        sa.Column("identity_id", BIG, autoincrement=False, nullable=False),
        sa.Column("camera", NAME, nullable=False),
        sa.Column("embedder", NAME, nullable=False),
        sa.Column("job_id", NAME, nullable=False),
        sa.Column("look", sa.LargeBinary(), nullable=False),
        sa.Column("amount", sa.Float(53), nullable=False),
        sa.Column("seconds", sa.Float(53), nullable=False),
        sa.Column("boxes", sa.Integer(), nullable=False),
        sa.Column("first_unix_s", sa.Float(53), nullable=False),
        sa.Column("last_unix_s", sa.Float(53), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("identity_id", "camera", "embedder"),
    )
    op.create_index("looks_by_end", "looks", ["last_unix_s"])
    op.create_index("looks_by_person", "looks", ["person_id"])
    op.create_table(
        "cameras",
        sa.Column("job_id", NAME, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.Column("fps", sa.Float(53), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "name"),
    )
    op.create_table(
        "crops",
        sa.Column("id", BIG, nullable=False),
        sa.Column("job_id", NAME, nullable=False),
        sa.Column("camera", NAME, nullable=False),
        sa.Column("local_id", sa.Integer(), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("time_s", sa.Float(53), nullable=False),
        sa.Column("unix_s", sa.Float(53), nullable=False),
        sa.Column("quality", sa.Float(53), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("identity_id", BIG, nullable=True),
        sa.Column("person_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("job_id", "camera", "local_id", "frame"),
    )
    op.create_index("crops_by_identity", "crops", ["identity_id"])
    op.create_index("crops_by_person", "crops", ["person_id", "quality"])
    op.create_index("crops_by_time", "crops", ["unix_s"])
    op.create_table(
        "events",
        sa.Column("id", BIG, nullable=False),
        sa.Column("job_id", NAME, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("time_s", sa.Float(53), nullable=False),
        sa.Column("unix_s", sa.Float(53), nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("identity_id", BIG, nullable=True),
        sa.Column("other_id", BIG, nullable=True),
        sa.Column("camera", NAME, nullable=True),
        sa.Column("local_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("job_id", "number"),
        sqlite_autoincrement=True,
    )
    op.create_index("events_by_identity", "events", ["identity_id"])
    op.create_index("events_by_time", "events", ["unix_s"])
    op.create_table(
        "sightings",
        sa.Column("id", BIG, nullable=False),
        sa.Column("job_id", NAME, nullable=False),
        sa.Column("camera", NAME, nullable=False),
        sa.Column("local_id", sa.Integer(), nullable=False),
        sa.Column("first_frame", sa.Integer(), nullable=False),
        sa.Column("last_frame", sa.Integer(), nullable=False),
        sa.Column("start_s", sa.Float(53), nullable=False),
        sa.Column("end_s", sa.Float(53), nullable=False),
        sa.Column("start_unix_s", sa.Float(53), nullable=False),
        sa.Column("end_unix_s", sa.Float(53), nullable=False),
        sa.Column("boxes", sa.Integer(), nullable=False),
        sa.Column("identity_id", BIG, nullable=True),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("samples", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("job_id", "camera", "local_id", "first_frame"),
    )
    op.create_index("sightings_by_end", "sightings", ["end_unix_s"])
    op.create_index("sightings_by_identity", "sightings", ["identity_id"])
    op.create_index(
        "sightings_by_job",
        "sightings",
        ["job_id", "person_id", "start_unix_s", "end_unix_s", "boxes", "camera"],
    )
    op.create_index(
        "sightings_by_person",
        "sightings",
        ["person_id", "start_unix_s", "end_unix_s", "boxes", "camera", "job_id"],
    )
