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
Utc = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?Z$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]  # BCP 47: de, pt-BR
OptionalLanguage = Annotated[str, Field(pattern=r"^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$")]
Label = Annotated[str, Field(min_length=1, max_length=64)]  # as makers print it: "LOT 12/345"
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
OptionalSha256 = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
Role = Literal["practitioner", "therapist", "technician", "clinic_lead"]
ROLES: tuple[Role, ...] = ("practitioner", "therapist", "technician", "clinic_lead")
CEILING_UM = (500, 1500)  # the pen's own range
Decision = Literal["PASS", "CONDITIONAL PASS", "CONDITIONAL FAIL", "FAIL"]  # ILAC-G8 with guard band


class ClientEntered(Body):
    """A new client. `sealed`: name, birth date and contact (`clients.Identity`)."""

    kind: Literal["client_entered"] = "client_entered"
    sealed: str  # JSON of name, born, contact


class ClientChanged(Body):
    """Name, birth date and contact as they are from now on, whole; the old ones stay in the event before."""

    kind: Literal["client_changed"] = "client_changed"
    sealed: str  # JSON of name, born, contact
    reason: OptionalCode = ""  # coded: free text could name somebody


class ClientNoted(Body):
    """A note about the client, sealed."""

    kind: Literal["client_noted"] = "client_noted"
    code: Code  # tile: what the note is about
    session: SessionId = ""  # that it is about, if it is about one
    sealed: str  # the words


class PhotoConsent(Body):
    """The client agrees to photographs, or no longer does; apart from the consent to the treatment."""

    kind: Literal["photo_consent"] = "photo_consent"
    given: bool  # false: agreement is taken back, or was refused
    version: Code  # of the text that was shown
    text_sha256: OptionalSha256  # of its UTF-8 bytes, as shown; left empty where agreement ends without a text
    language: OptionalLanguage = ""  # in which it was shown


class ConsentSigned(Body):
    """The client agreed to the treatment with a finger on the screen. Name, text and strokes lie sealed in their own file."""

    kind: Literal["consent_signed"] = "consent_signed"
    version: Code  # of the text that was shown
    language: Language  # in which it was shown
    text_sha256: Sha256  # of its UTF-8 bytes, as shown
    paper: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]  # random, names the file
    file_sha256: Sha256  # of the sealed file
    file_bytes: int = Field(ge=1)  # its size


class PhotoAdded(Body):
    """A photograph, sealed in a file of its own. `sealed`: what the picture is (`photos.Picture`)."""

    kind: Literal["photo_added"] = "photo_added"
    photo: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]  # random, names the file
    session: SessionId  # that it belongs to
    zone: OptionalCode  # id in the table of zones, empty for none
    taken: Literal["before", "after", "follow_up"]  # before or after the treatment, or later
    sealed: str  # JSON of media type, size and SHA-256 of the picture
    file_sha256: Sha256  # of the sealed file: a digest of the picture itself could tell whose it is after an erasure
    file_bytes: int = Field(ge=1)  # its size


class Advice(Body):
    """One line of the aftercare sheet."""

    code: Code  # row of the table of advice: AC01 ...
    to_h: int | None = None  # until so many hours after the session; None: no end was told
    words: str = Field(default="", max_length=200)  # in English, as the table had it then


class FollowUpTask(Body):
    """One time to ask how the client is."""

    code: Code  # row of the table of follow-ups: FU01 ...
    due_utc: Utc  # when the client is to be asked
    latest_utc: Utc  # until when
    words: str = Field(default="", max_length=200)  # what is to be asked, as the table had it then


class FollowUpsPlanned(Body):
    """When a session's client is to be asked."""

    kind: Literal["follow_ups_planned"] = "follow_ups_planned"
    session: SessionId  # after which
    tasks: list[FollowUpTask]  # by the clinic's table at that time


class AftercareTold(Body):
    """The aftercare sheet was put before the client: which advice, in which language."""

    kind: Literal["aftercare_told"] = "aftercare_told"
    session: SessionId  # after which
    language: Language  # of the sheet
    advice: list[Advice] = Field(min_length=1)  # what the sheet said


class FollowUpDone(Body):
    """The client was asked, or could not be."""

    kind: Literal["follow_up_done"] = "follow_up_done"
    session: SessionId  # after which
    code: Code  # of the task
    outcome: Literal["well", "settling", "not_improving", "referred", "not_reached"]  # not_reached: the task stays open
    sealed: str = ""  # what the client said, if it was written down


class AdverseEvent(Body):
    """Something that should not have happened, or lasts too long. The same `report` again tells how it stands later."""

    kind: Literal["adverse_event"] = "adverse_event"
    report: Code  # names it in all events about it
    session: SessionId  # after which it came
    zone: OptionalCode = ""  # id in the table of zones, if it is in one
    effect: Code  # row of the table of effects: AE01 ...
    effect_words: str = Field(default="", max_length=200)  # as the table had it then
    severity: Literal["mild", "moderate", "severe"]  # as judged by who reports
    onset_utc: Utc  # when it began
    action: Literal["observed", "treated_here", "referred", "emergency"]  # what was done about it
    status: Literal["open", "resolved", "lasting"]  # how it stands
    follow_up: OptionalCode = ""  # that it was found in
    sealed: str = ""  # the words, if any


class ClientErased(Body):
    """The client's key was destroyed: what is sealed above can never be read again. Codes and counts stay."""

    kind: Literal["client_erased"] = "client_erased"
    reason: Literal["asked_by_client", "retention_over", "entered_by_mistake"]  # why
    photos: int = Field(ge=0)  # sealed photographs that were removed
    consents: int | None = Field(default=None, ge=0)  # signed consents that were removed


class UserEntered(Body):
    """Somebody who works here, as printed on the record; or all of it anew when something changed."""

    kind: Literal["user_entered"] = "user_entered"
    user: Code  # the code, as everywhere in the record
    name: str = Field(min_length=1, max_length=120)  # as it is printed on the record
    roles: list[Role] = Field(min_length=1)  # in which the user works here
    qualification: str = Field(default="", max_length=200)  # in words
    registration: str = Field(default="", max_length=120)  # number, and with whom
    registration_expires: OptionalDate = ""  # last day that counts
    insurance: str = Field(default="", max_length=120)  # number, and with whom
    insurance_expires: OptionalDate = ""  # last day that counts
    reason: str = Field(default="", max_length=200)  # of the change


class UserLocked(Body):
    """The user may not sign in, or may again."""

    kind: Literal["user_locked"] = "user_locked"
    user: Code  # who
    locked: bool  # false: may sign in again
    reason: str = Field(default="", max_length=200)  # why


class PinSet(Body):
    """A PIN was set or changed. The verifier is made with the station's key: without that file it cannot be tried."""

    kind: Literal["pin_set"] = "pin_set"
    user: Code  # whose
    verifier: str = Field(min_length=1)  # argon2id in the form of its reference program


class PinRefused(Body):
    """A wrong PIN."""

    kind: Literal["pin_refused"] = "pin_refused"
    user: Code  # who somebody said to be


class SignedIn(Body):
    """The right PIN."""

    kind: Literal["signed_in"] = "signed_in"
    user: Code  # who


class RoleCeilingSet(Body):
    """How deep a role may go here, whatever the plan allows."""

    kind: Literal["role_ceiling_set"] = "role_ceiling_set"
    role: Role  # whose
    ceiling_um: int = Field(ge=CEILING_UM[0], le=CEILING_UM[1])  # deepest that this role may go from now on
    reason: str = Field(default="", max_length=200)  # why


class CartridgeSeen(Body):
    """A cartridge's chip was read outside a session."""

    kind: Literal["cartridge_seen"] = "cartridge_seen"
    cartridge: Code  # id in its chip, hexadecimal
    lot: str = Field(default="", max_length=64)  # of the maker
    expires: OptionalDate = ""  # last day that counts
    needles: int = Field(ge=0)  # how many
    tip_width_um: int = Field(ge=0)  # across
    used_ms: int | None = Field(default=None, ge=0)  # motor time so far, by its chip; None: not told


class CartridgeUsed(Body):
    """A cartridge was used other than as told in a session_opened: a replacement in mid-session, or by hand."""

    kind: Literal["cartridge_used"] = "cartridge_used"
    cartridge: Code  # id in its chip, hexadecimal
    session: SessionId = ""  # in which; empty for one that was discarded before any
    client: OptionalCode = ""  # with whom
    how: Literal["first", "replacement", "discarded"]  # first of a session, in place of another, or thrown away
    reason: str = Field(default="", max_length=200)  # why it is told by hand


class MediaLot(Body):
    """A lot of a medium (data/media.csv) is here; the same lot again changes it."""

    kind: Literal["media_lot"] = "media_lot"
    lot: Label  # as it is printed on the pack
    medium: Code  # row of the table of media: ME01 ...
    product: str = Field(default="", max_length=120)  # its name on the label
    expires: Date  # last day that counts
    withdrawn: bool = False  # no longer to be used
    reason: str = Field(default="", max_length=200)  # of the change


class CertificateIssued(Body):
    """A pen's calibration certificate: its document's digest stands for all it says."""

    kind: Literal["certificate_issued"] = "certificate_issued"
    certificate: Code  # its number
    pen: Label  # serial of the pen
    decision: Decision  # on the pen as it was left
    as_found: Decision  # on the pen before any change
    issued: Date  # the day it was signed
    due: OptionalDate  # last day that it holds; empty: none told
    gauge: str = Field(default="", max_length=64)  # id of the reference gauge
    content_sha256: Sha256  # of the certificate's JSON document


class CertificateWithdrawn(Body):
    """A certificate no longer holds."""

    kind: Literal["certificate_withdrawn"] = "certificate_withdrawn"
    certificate: Code  # its number
    reason: str = Field(min_length=1, max_length=200)  # why


class TemplateSaved(Body):
    """A plan to start from; the same code again is its next version."""

    kind: Literal["template_saved"] = "template_saved"
    template: Code  # its code in every version
    name: str = Field(min_length=1, max_length=80)  # as shown
    plan: dict[str, Any]  # zones, depths in micrometres and the rest, as `layout` says
    layout: Literal["plan/1"] = "plan/1"  # of the plan: `pencontrol.plan.Plan` as JSON
    withdrawn: bool = False  # no longer offered


CLIENT_KINDS = by_kind(
    ClientEntered,
    ClientChanged,
    ClientNoted,
    PhotoConsent,
    ConsentSigned,
    PhotoAdded,
    AftercareTold,
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
