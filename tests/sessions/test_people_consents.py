"""Signed consents: sealed, bound to the exact text, of today by the clinic's calendar, and gone with the client."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sessions.audit import verify
from sessions.people.aftercare import AftercareError, by_hour, read_aftercare
from sessions.people.clients import enter_client, erase_client, identity, load_client
from sessions.people.consents import consent_of_today, is_signature, open_consent, sign_consent, text_sha256
from sessions.people.keys import Erased, PeopleError
from sessions.people.photos import path_of
from sessions.people.register import client_stream, differences
from tests.sessions.office import Office, office

TEXT, NAME = "I agree to fine needles.", "Zwyndalaquist"
DRAWN = (((10, 10), (200, 60), (400, 20)), ((50, 80), (300, 90)))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        enter_client(made.desk, made.keyring, identity(NAME), "c-0001")
        yield made


def sign(here: Office, client: str = "c-0001", version: str = "consent-1", **more: object) -> object:
    told = {"name": NAME, "text": TEXT, "language": "en", "strokes": DRAWN, **more}
    return sign_consent(here.desk, here.keyring, here.home, client, version=version, **told)  # type: ignore[arg-type]


def test_what_was_signed_comes_back_and_lies_sealed(here: Office) -> None:
    sign(here)
    ((utc, body),) = load_client(here.store, here.keyring, "c-0001").consents
    paper = open_consent(here.store, here.keyring, here.home, "c-0001", body)
    assert (paper.name, paper.text, paper.version, paper.utc, paper.strokes) == (NAME, TEXT, "consent-1", utc, DRAWN)
    assert body.text_sha256 == text_sha256(TEXT)
    data = path_of(here.home, body.paper).read_bytes()
    assert NAME.encode() not in data
    assert TEXT.encode() not in data
    assert NAME not in repr(paper)
    assert verify(here.store, client_stream("c-0001")).holds
    assert differences(here.store) == []


def test_a_changed_or_moved_paper_is_not_opened(here: Office) -> None:
    enter_client(here.desk, here.keyring, identity("Other"), "c-0002")
    sign(here)
    ((_, body),) = load_client(here.store, here.keyring, "c-0001").consents
    with pytest.raises(PeopleError, match="cannot be opened"):
        open_consent(here.store, here.keyring, here.home, "c-0002", body)
    with pytest.raises(PeopleError, match="text is not the one"):
        open_consent(here.store, here.keyring, here.home, "c-0001", body.model_copy(update={"text_sha256": text_sha256("x")}))
    path = path_of(here.home, body.paper)
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(data)
    with pytest.raises(PeopleError, match="was changed after it was put on record"):
        open_consent(here.store, here.keyring, here.home, "c-0001", body)


def test_an_erased_clients_papers_are_gone(here: Office) -> None:
    sign(here)
    ((_, body),) = load_client(here.store, here.keyring, "c-0001").consents
    erase_client(here.desk, here.keyring, here.home, "c-0001", "asked_by_client")
    assert not path_of(here.home, body.paper).exists()
    with pytest.raises(Erased):
        open_consent(here.store, here.keyring, here.home, "c-0001", body)
    with pytest.raises(Erased):
        sign(here)
    assert list((here.home / "photos").iterdir()) == []


def test_a_gate_rests_on_todays_signature_under_this_version_only(here: Office) -> None:
    def now() -> int:
        return round(here.now_s * 1e9)

    assert consent_of_today(here.store, "c-0001", "consent-1", now()) == ""
    sign(here)
    assert "event 2" in consent_of_today(here.store, "c-0001", "consent-1", now())
    assert consent_of_today(here.store, "c-0001", "consent-2", now()) == ""
    assert consent_of_today(here.store, "c-0009", "consent-1", now()) == ""
    here.now_s += 86_400
    assert consent_of_today(here.store, "c-0001", "consent-1", now()) == ""
    sign(here)
    assert "event 3" in consent_of_today(here.store, "c-0001", "consent-1", now())


@pytest.mark.parametrize(
    "strokes", [(), ((),), (((5, 5),),), (((5, 5), (20, 20)),), (tuple((n % 900, 0) for n in range(30_000)),)]
)
def test_a_dot_is_no_signature(here: Office, strokes: tuple[tuple[tuple[int, int], ...], ...]) -> None:
    assert not is_signature(strokes)
    with pytest.raises(PeopleError, match="no signature"):
        sign(here, strokes=strokes)
    assert not (here.home / "photos").exists()


def test_nothing_is_left_of_a_consent_that_is_refused(here: Office) -> None:
    for wrong in ({"client": "c-0009"}, {"version": "no version"}, {"language": "English"}):
        with pytest.raises(PeopleError):
            sign(here, **wrong)
    assert not list(here.home.glob("photos/*"))


def test_the_sheet_is_grouped_by_hour_and_leaves_out_what_is_off(tmp_path: Path) -> None:
    rows = read_aftercare()
    assert len(rows) == 18
    groups = by_hour(rows)
    assert [hours for hours, _ in groups] == [24, 48, 72, 168, 336, 720, None]
    told = [code for _, codes in groups for code in codes]
    assert sorted(told) == sorted(row.code for row in rows if row.on)
    assert "AC12" not in told
    assert "AC12" in [code for _, codes in by_hour([replace(row, on=True) for row in rows]) for code in codes]
    table = tmp_path / "aftercare.csv"
    for wrong in ("code,from_h,to_h,default\nAC01,0,x,on\n", "code,from_h,to_h,default\nAC01,48,24,on\n", "code\nAC01\n"):
        table.write_text(wrong)
        with pytest.raises(AftercareError, match=r"aftercare\.csv: row 1 cannot be read"):
            read_aftercare(table)
