"""Sessions that are hard to print: signed, corrected, resumed, interrupted, bare, long, in many zones, full of alarms."""

from collections.abc import Callable
from dataclasses import replace

from sessions import events as ev
from sessions.afterwards import Corrected
from sessions.people.bodies import AdverseEvent, PhotoConsent, UserEntered
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
    """The operator is in the register, the client agreed to photographs, and reported something twice afterwards."""
    before, later = after(-86_400), after(86_400)

    def desk(clocks: tuple[int, int], actor: str) -> Desk:
        return Desk(store, actor, lambda: clocks[0], lambda: clocks[1])

    user = UserEntered(
        user="P-01", name="The practitioner", roles=["practitioner"], qualification="Diploma in skin needling",
        registration="REG-4711", registration_expires="2027-06-30", insurance="POL-0815", insurance_expires="2026-10-31",
    )  # fmt: skip
    record(desk(before, "L-02"), STATION, user)
    agreed = PhotoConsent(given=True, version="photo-2", text_sha256="ab" * 32)
    record(desk(before, "P-01"), client_stream("C-0001"), agreed)
    store_face(store, face(seconds=24.0))
    report = AdverseEvent(
        report="AR-1", session=SESSION, zone="F.CHIN", effect="AE02", severity="moderate",
        onset_utc="2026-11-22T08:00:00.000000Z", action="observed", status="open",
    )  # fmt: skip
    record(desk(later, "P-01"), client_stream("C-0001"), report)
    record(desk(after(200_000), "L-02"), client_stream("C-0001"), report.model_copy(update={"status": "resolved"}))


def pinned(store: Store) -> None:
    """Scars with pins on two drawings, one of them treated; the cartridge changed in between."""
    told = Face()
    body = opened()
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
    told.say(body.model_copy(update={"zones": [*body.zones, *pins]}), "P-01")
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
