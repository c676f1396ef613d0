"""Which jobs tell the two halves of a split apart by themselves.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0002"
down_revision: Final = "0001"

BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME: Final = sa.String(255)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "heard",
        sa.Column("job_id", NAME, nullable=False),
        sa.Column("correction_id", BIG, autoincrement=False, nullable=False),
        sa.Column("unix_s", sa.Float(53), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "correction_id"),
    )
