"""Cartridges, lots, certificates, templates, follow-ups and adverse events."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sessions.people import bodies as b
from sessions.people.aftercare import read_aftercare, tell_aftercare
from sessions.people.clients import enter_client, erase_client, identity, report_adverse
from sessions.people.effects import effect_words
from sessions.people.follow_up import Step, do_follow_up, due_follow_ups, plan_follow_ups, read_steps, tasks_after
from sessions.people.keys import PeopleError
from sessions.people.register import differences, history
from sessions.people.things import cartridge_uses, lots_in_date, newest_certificate, open_adverse_events, put, templates
from sessions.people.users import enter_user
from tests.sessions.face import SESSION, face, store_face
from tests.sessions.office import Office, office

ENDED = "2026-11-21T10:00:00.000000Z"
DIGEST = "5" * 64


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as found:
        enter_client(found.desk, found.keyring, identity("Onename Quillword"))
        yield found


def _due(here: Office, utc: str) -> list[tuple[str, bool]]:
    return [(due.code, due.late) for due in due_follow_ups(here.store, utc)]


def test_the_shipped_times_are_those_of_the_clinic() -> None:
    hours = [(step.code, step.due_h, step.latest_h) for step in read_steps()]
    assert [due for _, due, _ in hours] == [12, 24, 48, 7 * 24, 14 * 24, 21 * 24, 42 * 24]
    assert hours[-1] == ("FU07", 42 * 24, 56 * 24)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("code,due_h\nFU01,12\n", "row 1"),
        ("code,due_h,latest_h,task\nFU01,12,12,a\nFU02,x,2,b\n", "row 2"),
        ("code,due_h,latest_h,task\nFU01,12,11,a\n", "FU01: due_h must be at most"),
    ],
)
def test_a_table_that_does_not_fit_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "own.csv").write_text(text)
    with pytest.raises(PeopleError, match=f"own.csv: .*{words}"):
        read_steps(tmp_path / "own.csv")


def test_follow_ups_come_due_are_done_and_are_late(here: Office) -> None:
    steps = read_steps()
    assert plan_follow_ups(here.desk, "c-0001", SESSION, ENDED, steps)
    assert not plan_follow_ups(here.desk, "c-0001", SESSION, ENDED, steps), "once is enough"
    assert _due(here, "2026-11-21T21:59:59.999999Z") == []
    assert _due(here, "2026-11-21T22:00:00.000000Z") == [("FU01", False)]
    assert _due(here, "2026-11-22T10:00:00.000000Z") == [("FU01", True), ("FU02", False)]
    do_follow_up(here.desk, here.keyring, SESSION, "FU01", "not_reached")
    assert [(due.code, due.outcome) for due in due_follow_ups(here.store, "2026-11-21T23")] == [("FU01", "not_reached")]
    do_follow_up(here.desk, here.keyring, SESSION, "FU01", "well", "slept well")
    assert _due(here, "2027-01-10T00:00:00.000000Z") == [
        ("FU02", True),
        ("FU03", True),
        ("FU04", True),
        ("FU05", True),
        ("FU06", True),
        ("FU07", False),
    ]
    with pytest.raises(PeopleError, match="'fine'; allowed are well"):
        do_follow_up(here.desk, here.keyring, SESSION, "FU02", "fine")
    with pytest.raises(PeopleError, match="no follow-up 'FU09'"):
        do_follow_up(here.desk, here.keyring, SESSION, "FU09", "well")
    with pytest.raises(PeopleError, match="no client 'c-9'"):
        plan_follow_ups(here.desk, "c-9", SESSION, ENDED, steps)
    assert differences(here.store) == []


def test_nobody_is_asked_to_reach_an_erased_client(here: Office) -> None:
    other = enter_client(here.desk, here.keyring, identity("Another Otherword"))
    for client, session in (("c-0001", "S-1"), (other, "S-2")):
        plan_follow_ups(here.desk, client, session, ENDED, [Step("FU01", 12, 12, "")])
    erase_client(here.desk, here.keyring, here.home, "c-0001", "asked_by_client")
    assert [due.client for due in due_follow_ups(here.store, "2027")] == [other]


def test_hours_are_hours_also_when_the_clocks_change() -> None:
    (task,) = tasks_after("2026-10-24T22:00:00.000000Z", [Step("FU02", 24, 48, "")])
    assert (task.due_utc, task.latest_utc) == ("2026-10-25T22:00:00.000000Z", "2026-10-26T22:00:00.000000Z")


def test_a_cartridge_is_known_by_every_session_it_was_in(here: Office) -> None:
    assert cartridge_uses(here.store, "9f27c4d1") == []
    store_face(here.store, face(seconds=24.0))
    put(here.desk, b.CartridgeSeen, cartridge="9f27c4d1", lot="L2609-B", expires="2028-03-31", needles=12, tip_width_um=11000)
    assert [(use.session, use.client, use.how) for use in cartridge_uses(here.store, "9f27c4d1")] == [
        (SESSION, "C-0001", "opened")
    ]
    here.now_s += 3600
    put(here.desk, b.CartridgeUsed, cartridge="9f27c4d1", session="S-2", client="c-0001", how="replacement")
    put(here.desk, b.CartridgeUsed, cartridge="0b00", how="discarded", reason="fell on the floor")
    assert [(use.session, use.client, use.how) for use in cartridge_uses(here.store, "0b00")] == [("", "", "discarded")]
    assert [use.client for use in cartridge_uses(here.store, "9f27c4d1")] == ["C-0001", "c-0001"]
    put(here.desk, b.CartridgeSeen, cartridge="9f27c4d1", lot="L2609-B", expires="2028-03-31", needles=12, tip_width_um=11000)
    assert len(cartridge_uses(here.store, "9f27c4d1")) == 2, "seen again it is still used"
    assert cartridge_uses(here.store, "00000000") == []


def test_the_aftercare_sheet_is_on_record_once_as_it_was_shown(here: Office) -> None:
    assert tell_aftercare(here.desk, "c-0001", "S-1", "de")
    assert tell_aftercare(here.desk, "c-0001", "S-1", "fr"), "it is there"
    assert not tell_aftercare(here.desk, "c-0404", "S-1", "de"), "nobody is on record"
    told = [body for event, body in history(here.store, "client", "c-0001") if isinstance(body, b.AftercareTold)]
    assert [(body.session, body.language) for body in told] == [("S-1", "de")]
    rows = [row for row in read_aftercare() if row.on]
    assert [(each.code, each.to_h, each.words) for each in told[0].advice] == [(row.code, row.to_h, row.words) for row in rows]
    assert all(each.words for each in told[0].advice)
    erase_client(here.desk, here.keyring, here.home, "c-0001", "asked_by_client")
    assert not tell_aftercare(here.desk, "c-0001", "S-2", "de")


def test_what_tables_said_is_on_record_in_their_words(here: Office) -> None:
    assert effect_words("AE03") == "Dryness, flaking"
    assert (effect_words("AE99"), effect_words("AE03", here.home / "none.csv")) == ("", "")
    steps = {step.code: step.task for step in read_steps()}
    assert {task.code: task.words for task in tasks_after(ENDED, read_steps())} == steps


def test_lots_are_in_date_to_their_last_day_unless_withdrawn(here: Office) -> None:
    put(here.desk, b.MediaLot, lot="HA-1", medium="ME01", expires="2026-12-31")
    put(here.desk, b.MediaLot, lot="LOT 12/345", medium="ME01", expires="2026-12-31", withdrawn=True)
    put(here.desk, b.MediaLot, lot="HA-2", medium="ME01", expires="2027-06-30")
    assert [lot.code for lot in lots_in_date(here.store, "2026-12-31")] == ["HA-1", "HA-2"]
    assert [lot.code for lot in lots_in_date(here.store, "2027-01-01")] == ["HA-2"]
    put(here.desk, b.MediaLot, lot="HA-2", medium="ME01", expires="2027-06-30", withdrawn=True, reason="recall")
    assert lots_in_date(here.store, "2027-01-01") == []
    with pytest.raises(PeopleError, match=r"expires is '31\.12\.2026'"):
        put(here.desk, b.MediaLot, lot="HA-3", medium="ME01", expires="31.12.2026")


def test_the_newest_certificate_of_a_pen_counts_whatever_it_decided(here: Office) -> None:
    for name, issued, decision in (("CAL-1", "2026-01-10", "PASS"), ("CAL-2", "2026-07-01", "FAIL")):
        told = {
            "certificate": name,
            "pen": "PEN-1",
            "decision": decision,
            "as_found": "PASS",
            "issued": issued,
            "due": "2027-01-01",
        }
        put(here.desk, b.CertificateIssued, **told, content_sha256=DIGEST)
    assert newest_certificate(here.store, "PEN-2") is None
    newest = newest_certificate(here.store, "PEN-1")
    assert newest is not None
    assert (newest.code, newest.state["decision"]) == ("CAL-2", "FAIL")
    put(here.desk, b.CertificateWithdrawn, certificate="CAL-2", reason="gauge out of date")
    newest = newest_certificate(here.store, "PEN-1")
    assert newest is not None
    assert newest.code == "CAL-1"
    assert [event.kind for event, _ in history(here.store, "certificate", "CAL-2")] == [
        "certificate_issued",
        "certificate_withdrawn",
    ]


def test_a_template_is_kept_in_versions(here: Office) -> None:
    put(here.desk, b.TemplateSaved, template="full-face", name="Full face", plan={"zones": ["F.CHIN"]})
    put(here.desk, b.TemplateSaved, template="full-face", name="Full face", plan={"zones": ["F.CHIN", "F.UPLIP"]})
    (found,) = templates(here.store)
    assert (found.state["version"], len(found.state["plan"]["zones"])) == (2, 2)
    assert len(history(here.store, "template", "full-face")) == 2
    put(here.desk, b.TemplateSaved, template="full-face", name="Full face", plan={}, withdrawn=True)
    assert templates(here.store) == []
    assert differences(here.store) == []


def test_an_adverse_event_is_open_until_it_is_told_otherwise(here: Office) -> None:
    for status in ("open", "resolved"):
        told = {"report": "1", "session": SESSION, "effect": "AE01", "severity": "mild", "action": "observed", "status": status}
        report_adverse(
            here.desk,
            here.keyring,
            "c-0001",
            lambda sealed, told=told: b.AdverseEvent.model_validate({**told, "onset_utc": ENDED, "sealed": sealed}),  # type: ignore[misc]
            "swollen",
        )
        assert [found.code for found in open_adverse_events(here.store)] == (["c-0001|1"] if status == "open" else [])


def test_things_are_mentioned_under_their_own_name_only(here: Office) -> None:
    enter_user(here.desk, "x-1", "User Example", ["technician"])
    put(here.desk, b.MediaLot, lot="x-1", medium="ME01", expires="2026-12-31")
    assert [event.kind for event, _ in history(here.store, "user", "x-1")] == ["user_entered"]
    assert [event.kind for event, _ in history(here.store, "lot", "x-1")] == ["media_lot"]
