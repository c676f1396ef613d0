"""What can be set of the store: where it is, what it may keep, and for how long."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, PlainSerializer
from pydantic.dataclasses import dataclass

from address import redacted

STRICT = ConfigDict(extra="forbid", arbitrary_types_allowed=False)

Days = Annotated[float, Field(gt=0.0, le=36500.0)]
DatabaseUrl = Annotated[str, Field(max_length=4096), PlainSerializer(redacted, when_used="json")]
"""Written into no file with its password."""


@dataclass(frozen=True, config=STRICT)
class StoreConfig:
    """The memory that outlives a job. Days are those of the wall clock."""

    url: Annotated[
        DatabaseUrl | None,
        Field(
            description="A SQLite file, or `postgresql://user:password@host/name`; unset: none, "
            "for `serve` a file in the results folder; empty: none"
        ),
    ] = field(default=None, repr=False)
    crops_folder: Annotated[
        Path | None, Field(description="Folder of its pictures; unset: `store-crops` beside the SQLite file")
    ] = None
    crops: Annotated[bool, Field(description="Keep pictures of people")] = True
    embeddings: Annotated[
        bool, Field(description="Keep looks, by which people are known again in later jobs and found by photo")
    ] = True
    crops_days: Annotated[Days, Field(description="Pictures are removed after this long")] = 30.0
    embeddings_days: Annotated[Days, Field(description="Who was not seen for this long is not known again")] = 30.0
    sightings_days: Annotated[Days, Field(description="Who was where is removed after this long")] = 90.0
    events_days: Annotated[Days, Field(description="Events are removed after this long")] = 90.0
