"""Sessions that are hard to print: signed, corrected, resumed, interrupted, bare, long, in many zones, full of alarms."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from sessions import events as ev
from sessions.afterwards import Corrected
from sessions.people.bodies import (
    AdverseEvent,
    Advice,
    AftercareTold,
    ConsentSigned,
    FollowUpDone,
    FollowUpsPlanned,
    FollowUpTask,
    PhotoAdded,
    PhotoConsent,
    UserEntered,
)
from sessions.people.register import STATION, Desk, client_stream, record
from sessions.signing.key import StationKey
from sessions.signing.sign import sign_session
from sessions.store import Store
from sessions.store.appending import append
from sessions.store.writing import Writer
from tests.sessions.face import SESSION, START_MONO_NS, START_UTC_NS, Face, face, store_face
from tests.sessions.face_plan import opened

KEY = StationKey(bytes(range(32)))
AFTER_NS = 600_000_000_000
LONG = "The skin reddened along the whole jaw, more on the left; cooled with a wet cloth, client comfortable. " * 60


def after(seconds: float) -> tuple[int, int]:
    """Both clocks so long after the opening."""
    return START_UTC_NS + round(seconds * 1e9), START_MONO_NS + round(seconds * 1e9)


def signed(store: Store) -> None:
    """One valid signature."""
    store_face(store, face(seconds=24.0))
    sign_session(store, KEY, SESSION, "P-01", "performed", *after(300))


def voided(store: Store) -> None:
    """Signed, corrected, signed again by two."""
    signed(store)
    told = Corrected(number=1, field="indication", old='"acne scars, atrophic"', new='"acne scars, rolling"', reason="wrong tile")
    append(store, SESSION, "P-01", [told], *after(400))
    sign_session(store, KEY, SESSION, "P-01", "performed", *after(410))
    sign_session(store, KEY, SESSION, "L-02", "reviewed", *after(900), role="clinic lead", name="The clinic lead")


def alarming(store: Store) -> None:
    """Fifty alarms, each with much to say, and a note longer than a page."""
    told = Face()
    told.say(opened().model_copy(update={"indication": LONG[:300], "note": LONG[:500]}), "P-01")
    for at in range(1, 51):
        told.now_s = at * 1.0
        priority = ("HIGH", "MEDIUM", "LOW")[at % 3]
        told.say(
            ev.AlarmRaised.model_validate(
                {
                    "alarm": f"ALARM_NUMBER_{at:02d}_OF_MANY_WITH_A_LONG_ID",
                    "priority": priority,
                    "occurrence": at,
                    "words": f"Alarm {at}: speed off by more than 10 % while the needles were in the skin",
                    "detail": "5790 of 6500 rpm for 1.0 s, then 6010, then 6340 of 6500 rpm" if at % 2 else "",
                }
            )
        )
        if at % 4:
            told.say(ev.AlarmAcknowledged(alarm=told.events[-1].body["alarm"], occurrence=at), "P-01")
    told.say(ev.Note(code="reaction: pain", zone="F.CHIN", text=LONG), "P-01")
    told.say(ev.SessionClosed(state="CLOSED", reason="treatment finished", zones=[], enforcement=None), "P-01")
    store_face(store, told)


def interrupted(store: Store) -> None:
    """Its control process died."""
    store_face(store, face(seconds=24.0, end=False))
    Writer(store).close_open("", "control process lost", *after(100))


def bare(store: Store) -> None:
    """Opened and nothing else: no zone, no gate, no sample."""
    told = Face()
    cartridge = ev.Cartridge(present=False, id="", needles=0, tip_width_um=0, lot="", expires="", used_ms=0)
    told.say(opened().model_copy(update={"gates": [], "zones": [], "indication": "", "versions": {}, "cartridge": cartridge}))
    store_face(store, told)


def one_zone(store: Store) -> None:
    """A real pen, one zone, resumed from an earlier session."""
    told = Face(simulated=False)
    body = opened(simulated=False, resumed_from="S-20261121-081500-11aa")
    carried = ev.ZoneTotals(
        zone="F.CHIN", passes=2, strokes=6, contact_s=3.1, limit_um=1000, max_depth_um=790, strikes_per_cm2=290.0
    )
    told.say(body.model_copy(update={"zones": body.zones[-1:], "carried": [carried]}), "P-01")
    told.now_s = 9.0
    told.say(ev.PassCounted(zone="F.CHIN", number=3, how="close", strokes=3, contact_ms=1500))
    total = carried.model_copy(update={"passes": 3, "strokes": 9, "contact_s": 4.6})
    told.say(ev.SessionClosed(state="CLOSED", reason="treatment finished", zones=[total], enforcement=None), "P-01")
    store_face(store, told)


def many_zones(store: Store) -> None:
    """Sixty zones, each with passes, and a trip in every third."""
    told = Face()
    body = opened()
    zones = [
        body.zones[at % 8].model_copy(update={"zone": f"Z.{at:02d}", "number": at + 1, "name": f"Zone number {at}, of the back"})
        for at in range(60)
    ]
    told.say(body.model_copy(update={"zones": zones}), "P-01")
    totals = []
    for at, zone in enumerate(zones):
        told.now_s += 5.0
        told.say(ev.PassCounted(zone=zone.zone, number=1, how="tap", strokes=3, contact_ms=2400), "P-01")
        if at % 3 == 0:
            told.say(
                ev.Trip(
                    guard="CONTROL", alarm="DEPTH_OVER_LIMIT", sample_index=at, depth_um=1100, limit_um=zone.limit_um,
                    tolerance_um=50, decided_us=30, stop_on_wire_us=60, motor_off_us=None, needles_home_us=None,
                )
            )  # fmt: skip
        totals.append(
            ev.ZoneTotals(
                zone=zone.zone, passes=1, strokes=3, contact_s=2.4, limit_um=zone.limit_um, max_depth_um=600, strikes_per_cm2=90.5
            )
        )
    told.say(ev.SessionClosed(state="CLOSED", reason="treatment finished", zones=totals, enforcement=None), "P-01")
    store_face(store, replace(told))


def people(store: Store) -> None:
    """The operator is in the register, the client agreed to everything and saw the aftercare sheet, was asked afterwards, and
    reported something twice; in the session the skin was numbed, media applied, and the cartridge changed."""
    before, later = after(-3600), after(86_400)

    def desk(clocks: tuple[int, int], actor: str) -> Desk:
        return Desk(store, actor, lambda: clocks[0], lambda: clocks[1])

    user = UserEntered(
        user="P-01", name="The practitioner", roles=["practitioner"], qualification="Diploma in skin needling",
        registration="REG-4711", registration_expires="2027-06-30", insurance="POL-0815", insurance_expires="2026-10-31",
    )  # fmt: skip
    record(desk(before, "L-02"), STATION, user)
    client = client_stream("C-0001")
    agreed = PhotoConsent(given=True, version="photo-2", text_sha256="ab" * 32, language="de")
    paper = ConsentSigned(
        version="consent-3", language="de", text_sha256="cd" * 32, paper="1" * 32, file_sha256="ef" * 32, file_bytes=900
    )
    for body in (agreed, paper, _photo("2", "before"), _photo("3", "before")):
        record(desk(before, "P-01"), client, body)
    store_face(store, _with_media(face(seconds=24.0, end=False)))
    advice = [Advice(code="AC01", to_h=48, words="Ice pack or cooling aloe mask"), Advice(code="AC18", words="Sun protection")]
    record(desk(after(90), "P-01"), client, AftercareTold(session=SESSION, language="de", advice=advice))
    tasks = [
        FollowUpTask(
            code=f"FU0{number}", due_utc=f"2026-11-2{number}T21:30:00Z", latest_utc=f"2026-11-2{number}T22:30:00Z", words=words
        )
        for number, words in ((1, "Severe reaction check (phone or message)"), (2, "Redness, bleeding, dizziness"))
    ]
    record(desk(after(100), "P-01"), client, FollowUpsPlanned(session=SESSION, tasks=tasks))
    record(
        desk(after(60_000), "L-02"),
        client,
        FollowUpDone(session=SESSION, code="FU01", outcome="not_improving", sealed="c2VhbA=="),
    )
    record(desk(after(60_001), "L-02"), client, _photo("4", "follow_up"))
    report = AdverseEvent(
        report="AR-1", session=SESSION, zone="F.CHIN", effect="AE02", effect_words="Marking, rash", severity="moderate",
        onset_utc="2026-11-22T08:00:00.000000Z", action="observed", status="open",
    )  # fmt: skip
    record(desk(later, "P-01"), client, report)
    record(desk(after(200_000), "L-02"), client, report.model_copy(update={"status": "resolved"}))


def _photo(name: str, taken: Literal["before", "follow_up"]) -> PhotoAdded:
    told = {"session": SESSION, "zone": "F.CHIN", "sealed": "c2VhbGVk", "file_sha256": name * 64, "file_bytes": 4000}
    return PhotoAdded.model_validate({"photo": name * 32, "taken": taken, **told})


def _with_media(told: Face) -> Face:
    """What is said of skin, numbing, media and cartridge in a session; then its end."""
    numb = {"product": "ME08", "name": "Topical anaesthetic", "since_utc": "2026-11-21T08:45:00.000000Z"}
    new = opened().cartridge.model_copy(update={"id": "77aa01c2", "lot": "L2609-C"})
    passes = [(event.body["zone"], event.body["number"]) for event in told.events if event.kind == "pass_counted"]
    bodies: list[ev.Body] = [
        ev.Numbing.model_validate({**numb, "what": "applied", "maximum_min": 60, "amount_g": 2.0, "reason": "put on at home"}),
        ev.Numbing.model_validate({**numb, "what": "taken_off", "on_skin_s": 2820}),
        ev.MediaApplied(medium="ME01", name="Hyaluronic acid", amount_ul=1500, lot="HA 22/7"),
        ev.MediaApplied(medium="ME06"),
        ev.Note(code="end_point.redness", zone="F.CHEEK.R"),
        ev.Note(code="end_point.excess", zone="F.CHIN"),
        ev.Note(code="reaction.faint", zone="F.CHIN"),
        ev.Note(code="response_redness"),
        *(ev.PassNoted.model_validate({"zone": zone, "number": at, "direction_deg": 45 * (at % 4)}) for zone, at in passes),
    ]
    for body in bodies:
        told.say(body, "P-01")
    told.say(ev.CartridgeChanged(old=opened().cartridge, new=new), "pen")
    told.say(ev.SessionClosed(state="CLOSED", reason="treatment finished", zones=[], enforcement=None), "P-01")
    return told


def pinned(store: Store) -> None:
    """Scars with pins on two drawings, one of them treated; the cartridge changed in between; gates as control names them."""
    told = Face()
    body = opened()
    agreed = ev.GateState(gate="Consent", status="GREEN", detail="consent-3 signed today")
    gates = [agreed if gate.gate == "consent" else gate for gate in body.gates]
    cheek = body.zones[5]
    pins = [
        cheek.model_copy(
            update={
                "zone": f"{cheek.zone}#{number}", "number": 127 + number,
                "name": f"{cheek.name}, pin {number}", "limit_um": limit_um,
                "area_cm2": 1.0, "passes": 2, "pin": ev.PinPlace(zone=cheek.zone, drawing=drawing, x=x, y=290),
            }
        )
        for number, limit_um, drawing, x in ((1, 700, "face_front", 110), (2, 650, "face_side_mirrored", 200))
    ]  # fmt: skip
    told.say(body.model_copy(update={"zones": [*body.zones, *pins], "gates": gates, "indication": "IN02"}), "P-01")
    told.now_s = 5.0
    told.say(ev.ZoneSelected(zone=pins[0].zone, limit_um=700, old_zone=cheek.zone, old_limit_um=1250), "P-01")
    told.say(ev.PassCounted(zone=pins[0].zone, number=1, how="tap", strokes=3, contact_ms=2400), "P-01")
    told.say(
        ev.CartridgeChanged(old=body.cartridge, new=body.cartridge.model_copy(update={"id": "77aa", "lot": "L2609-C"})), "pen"
    )
    told.say(
        ev.Numbing(what="applied", product="ME08", since_utc="", maximum_min=60, amount_g=2.0, reason="put on at home"), "P-01"
    )
    total = ev.ZoneTotals(
        zone=pins[0].zone, passes=1, strokes=3, contact_s=2.4, limit_um=700, max_depth_um=690, strikes_per_cm2=900.0
    )
    told.say(ev.SessionClosed(state="CLOSED", reason="treatment finished", zones=[total], enforcement=None), "P-01")
    store_face(store, told)


CASES: dict[str, Callable[[Store], None]] = {
    case.__name__: case for case in (signed, voided, alarming, interrupted, bare, one_zone, many_zones, people, pinned)
}
