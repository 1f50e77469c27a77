"""What may be added to a session's stream after its end, by people and not by control: signatures and corrections. Pure."""

from typing import Literal

from pydantic import Field

from sessions.events import Body, by_kind

Meaning = Literal["performed", "reviewed", "approved"]
_HASH = r"^[0-9a-f]{64}$"


class Signed(Body):
    """A person's signature over everything in the stream before it. What exactly is signed: `sessions.signing.statement`."""

    kind: Literal["signed"] = "signed"
    person: str = Field(min_length=1)  # the code, as everywhere in the record
    name: str = ""  # as the person signs; may be left out
    role: str  # as which they sign
    meaning: Meaning  # of the signature
    utc: str  # when, by the station's clock; the event's own utc says the same
    covers: int = Field(ge=1)  # number of the last event covered
    content_sha256: str = Field(pattern=_HASH)  # of the statement of the three heads
    events_head: str = Field(pattern=_HASH)  # hash of event `covers`
    trace_head: str = Field(pattern=_HASH)  # hash of the newest block of trace
    wires_head: str = Field(pattern=_HASH)  # hash of the newest block of tape
    key_id: str = Field(pattern=_HASH)  # SHA-256 of the station's public key
    public_key: str  # Ed25519, base64 of 32 bytes
    signature: str  # Ed25519, base64 of 64 bytes


class Corrected(Body):
    """A person says that an earlier event tells something wrong. The old event stays as it is; this one shows both."""

    kind: Literal["corrected"] = "corrected"
    number: int = Field(ge=1)  # of the event that is corrected
    field: str  # which of its fields, as in the record, e.g. "zones.0.reason"
    old: str  # as the old event has it, in canonical JSON
    new: str  # what is right, in canonical JSON
    reason: str = Field(min_length=1)  # in words


AFTERWARDS = by_kind(Signed, Corrected)
