"""What people put right by hand: two who are one, one who are two, two who stay two."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from store.store import Store
from store.values import Correction
from web.people import Number
from web.people_bodies import CorrectionBody, CorrectionsReply
from web.service import TheService, may_fail

router = APIRouter(prefix="/corrections", tags=["people"])

TOLD_S: Final = 0.001
"""Times are told to a millisecond: what began at one that was rounded up began then, too."""
Who = Annotated[Number, Field(description="A person, by any of its numbers", examples=[7])]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MergeRequest(_Request):
    """Two numbers are one person."""

    kind: Literal["merge"] = Field(description="`merge`", examples=["merge"])
    keep: Who
    gone: Who

    def apply(self, store: Store) -> Correction:
        """Do it."""
        return store.merge(self.keep, self.gone)


class SplitRequest(_Request):
    """One number is two people."""

    kind: Literal["split"] = Field(description="`split`", examples=["split"])
    identity: Who
    at_unix_s: float = Field(
        allow_inf_nan=False,
        description="What is seen then or later is somebody new; seconds since 1970, e.g. a picture's `unix_s`",
        examples=[1764158405.0],
    )

    def apply(self, store: Store) -> Correction:
        """Do it."""
        return store.split(self.identity, self.at_unix_s - TOLD_S / 2.0)


class ApartRequest(_Request):
    """Two numbers are two people, and nothing shall make them one."""

    kind: Literal["apart"] = Field(description="`apart`", examples=["apart"])
    one: Who
    other: Who

    def apply(self, store: Store) -> Correction:
        """Do it."""
        return store.keep_apart(self.one, self.other)


CorrectionRequest = Annotated[MergeRequest | SplitRequest | ApartRequest, Field(discriminator="kind")]
ERRORS = may_fail(
    422, 503, _404="Nobody has that number, or there is no such correction", _409="It contradicts what there is"
)


@router.post("", status_code=201, response_description="It counts from now on", summary="Put right", responses=ERRORS)
def correct(body: CorrectionRequest, service: TheService) -> CorrectionBody:
    """Merge two people, split one at a time, or say that two are not the same."""
    return CorrectionBody.model_validate(body.apply(service.store))


@router.get("", response_description="The corrections", summary="What was put right", responses=may_fail(503))
def list_corrections(
    service: TheService,
    *,
    undone: Annotated[bool, Query(description="Also those that were taken back")] = False,
) -> CorrectionsReply:
    """All corrections, oldest first."""
    made = service.store.corrections(undone=undone)
    return CorrectionsReply(corrections=[CorrectionBody.model_validate(each) for each in made])


@router.delete("/{number}", response_description="It counts no more", summary="Undo a correction", responses=ERRORS)
def undo(number: Number, service: TheService) -> CorrectionBody:
    """Take a correction back; nothing happens when it was."""
    return CorrectionBody.model_validate(service.store.undo(number))
