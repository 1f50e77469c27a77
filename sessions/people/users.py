"""Users: who works here, in which roles, how deep, and with which PIN. I/O through the store; the clock is the desk's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from sessions.people import bodies as b
from sessions.people.entries import ACTIVE, Entry
from sessions.people.keys import Keyring, PeopleError
from sessions.people.pins import fits, make_verifier, pin_problem, wait_s
from sessions.people.register import STATION, Desk, as_of, entries, entry, entry_within, record, record_within
from sessions.store import Store

DEFAULT_CEILING_UM = b.CEILING_UM[1]
THERAPIST_UM = 1000  # clinic.md: some places hold therapists to 1.0 mm; control never lets them deeper


@dataclass(frozen=True)
class User:
    """A user as on record; dates are ISO, "" for none. Nothing of the PIN is in here but whether there is one."""

    code: str
    name: str
    roles: tuple[str, ...]
    locked: bool
    has_pin: bool
    qualification: str
    registration: str
    registration_expires: str
    insurance: str
    insurance_expires: str

    def expired(self, today: str) -> list[str]:
        """Which of registration and insurance are out of date on `today` (ISO): the day named is the last one that counts."""
        dates = {"registration": self.registration_expires, "insurance": self.insurance_expires}
        return [name for name, until in dates.items() if until and until < today]


@dataclass(frozen=True)
class SignIn:
    """What became of a PIN: let in, or how long to wait before the next try counts (0: at once)."""

    let_in: bool
    wait_s: int
    words: str


def enter_user(desk: Desk, user: str, name: str, roles: Sequence[str], **told: str) -> None:
    """Put a user on record, or all of it anew; `told` as in `bodies.UserEntered`. Raises PeopleError, StoreError."""
    try:
        body = b.UserEntered.model_validate({"user": user, "name": name, "roles": list(roles), **told})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise PeopleError(f"user {user}: {'.'.join(map(str, first['loc']))} is {first['input']!r}; {first['msg']}") from None
    record(desk, STATION, body)


def lock_user(desk: Desk, user: str, locked: bool, reason: str = "") -> None:
    """Let the user sign in no longer, or again. Raises PeopleError, StoreError."""
    _require(entry(desk.store, "user", user), user)
    record(desk, STATION, b.UserLocked(user=user, locked=locked, reason=reason))


def set_role_ceiling(desk: Desk, role: str, ceiling_um: int, reason: str = "") -> None:
    """How deep a role may go here. Raises PeopleError, StoreError."""
    try:
        body = b.RoleCeilingSet.model_validate({"role": role, "ceiling_um": ceiling_um, "reason": reason})
    except ValidationError:
        low, high = b.CEILING_UM
        raise PeopleError(f"{role} {ceiling_um} um: allowed are {', '.join(b.ROLES)}, from {low} to {high} um") from None
    record(desk, STATION, body)


def role_ceiling_um(store: Store, role: str) -> int:
    """How deep `role` may go; until it is on record, as deep as the pen, and a therapist 1.0 mm. Raises StoreError."""
    found = entry(store, "role", role)
    usual_um = THERAPIST_UM if role == "therapist" else DEFAULT_CEILING_UM
    return int(found.state["ceiling_um"]) if found else usual_um


def set_pin(desk: Desk, keyring: Keyring, user: str, pin: str) -> None:
    """A new PIN; a wait that was running ends. Who may do so is the caller's to ask. Raises PeopleError, StoreError."""
    _require(entry(desk.store, "user", user), user)
    if problem := pin_problem(pin):
        raise PeopleError(problem)
    record(desk, STATION, b.PinSet(user=user, verifier=make_verifier(keyring.pin_pepper, user, pin, keyring.random)))


def change_pin(desk: Desk, keyring: Keyring, user: str, old: str, new: str) -> SignIn:
    """A new PIN for who knows the old one; the old one counts as a try. Raises PeopleError, StoreError."""
    if problem := pin_problem(new):
        raise PeopleError(problem)
    answer = sign_in(desk, keyring, user, old)
    if answer.let_in:
        set_pin(desk, keyring, user, new)
    return answer


def sign_in(desk: Desk, keyring: Keyring, user: str, pin: str) -> SignIn:
    """Try a PIN. Each try is on record, so that the wait goes on after a restart. Raises PeopleError, StoreError.

    During a wait no PIN is looked at, the right one neither. The wait is by the wall clock, as it has to outlast the machine
    being off; a clock set back makes it no longer than it is from the start.
    """
    found = _require(entry(desk.store, "user", user), user)
    if answer := _not_now(found, desk.utc_ns()):
        return answer
    # Outside the transaction, whose lock the recorder of a running session may be waiting for.
    right = fits(keyring.pin_pepper, user, pin, str(found.state["verifier"]))
    with desk.store.writing() as connection:
        now = _require(entry_within(connection, "user", user), user)
        # Others may have tried meanwhile: many at once get no more tries than one after the other.
        if answer := _not_now(now, desk.utc_ns()):
            return answer
        if right and now.state["verifier"] == found.state["verifier"]:
            record_within(connection, desk, STATION, b.SignedIn(user=user))
            return SignIn(True, 0, "")
        record_within(connection, desk, STATION, b.PinRefused(user=user))
        wait = wait_s(int(now.state.get("refused", 0)) + 1)
    return SignIn(False, wait, f"wrong PIN: wait {wait} s" if wait else "wrong PIN")


def load_user(store: Store, user: str, utc: str = "") -> User:
    """The user now, or as on record at `utc`: what a session of that time names. Raises PeopleError, StoreError."""
    return _user(_require(as_of(store, "user", user, utc) if utc else entry(store, "user", user), user))


def list_users(store: Store) -> list[User]:
    """Every user, by code. Raises StoreError."""
    return [_user(found) for found in entries(store, "user")]


def _not_now(found: Entry, now_ns: int) -> SignIn | None:
    """Why no PIN of this user is looked at now; None when it is."""
    if found.status != ACTIVE:
        return SignIn(False, 0, f"user {found.code} is locked")
    if not found.state.get("verifier"):
        return SignIn(False, 0, f"user {found.code} has no PIN yet")
    left_s = _left_s(found, now_ns)
    return SignIn(False, left_s, f"too many wrong PINs: wait {left_s} s") if left_s else None


def _left_s(found: Entry, now_ns: int) -> int:
    wait = wait_s(int(found.state.get("refused", 0)))
    if not wait:
        return 0
    since = datetime.fromisoformat(str(found.state["refused_utc"])).timestamp()
    return min(wait, max(0, -int(now_ns // 1_000_000_000 - since - wait)))


def _require(found: Entry | None, user: str) -> Entry:
    if found is None or "name" not in found.state:
        raise PeopleError(f"no user {user!r} is on record")
    return found


def _user(found: Entry) -> User:
    state: dict[str, Any] = found.state
    names = ("name", "qualification", "registration", "registration_expires", "insurance", "insurance_expires")
    told = {name: str(state[name]) for name in names}
    return User(found.code, roles=tuple(state["roles"]), locked=found.status != ACTIVE, has_pin="verifier" in state, **told)
