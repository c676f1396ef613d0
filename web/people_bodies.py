"""What the API says of people: identities, sightings, events, pictures, corrections."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, computed_field

Rounded = Annotated[float, PlainSerializer(lambda value: round(value, 3), return_type=float)]
"""Milliseconds and thousandths: what is behind them is noise."""
WallClock = Annotated[Rounded, Field(description="Wall clock, seconds since 1970, UTC", examples=[1764158400.0])]
MediaTime = Annotated[Rounded, Field(description="Media time of the job, seconds", examples=[12.4])]
JobId = Annotated[str, Field(description="The job", examples=["3f2a9c01"])]
CameraName = Annotated[str, Field(description="The camera", examples=["cam11"])]


class FromStore(BaseModel):
    """Made of a value of the store."""

    model_config = ConfigDict(from_attributes=True)


class CropBody(FromStore):
    """A picture of a person."""

    id: int = Field(description="The picture", examples=[31])
    job_id: JobId
    camera: CameraName
    time_s: MediaTime
    unix_s: WallClock
    quality: Rounded = Field(description="0 to 1: large, sharp, alone", examples=[0.82])

    @computed_field(description="Where the JPEG is", examples=["/crops/31"])  # type: ignore[prop-decorator]  # as documented
    @property
    def url(self) -> str:
        return f"/crops/{self.id}"


class IdentityBody(FromStore):
    """Somebody, with everything that was put right by hand."""

    id: int = Field(description="The number shown on screen", examples=[7])
    name: str | None = Field(description="Given by hand; null when nobody gave one", examples=["Ann"])
    first_seen_unix_s: WallClock
    last_seen_unix_s: WallClock
    seconds: Rounded = Field(description="In view, summed over cameras", examples=[84.2])
    boxes: int = Field(description="Frames in which a detector saw the person", examples=[812])
    cameras: list[str] = Field(description="That saw the person", examples=[["cam11", "cam44"]])
    crop: CropBody | None = Field(description="The best picture; null when there is none")


class IdentitiesReply(FromStore):
    """Some of many people."""

    total: int = Field(description="How many there are in all", examples=[214])
    items: list[IdentityBody] = Field(description="Those asked for")


class StayBody(FromStore):
    """A person in one camera of one job."""

    job_id: JobId
    camera: CameraName
    intervals_s: list[tuple[Rounded, Rounded]] = Field(description="Times in view, media time", examples=[[[3.0, 8.5]]])
    intervals_unix_s: list[tuple[Rounded, Rounded]] = Field(
        description="The same by the wall clock", examples=[[[1764158403.0, 1764158408.5]]]
    )
    boxes: int = Field(description="Frames in which a detector saw the person", examples=[55])


class CorrectionBody(FromStore):
    """Something put right by hand."""

    id: int = Field(description="The correction", examples=[3])
    kind: Literal["merge", "split", "apart"] = Field(description="`merge`, `split` or `apart`", examples=["merge"])
    person_id: int = Field(description="Merge: who stays. Split: whose past stays. Apart: one of the two", examples=[7])
    other_id: int = Field(
        description="Merge: who became the other. Split: who the later part is. Apart: the other", examples=[12]
    )
    at_unix_s: float | None = Field(description="Split: from when on, wall clock", examples=[1764158405.0])
    made_unix_s: WallClock
    undone_unix_s: float | None = Field(description="When it was taken back; null while it counts", examples=[None])


class CorrectionsReply(BaseModel):
    """Everything put right by hand."""

    corrections: list[CorrectionBody] = Field(description="Oldest first")


class IdentityLinks(BaseModel):
    """Where to ask for what else there is of a person."""

    sightings: str = Field(description="Every stretch with its boxes", examples=["/sightings?identity=7&boxes=true"])
    events: str = Field(description="Why it is taken for one person: decisions", examples=["/events?identity=7"])
    floor: str = Field(description="Where the person went, in metres", examples=["/identities/7/floor"])


class IdentityReply(FromStore):
    """All there is of a person: intervals and cameras in `stays`, pictures, the rest by `links`."""

    person: IdentityBody = Field(description="The summary")
    aliases: list[int] = Field(description="All numbers in jobs' records, its own first", examples=[[7, 12]])
    stays: list[StayBody] = Field(description="By job, then camera")
    crops: list[CropBody] = Field(description="Best first")
    corrections: list[CorrectionBody] = Field(description="That concern the person, oldest first, those that count")
    remembered: bool = Field(description="Whether the person is known again by look", examples=[True])

    @computed_field(description="Where to ask for the rest")  # type: ignore[prop-decorator]  # as documented
    @property
    def links(self) -> IdentityLinks:
        who = self.person.id
        return IdentityLinks(
            sightings=f"/sightings?identity={who}&boxes=true",
            events=f"/events?identity={who}",
            floor=f"/identities/{who}/floor",
        )


class BoxBody(FromStore):
    """One of the boxes of a sighting."""

    frame: int = Field(description="Position in the source, from 0", examples=[124])
    time_s: MediaTime
    box_xyxy: tuple[Rounded, Rounded, Rounded, Rounded] = Field(
        description="Pixels of the original frame", examples=[[412.0, 188.5, 473.2, 359.4]]
    )


class SightingBody(FromStore):
    """A stretch of one track in one camera; tracks longer than a minute come in several."""

    id: int = Field(description="The sighting", examples=[88])
    job_id: JobId
    camera: CameraName
    local_id: int = Field(description="The track in that camera", examples=[4])
    person_id: int | None = Field(description="Who, corrections applied; null for nobody", examples=[7])
    identity_id: int | None = Field(description="Who, as the program found", examples=[7])
    start_s: MediaTime
    end_s: MediaTime
    start_unix_s: WallClock
    end_unix_s: WallClock
    boxes: int = Field(description="Frames in which the detector saw the person", examples=[55])
    samples: list[BoxBody] = Field(description="Two boxes a second, if asked for; else empty")


class SightingsReply(FromStore):
    """Some of many sightings."""

    total: int = Field(description="How many there are in all", examples=[1904])
    items: list[SightingBody] = Field(description="In order of time")


class EventBody(FromStore):
    """Something that happened."""

    id: int = Field(description="The cursor: ask for what comes `after` it", examples=[512])
    job_id: JobId
    time_s: MediaTime
    unix_s: WallClock
    kind: str = Field(
        description="`appeared`, `handed_over`, `merged`, `split`, `left`, `joined`, `relabelled` or `static`",
        examples=["handed_over"],
    )
    person_id: int | None = Field(description="Who; null for nobody", examples=[7])
    other_id: int | None = Field(description="Who it was before", examples=[None])
    camera: str | None = Field(description="Where; null when it concerns the person as a whole", examples=["cam44"])
    local_id: int | None = Field(description="The track, likewise", examples=[9])
    reason: str = Field(description="For people", examples=["seen by cam44 0.8 s after cam11"])
    evidence: dict[str, Any] | None = Field(
        description="For programs, as in `events.jsonl`; null where looks did not decide", examples=[None]
    )


class EventsReply(BaseModel):
    """Events in the order they were written."""

    events: list[EventBody] = Field(description="At most as many as asked for")
    next: int = Field(description="Give this as `after` to get what comes next", examples=[513])


class MatchBody(FromStore):
    """Somebody who looks like a picture."""

    person: IdentityBody = Field(description="Who")
    similarity: Rounded = Field(description="Likeness, -1 to 1, as the tracker compares looks", examples=[0.71])
    camera: CameraName


class SearchReply(BaseModel):
    """Who looks like the picture."""

    box_xyxy: tuple[Rounded, Rounded, Rounded, Rounded] | None = Field(
        description="The person in the picture that was searched for; null when the whole picture was taken",
        examples=[[40.0, 12.0, 131.0, 288.0]],
    )
    matches: list[MatchBody] = Field(description="Best first")


class ErasedReply(FromStore):
    """What was removed."""

    sightings: int = Field(description="Rows", examples=[12])
    events: int = Field(description="Rows", examples=[9])
    looks: int = Field(description="Rows", examples=[2])
    crops: int = Field(description="Pictures", examples=[6])
    left: list[str] = Field(description="What could not be removed, a line for people each", examples=[[]])
