"""Signatures over a session: what they cover, what voids or breaks them, whose key they are, and that OpenSSL agrees."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from sessions.afterwards import Corrected, Signed
from sessions.audit import verify
from sessions.events import Event, Note, canonical, make_event
from sessions.reading import load_events
from sessions.signing import Standing, standings
from sessions.signing.key import PUBLIC_NAME, SECRET_NAME, StationKey, own_key_id, read_key_id, station_key
from sessions.signing.sign import sign_session
from sessions.signing.statement import statement_of
from sessions.store import Store, WriteRefused, open_store
from sessions.store.appending import append
from sessions.store.rows import Block
from sessions.store.writing import Writer
from tests.sessions.face import SESSION, START_MONO_NS, START_UTC_NS, Face, face, store_face

KEY = StationKey(bytes(range(32)))
LATER = (START_UTC_NS + 10**12, START_MONO_NS + 10**12)


@pytest.fixture(scope="module")
def told() -> Face:
    return face(seconds=16.0)


@pytest.fixture
def store(tmp_path: Path, told: Face) -> Store:
    opened = open_store(tmp_path)
    store_face(opened, told)
    return opened


def _standings(store: Store, trusted: set[str] | None = None) -> list[Standing]:
    return verify(store, SESSION, trusted).signatures


def test_a_signature_covers_all_before_it(store: Store, told: Face) -> None:
    before = verify(store, SESSION)
    event = sign_session(store, KEY, SESSION, "P-01", "performed", *LATER, name="A. Name")
    signed = Signed.model_validate(event.body)
    assert (signed.covers, event.number) == (len(told.events), len(told.events) + 1)
    assert (signed.events_head, signed.trace_head, signed.wires_head) == (
        before.events_head,
        before.trace_head,
        before.wires_head,
    )
    assert (signed.person, signed.role, signed.name, signed.utc) == ("P-01", "practitioner", "A. Name", event.utc)
    (standing,) = _standings(store, {KEY.key_id})
    assert (standing.words, standing.why, standing.number) == ("VALID", "", event.number)
    assert verify(store, SESSION, {KEY.key_id}).holds


def test_a_second_signature_voids_none_and_a_correction_voids_both_visibly(store: Store) -> None:
    sign_session(store, KEY, SESSION, "P-01", "performed", *LATER)
    sign_session(store, KEY, SESSION, "op-2", "reviewed", *LATER, role="lead")
    assert [each.words for each in _standings(store)] == ["VALID", "VALID"]
    correction = Corrected(number=3, field="zone", old='"F.CHIN"', new='"F.NOSE"', reason="wrong tile")
    (corrected,) = append(store, SESSION, "P-01", [correction], *LATER)
    sign_session(store, KEY, SESSION, "op-3", "approved", *LATER, role="lead")
    void = f"VOIDED BY event {corrected.number}"
    assert [each.words for each in _standings(store)] == [void, void, "VALID"]
    assert verify(store, SESSION).holds, "voided by the record itself, which is right"


def test_a_key_that_is_not_trusted_is_told(store: Store) -> None:
    sign_session(store, KEY, SESSION, "P-01", "performed", *LATER)
    other = StationKey(bytes(32)).key_id
    assert [each.words for each in _standings(store, {other})] == ["UNKNOWN KEY"]
    assert KEY.key_id in verify(store, SESSION, {other}).problems[0]
    assert [each.words for each in _standings(store, {other, KEY.key_id})] == ["VALID"]


def test_standings_need_no_store(told: Face, store: Store) -> None:
    sign_session(store, KEY, SESSION, "P-01", "performed", *LATER)
    events = load_events(store, SESSION)
    head = verify(store, SESSION).trace_head
    assert [each.words for each in standings(events, {head}, set())] == ["VALID"]
    assert [each.why for each in standings(events, set(), set())] == ["the trace is not the one that was signed"]
    assert [each.words for each in standings(events[1:], {head}, set())] == ["BROKEN"]


def test_what_is_not_ended_not_there_or_has_no_role_is_not_signed(tmp_path: Path, store: Store) -> None:
    with pytest.raises(WriteRefused, match="no session of that id"):
        sign_session(store, KEY, "S-none", "P-01", "performed", *LATER, role="x")
    with pytest.raises(WriteRefused, match="P-09 did not open this session"):
        sign_session(store, KEY, SESSION, "P-09", "performed", *LATER)
    with open_store(tmp_path / "open") as other:
        store_face(other, face(seconds=16.0, end=False))
        with pytest.raises(WriteRefused, match="still open"):
            sign_session(other, KEY, SESSION, "P-01", "performed", *LATER)
        assert verify(other, SESSION).signatures == []


def test_only_signatures_and_corrections_come_after_the_end(store: Store, told: Face) -> None:
    with pytest.raises(WriteRefused, match="'note' cannot be added to a session; allowed are corrected, signed"):
        append(store, SESSION, "P-01", [Note(code="x")], *LATER)
    with pytest.raises(WriteRefused, match="control's own journal"):
        append(store, "J-7", "P-01", [Note(code="x")], *LATER)
    assert verify(store, SESSION).events == len(told.events)


def test_late_words_of_control_come_after_a_signature_and_void_it(store: Store, told: Face) -> None:
    """The recorder ended the session; a person signed; then control came back with its own last words."""
    with open_store(store.engine.url.render_as_string().replace("records", "other")) as late:
        writer = Writer(late)
        writer.write([*told.events[:-2], *told.blocks[:-1]])
        writer.close_open("", "control process lost", *LATER)
        signed = sign_session(late, KEY, SESSION, "P-01", "performed", *LATER)
        items: list[Event | Block] = [*told.events[-3:], told.blocks[-1]]
        with pytest.raises(WriteRefused):
            writer.write(items)  # its heads are from before the signature: the whole group is refused, and control sends again
        for again in (writer, Writer(late)):
            assert all(outcome.on_record for outcome in again.write(items))
        verdict = verify(late, SESSION)
    assert verdict.holds, verdict.problems
    assert verdict.events == len(told.events) + 2
    assert [each.words for each in verdict.signatures] == [f"VOIDED BY event {signed.number + 1}"]


def test_trace_that_came_after_a_signature_does_not_break_it(store: Store, told: Face) -> None:
    sign_session(store, KEY, SESSION, "P-01", "performed", *LATER)
    last = told.blocks[-1]
    more = Block(last.stream, last.block + 1, last.first_index, last.lost, last.layout, last.records)
    assert Writer(store).write([more])[0].on_record
    assert [each.words for each in _standings(store)] == ["VALID"]


def test_the_key_is_made_once_and_is_never_shown(tmp_path: Path) -> None:
    assert own_key_id(tmp_path) == ""
    key = station_key(tmp_path)
    assert station_key(tmp_path).key_id == key.key_id == own_key_id(tmp_path)
    assert read_key_id(str(tmp_path / PUBLIC_NAME)) == key.key_id == read_key_id(key.key_id.upper())
    secret = (tmp_path / SECRET_NAME).read_bytes()
    assert secret.hex() not in repr(vars(key)) + repr(key)
    assert base64.b64encode(secret).decode() not in repr(key)


def test_openssl_agrees(tmp_path: Path, store: Store) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: nobody else checks the signature")
    event = sign_session(store, KEY, SESSION, "P-01", "performed", *LATER, name="Ä. Name")
    signed = Signed.model_validate(event.body)
    statement = statement_of(SESSION, signed)
    by_hand = {key: value for key, value in event.body.items() if key != "signature"}
    assert statement == canonical({**by_hand, "format": "pencontrol.signature/1", "stream": SESSION})
    (tmp_path / "key.der").write_bytes(bytes.fromhex("302a300506032b6570032100") + base64.b64decode(signed.public_key))
    (tmp_path / "statement").write_bytes(statement)
    (tmp_path / "signature").write_bytes(base64.b64decode(signed.signature))
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.der", "-keyform", "DER"]
    command += ["-rawin", "-in", "statement", "-sigfile", "signature"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "statement").write_bytes(statement.replace(b"performed", b"reviewed!"))
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_an_event_that_is_no_signature_breaks_nothing_else(told: Face) -> None:
    odd = make_event(SESSION, 1, *LATER, "P-01", Note(code="x")).model_copy(update={"kind": "signed"})
    (standing,) = standings([_Linked(odd)], set(), set())
    assert (standing.words, standing.why) == ("BROKEN", "it is no signature")
    assert json.dumps(vars(standing))


class _Linked:
    def __init__(self, event: Event) -> None:
        self.event, self.prev_hash = event, "0" * 64
