"""What the clerk is asked to do about people: each makes a job for the librarian's thread. I/O through the store.

What names a client travels in memory only; the values here show nothing of it in their text form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ui.touch.people.clerk import Job, Office

TREATS = ("practitioner", "therapist", "clinic_lead")  # roles that open sessions


@dataclass(frozen=True)
class Member:
    """Somebody who may sign in: the role they treat in ("" for none) and how deep it goes."""

    code: str
    name: str
    role: str
    ceiling_um: int


@dataclass(frozen=True)
class Tried:
    """What became of a PIN. `wait_s`: until the next try counts."""

    user: str
    let_in: bool
    wait_s: int


@dataclass(frozen=True, repr=False)
class Seen:
    """A client as the prepare page needs them. `code` is as on record; `consent` what the gate rests on."""

    code: str
    on_record: bool
    name: str = ""
    consent: str = ""
    photos: bool = False


@dataclass(frozen=True)
class Lot:
    """A lot of a medium that is in date."""

    lot: str
    medium: str
    product: str
    expires: str


@dataclass(frozen=True)
class Ended:
    """What was done by itself when a session ended: how many follow-ups stand, and when the first is due; 0: no client."""

    session: str
    follow_ups: int
    first_utc: str


def read_staff(office: Office) -> tuple[Member, ...]:
    """Everybody with a PIN who is not locked. Raises StoreError."""
    from sessions.people.users import list_users, role_ceiling_um

    members = []
    for user in list_users(office.desk.store):
        if user.has_pin and not user.locked:
            treats = [(role_ceiling_um(office.desk.store, role), role) for role in user.roles if role in TREATS]
            ceiling_um, role = max(treats, default=(0, ""))
            members.append(Member(user.code, user.name, role, ceiling_um))
    return tuple(members)


def try_pin(user: str, pin: str) -> Job:
    """Whether this is the user's PIN; the try is on record. Raises PeopleError."""

    def job(office: Office) -> Tried:
        from sessions.people.users import sign_in

        answer = sign_in(office.desk, office.keyring, user, pin)
        return Tried(user, answer.let_in, answer.wait_s)

    return job


def look_up(typed: str, version: str) -> Job:
    """The client of a typed code, whatever its capitals. Raises StoreError."""

    def job(office: Office) -> Seen:
        from sessions.people.clients import load_client
        from sessions.people.consents import consent_of_today
        from sessions.people.register import entry

        store = office.desk.store
        for code in (typed, typed.lower(), typed.upper()):
            if entry(store, "client", code) is not None:
                client = load_client(store, office.keyring, code)
                if client.identity is None:
                    break  # erased: nobody to ask
                consent = consent_of_today(store, code, version, office.desk.utc_ns())
                return Seen(code, True, client.identity.name, consent, client.photo_consent)
        return Seen(typed, False)

    return job


def enter(code: str, name: str) -> Job:
    """Put a client on record under this code. Raises PeopleError."""

    def job(office: Office) -> str:
        from sessions.people.clients import enter_client, identity

        return enter_client(office.desk, office.keyring, identity(name), code)

    return job


def sign_consent(
    client: str, name: str, text: str, version: str, language: str, strokes: Sequence[Sequence[tuple[int, int]]], photos: str
) -> Job:
    """The client's signature under `text`, and, apart from it, whether photographs may be taken: `photos` is the text they
    agreed to, "" when they did not. Gives what the gate rests on. Raises PeopleError."""

    def job(office: Office) -> Seen:
        from sessions.people import consents
        from sessions.people.clients import consent_to_photos, load_client

        consents.sign_consent(office.desk, office.keyring, office.home, client, name, text, version, language, strokes)
        before = load_client(office.desk.store, office.keyring, client).photo_consent
        if photos or before:
            digest = consents.text_sha256(photos) if photos else ""
            consent_to_photos(office.desk, office.keyring, client, bool(photos), version, digest, language if photos else "")
        rests = consents.consent_of_today(office.desk.store, client, version, office.desk.utc_ns())
        return Seen(client, True, name, rests, bool(photos))

    return job


def lots(today: str) -> Job:
    """Lots of media in date. Raises StoreError."""

    def job(office: Office) -> tuple[Lot, ...]:
        from sessions.people.things import lots_in_date

        return tuple(
            Lot(found.code, str(found.state["medium"]), str(found.state["product"]), found.due_utc)
            for found in lots_in_date(office.desk.store, today)
        )

    return job


def note(client: str, session: str, text: str) -> Job:
    """A note about the client, sealed. Raises PeopleError."""

    def job(office: Office) -> None:
        from sessions.people.clients import note_client

        note_client(office.desk, office.keyring, client, "session", text, session)

    return job


def tell_aftercare(client: str, session: str, language: str) -> Job:
    """Put on record, once, that the client saw the aftercare sheet; nothing for a client who is not there. Raises PeopleError."""

    def job(office: Office) -> bool:
        from sessions.people.aftercare import tell_aftercare as tell

        return tell(office.desk, client, session, language)

    return job


def end(session: str) -> Job:
    """Plan the follow-ups of a session that has ended, once; nothing for a client who is not on record. Raises StoreError."""

    def job(office: Office) -> Ended:
        from sessions.people.follow_up import plan_follow_ups, read_steps, tasks_after
        from sessions.people.register import entry
        from sessions.reading import load_facts

        store = office.desk.store
        facts = load_facts(store, session)
        client, steps = facts.opened.client, read_steps()
        found = entry(store, "client", client)
        if found is None or found.status == "erased" or not facts.closed_utc:
            return Ended(session, 0, "")
        plan_follow_ups(office.desk, client, session, facts.closed_utc, steps)
        first = tasks_after(facts.closed_utc, steps)[0].due_utc if steps else ""
        return Ended(session, len(steps), first)

    return job


def sign_session(session: str, person: str, role: str) -> Job:
    """The practitioner's signature under a record that verifies; true. The PIN was asked for just before. Raises StoreError."""

    def job(office: Office) -> bool:
        from sessions.audit import verify
        from sessions.keyfile import KeyFileError
        from sessions.people.keys import PeopleError
        from sessions.signing.key import station_key
        from sessions.signing.sign import sign_session as sign

        desk = office.desk
        if problems := verify(desk.store, session).problems:
            raise PeopleError(f"{session}: not signed, the record does not verify: {problems[0]}")
        try:
            key = station_key(office.home)
        except KeyFileError as error:
            raise PeopleError(str(error)) from None
        sign(desk.store, key, session, person, "performed", desk.utc_ns(), desk.mono_ns(), role)
        return True

    return job
