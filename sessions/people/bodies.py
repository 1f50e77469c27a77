"""The vocabulary of people and things. Pure.

`sealed` is text that only the client's key opens (`sessions.people.sealing`); what is not sealed names no client: codes, coded
tiles, times. Dates are ISO 8601, `2027-03-31`; `_utc` as everywhere in the record.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from sessions.events import Body, by_kind

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
OptionalCode = Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,39})?$")]
SessionId = Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,63})?$")]
Date = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
OptionalDate = Annotated[str, Field(pattern=r"^(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Role = Literal["practitioner", "technician", "clinic_lead"]
ROLES: tuple[Role, ...] = ("practitioner", "technician", "clinic_lead")
CEILING_UM = (500, 1500)  # the pen's own range


class ClientEntered(Body):
    """A new client. `sealed`: name, birth date and contact (`clients.Identity`)."""

    kind: Literal["client_entered"] = "client_entered"
    sealed: str


class ClientChanged(Body):
    """Name, birth date and contact as they are from now on, whole; the old ones stay in the event before."""

    kind: Literal["client_changed"] = "client_changed"
    sealed: str
    reason: OptionalCode = ""  # coded: free text could name somebody


class ClientNoted(Body):
    """A note about the client, sealed."""

    kind: Literal["client_noted"] = "client_noted"
    code: Code
    session: SessionId = ""
    sealed: str


class PhotoConsent(Body):
    """The client agrees to photographs, or no longer does; apart from the consent to the treatment."""

    kind: Literal["photo_consent"] = "photo_consent"
    given: bool
    version: Code  # of the text that was shown
    text_sha256: Sha256


class ConsentSigned(Body):
    """The client agreed to the treatment with a finger on the screen. Name, text and strokes lie sealed in their own file."""

    kind: Literal["consent_signed"] = "consent_signed"
    version: Code  # of the text that was shown
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]  # in which it was shown
    text_sha256: Sha256  # of its UTF-8 bytes, as shown
    paper: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]  # random, names the file
    file_sha256: Sha256  # of the sealed file
    file_bytes: int = Field(ge=1)


class PhotoAdded(Body):
    """A photograph, sealed in a file of its own. `sealed`: what the picture is (`photos.Picture`)."""

    kind: Literal["photo_added"] = "photo_added"
    photo: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]  # random, names the file
    session: SessionId
    zone: OptionalCode
    taken: Literal["before", "after", "follow_up"]
    sealed: str
    file_sha256: Sha256  # of the sealed file: a digest of the picture itself could tell whose it is after an erasure
    file_bytes: int = Field(ge=1)


class FollowUpTask(Body):
    """One time to ask how the client is."""

    code: Code  # FU01 ...
    due_utc: str
    latest_utc: str


class FollowUpsPlanned(Body):
    """When a session's client is to be asked."""

    kind: Literal["follow_ups_planned"] = "follow_ups_planned"
    session: SessionId
    tasks: list[FollowUpTask]


class FollowUpDone(Body):
    """The client was asked, or could not be."""

    kind: Literal["follow_up_done"] = "follow_up_done"
    session: SessionId
    code: Code
    outcome: Literal["well", "settling", "not_improving", "referred", "not_reached"]
    sealed: str = ""


class AdverseEvent(Body):
    """Something that should not have happened, or lasts too long. The same `report` again tells how it stands later."""

    kind: Literal["adverse_event"] = "adverse_event"
    report: Code
    session: SessionId
    zone: OptionalCode = ""
    effect: Code  # AE01 ...
    severity: Literal["mild", "moderate", "severe"]
    onset_utc: str
    action: Literal["observed", "treated_here", "referred", "emergency"]
    status: Literal["open", "resolved", "lasting"]
    follow_up: OptionalCode = ""  # that it was found in
    sealed: str = ""


class ClientErased(Body):
    """The client's key was destroyed: what is sealed above can never be read again. Codes and counts stay."""

    kind: Literal["client_erased"] = "client_erased"
    reason: Literal["asked_by_client", "retention_over", "entered_by_mistake"]
    photos: int = Field(ge=0)


class UserEntered(Body):
    """Somebody who works here, as printed on the record; or all of it anew when something changed."""

    kind: Literal["user_entered"] = "user_entered"
    user: Code
    name: str = Field(min_length=1, max_length=120)
    roles: list[Role] = Field(min_length=1)
    qualification: str = Field(default="", max_length=200)
    registration: str = Field(default="", max_length=120)
    registration_expires: OptionalDate = ""
    insurance: str = Field(default="", max_length=120)
    insurance_expires: OptionalDate = ""
    reason: str = Field(default="", max_length=200)  # of the change


class UserLocked(Body):
    """The user may not sign in, or may again."""

    kind: Literal["user_locked"] = "user_locked"
    user: Code
    locked: bool
    reason: str = Field(default="", max_length=200)


class PinSet(Body):
    """A PIN was set or changed. The verifier is made with the station's key: without that file it cannot be tried."""

    kind: Literal["pin_set"] = "pin_set"
    user: Code
    verifier: str


class PinRefused(Body):
    """A wrong PIN."""

    kind: Literal["pin_refused"] = "pin_refused"
    user: Code


class SignedIn(Body):
    """The right PIN."""

    kind: Literal["signed_in"] = "signed_in"
    user: Code


class RoleCeilingSet(Body):
    """How deep a role may go here, whatever the plan allows."""

    kind: Literal["role_ceiling_set"] = "role_ceiling_set"
    role: Role
    ceiling_um: int = Field(ge=CEILING_UM[0], le=CEILING_UM[1])
    reason: str = Field(default="", max_length=200)


class CartridgeSeen(Body):
    """A cartridge's chip was read outside a session."""

    kind: Literal["cartridge_seen"] = "cartridge_seen"
    cartridge: Code
    lot: str = ""
    expires: OptionalDate = ""
    needles: int = Field(ge=0)
    tip_width_um: int = Field(ge=0)


class CartridgeUsed(Body):
    """A cartridge was used other than as told in a session_opened: a replacement in mid-session, or by hand."""

    kind: Literal["cartridge_used"] = "cartridge_used"
    cartridge: Code
    session: SessionId
    client: Code
    how: Literal["first", "replacement", "discarded"]


class MediaLot(Body):
    """A lot of a medium (data/media.csv) is here; the same lot again changes it."""

    kind: Literal["media_lot"] = "media_lot"
    lot: Code
    medium: Code  # ME01 ...
    product: str = Field(default="", max_length=120)
    expires: Date
    withdrawn: bool = False
    reason: str = Field(default="", max_length=200)


class CertificateIssued(Body):
    """A pen's calibration certificate: its document's digest stands for all it says."""

    kind: Literal["certificate_issued"] = "certificate_issued"
    certificate: Code
    pen: Code
    decision: Literal["PASS", "CONDITIONAL PASS", "CONDITIONAL FAIL", "FAIL"]
    as_found: Literal["PASS", "CONDITIONAL PASS", "CONDITIONAL FAIL", "FAIL"]
    issued: Date
    due: OptionalDate
    gauge: OptionalCode = ""
    content_sha256: Sha256


class CertificateWithdrawn(Body):
    """A certificate no longer holds."""

    kind: Literal["certificate_withdrawn"] = "certificate_withdrawn"
    certificate: Code
    reason: str = Field(min_length=1, max_length=200)


class TemplateSaved(Body):
    """A plan to start from; the same code again is its next version."""

    kind: Literal["template_saved"] = "template_saved"
    template: Code
    name: str = Field(min_length=1, max_length=80)
    plan: dict[str, Any]
    withdrawn: bool = False


CLIENT_KINDS = by_kind(
    ClientEntered,
    ClientChanged,
    ClientNoted,
    PhotoConsent,
    ConsentSigned,
    PhotoAdded,
    FollowUpsPlanned,
    FollowUpDone,
    AdverseEvent,
    ClientErased,
)
STATION_KINDS = by_kind(
    UserEntered,
    UserLocked,
    PinSet,
    PinRefused,
    SignedIn,
    RoleCeilingSet,
    CartridgeSeen,
    CartridgeUsed,
    MediaLot,
    CertificateIssued,
    CertificateWithdrawn,
    TemplateSaved,
)
