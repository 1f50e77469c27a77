"""Users: roles and ceilings, PINs that cannot be tried for long, and what a record of an earlier day names."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from hypothesis import given
from hypothesis import strategies as st

from sessions.audit import verify
from sessions.people import pins
from sessions.people.entries import PIN_TRIES
from sessions.people.keys import PeopleError
from sessions.people.pins import fits, make_verifier, pin_problem, wait_s
from sessions.people.register import STATION, differences, entry
from sessions.people.users import (
    SignIn,
    change_pin,
    enter_user,
    list_users,
    load_user,
    lock_user,
    role_ceiling_um,
    set_pin,
    set_role_ceiling,
    sign_in,
)
from sessions.reading import load_events
from tests.sessions.office import Office, office

PIN, OTHER = "73915", "48211"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing that takes no time; the one test of the real parameters does without."""
    monkeypatch.setattr(pins, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as found:
        _user(found)
        yield found


def _user(here: Office) -> None:
    enter_user(here.desk, "op-1", "User Example", ["practitioner"], registration="R-1", registration_expires="2027-03-31")
    set_pin(here.desk, here.keyring, "op-1", PIN)


def _try(here: Office, pin: str) -> SignIn:
    return sign_in(here.desk, here.keyring, "op-1", pin)


def test_the_right_pin_lets_in_and_a_wrong_one_does_not(here: Office) -> None:
    assert _try(here, PIN) == SignIn(True, 0, "")
    assert _try(here, OTHER) == SignIn(False, 0, "wrong PIN")
    assert _try(here, PIN).let_in


def test_after_five_wrong_pins_the_wait_grows_and_outlasts_a_restart(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        _user(here)
        waits = [_try(here, OTHER).wait_s for _ in range(PIN_TRIES)]
        assert waits == [0, 0, 0, 0, 30]
        now_s = here.now_s
    with office(tmp_path) as here:
        here.now_s = now_s + 29
        assert _try(here, PIN) == SignIn(False, 1, "too many wrong PINs: wait 1 s"), "not even the right one"
        here.now_s += 1
        assert _try(here, OTHER).wait_s == 60
        here.now_s += 59
        assert _try(here, PIN).wait_s == 1
        here.now_s += 1
        assert _try(here, PIN).let_in
        assert _try(here, OTHER).wait_s == 0, "the right one begins anew"
        events = [stored.event.kind for stored in load_events(here.store, STATION)]
        assert events.count("pin_refused") == 7
        assert events.count("signed_in") == 1


def test_a_clock_set_back_makes_the_wait_no_longer_than_it_is(here: Office) -> None:
    for _ in range(PIN_TRIES):
        _try(here, OTHER)
    here.now_s -= 365 * 86_400
    assert _try(here, PIN).wait_s == 30


@given(st.integers(0, 200))
def test_waits_never_shrink_and_stay_under_an_hour(refused: int) -> None:
    assert wait_s(refused) <= wait_s(refused + 1) <= 3600
    assert (wait_s(refused) == 0) == (refused < PIN_TRIES)


def test_many_tries_at_once_are_no_more_than_the_tries_there_are(here: Office) -> None:
    answers: list[SignIn] = []
    threads = [threading.Thread(target=lambda: answers.append(_try(here, OTHER))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    found = entry(here.store, "user", "op-1")
    assert found is not None
    assert found.state["refused"] == PIN_TRIES


def test_nothing_on_record_tells_the_pin(here: Office) -> None:
    _try(here, OTHER)
    data = b"".join(path.read_bytes() for path in here.home.rglob("*") if path.is_file())
    assert PIN.encode() not in data
    assert OTHER.encode() not in data


def test_a_try_costs_a_thief_time_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    parameters = extract_parameters(make_verifier(bytes(32), "op-1", PIN, lambda size: b"s" * size))
    assert parameters.type is Type.ID
    assert (parameters.memory_cost, parameters.time_cost, parameters.hash_len) == (64 * 1024, 3, 32), "RFC 9106, second choice"
    assert parameters.salt_len == 16


def test_a_verifier_alone_cannot_be_tried(here: Office) -> None:
    """Without the station's key the right PIN does not fit either."""
    verifier = make_verifier(here.keyring.pin_pepper, "op-1", PIN, here.random)
    assert fits(here.keyring.pin_pepper, "op-1", PIN, verifier)
    assert not fits(bytes(32), "op-1", PIN, verifier)
    assert not fits(here.keyring.pin_pepper, "op-2", PIN, verifier), "nor moved to another user"
    assert not fits(here.keyring.pin_pepper, "op-1", PIN, "junk")
    assert make_verifier(here.keyring.pin_pepper, "op-1", PIN, here.random) != verifier


@pytest.mark.parametrize("pin", ["", "123", "7391x", "٧٣٩١٥", "1" * 13, "4444", "2345", "9876", "8901"])
def test_pins_that_are_none_or_guessed_first_are_refused_without_repeating_them(here: Office, pin: str) -> None:
    with pytest.raises(PeopleError, match="a PIN") as caught:
        set_pin(here.desk, here.keyring, "op-1", pin)
    assert not pin or pin not in str(caught.value)
    assert pin_problem(PIN) == ""


def test_a_pin_is_changed_by_who_knows_the_old_one(here: Office) -> None:
    assert not change_pin(here.desk, here.keyring, "op-1", OTHER, "60417").let_in
    with pytest.raises(PeopleError, match="in a row"):
        change_pin(here.desk, here.keyring, "op-1", PIN, "1234")
    assert change_pin(here.desk, here.keyring, "op-1", PIN, OTHER).let_in
    assert not _try(here, PIN).let_in
    assert _try(here, OTHER).let_in


def test_a_locked_user_stays_out_until_unlocked(here: Office) -> None:
    lock_user(here.desk, "op-1", True, "left")
    assert _try(here, PIN).words == "user op-1 is locked"
    assert load_user(here.store, "op-1").locked
    lock_user(here.desk, "op-1", False)
    assert _try(here, PIN).let_in


def test_who_has_no_pin_or_is_unknown_stays_out(here: Office) -> None:
    enter_user(here.desk, "op-2", "Second Example", ["technician"])
    assert sign_in(here.desk, here.keyring, "op-2", "").words == "user op-2 has no PIN yet"
    with pytest.raises(PeopleError, match="no user 'op-9'"):
        sign_in(here.desk, here.keyring, "op-9", PIN)
    with pytest.raises(PeopleError, match="no user 'op-9'"):
        lock_user(here.desk, "op-9", True)
    assert [(user.code, user.has_pin) for user in list_users(here.store)] == [("op-1", True), ("op-2", False)]


def test_a_record_names_the_user_as_on_that_day(here: Office) -> None:
    then = here.now_utc
    here.now_s += 86_400
    enter_user(here.desk, "op-1", "User Sample", ["practitioner", "clinic_lead"], registration="R-2", reason="marriage")
    now, before = load_user(here.store, "op-1"), load_user(here.store, "op-1", then)
    assert (now.name, now.registration, now.roles, now.has_pin) == ("User Sample", "R-2", ("practitioner", "clinic_lead"), True)
    assert (before.name, before.registration, before.roles) == ("User Example", "R-1", ("practitioner",))
    with pytest.raises(PeopleError, match="no user"):
        load_user(here.store, "op-1", "2020-01-01T00:00:00.000000Z")


def test_an_expiry_counts_from_the_day_after(here: Office) -> None:
    user = load_user(here.store, "op-1")
    assert user.expired("2027-03-31") == []
    assert user.expired("2027-04-01") == ["registration"]


def test_a_role_goes_as_deep_as_the_clinic_says(here: Office) -> None:
    assert role_ceiling_um(here.store, "practitioner") == 1500
    set_role_ceiling(here.desk, "practitioner", 1000, "insurer")
    assert role_ceiling_um(here.store, "practitioner") == 1000
    assert role_ceiling_um(here.store, "clinic_lead") == 1500
    assert role_ceiling_um(here.store, "therapist") == 1000, "some places hold therapists to 1.0 mm"
    set_role_ceiling(here.desk, "therapist", 750, "insurer")
    assert role_ceiling_um(here.store, "therapist") == 750
    for role, ceiling_um in (("practitioner", 1501), ("practitioner", 499), ("surgeon", 1000)):
        with pytest.raises(PeopleError, match="from 500 to 1500 um"):
            set_role_ceiling(here.desk, role, ceiling_um)
    assert role_ceiling_um(here.store, "practitioner") == 1000


@pytest.mark.parametrize(
    ("user", "roles", "told"),
    [
        ("op 1", ["practitioner"], {}),
        ("op-3", [], {}),
        ("op-3", ["surgeon"], {}),
        ("op-3", ["technician"], {"insurance_expires": "31.3.27"}),
    ],
)
def test_what_does_not_fit_is_refused(here: Office, user: str, roles: list[str], told: dict[str, str]) -> None:
    with pytest.raises(PeopleError, match=f"user {user}: "):
        enter_user(here.desk, user, "Second Example", roles, **told)


def test_the_station_stream_holds_and_is_what_entries_say(here: Office) -> None:
    _try(here, OTHER)
    set_role_ceiling(here.desk, "technician", 800)
    assert verify(here.store, STATION).holds
    assert differences(here.store) == []
