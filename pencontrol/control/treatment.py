"""One open session: its frozen plan, the zone that holds, what was asked, and what each zone has received. Pure."""

from collections.abc import Iterable

from pencontrol.control.snapshot import ZoneView
from pencontrol.limits import grant, whole_of, zone_limit_um
from pencontrol.passes import ContactDetector, Pace, PassCounter, StrokeSeen
from sessions.dose import strikes_per_cm2
from sessions.events import GateState, SessionOpened, ZoneLimit, ZoneTotals


class Treatment:
    """What a session knows. Changes only by the calls below; never talks to the pen or the record."""

    def __init__(self, id: str, opened: SessionOpened, opened_utc: str, opened_ns: int) -> None:
        """`opened` is the event that froze the plan."""
        self.id = id
        self.opened = opened
        self.opened_utc = opened_utc
        self.opened_ns = opened_ns
        self.role = opened.role
        self.cartridge = opened.cartridge  # the one in the pen now
        self.gates: tuple[GateState, ...] = tuple(opened.gates)  # as they stand now
        self.limits: dict[str, ZoneLimit] = {limit.zone: limit for limit in opened.zones}
        self.plan_entries: tuple[tuple[int, int], ...] = tuple(
            (limit.number, self.limit_in(limit.zone)) for limit in opened.zones
        )
        self.zone = ""
        self.limit_um = 0  # the limit that now holds; 0 without a zone
        self.asked_depth_um = 0
        self.asked_speed_rpm = 0
        self.cuts: tuple[str, ...] = ()
        self.samples = 0
        self.lost = 0
        self.dropped = 0
        self.contact = ContactDetector()
        self._live_ms = 0  # of the stroke in progress, as far as it was seen
        self._live_strikes = 0.0
        carried = {totals.zone: totals for totals in opened.carried}
        self._counters: dict[str, PassCounter] = {}
        pace = Pace()
        self._dose: dict[str, float] = {}
        self._carried_depth_um: dict[str, int] = {}
        for limit in opened.zones:
            old = carried.get(limit.zone)
            self._counters[limit.zone] = PassCounter(
                limit.area_cm2,
                opened.cartridge.tip_width_um,
                passes=old.passes if old else 0,
                strokes=old.strokes if old else 0,
                contact_ms=round(old.contact_s * 1000) if old else 0,
                pace=pace,
            )
            self._dose[limit.zone] = old.strikes_per_cm2 if old else 0.0
            self._carried_depth_um[limit.zone] = old.max_depth_um if old else 0

    @property
    def counter(self) -> PassCounter:
        """The present zone's counter. Only with a zone chosen."""
        return self._counters[self.zone]

    @property
    def strikes_per_cm2(self) -> float:
        """What the present zone has received, carried counts included. Only with a zone chosen."""
        return self._dose[self.zone]

    def limit_in(self, zone: str) -> int:
        """The deepest allowed in this zone or pin of the plan."""
        limit = self.limits[zone]
        return zone_limit_um(limit, self.role, whole_of(limit, self.limits))[0]

    def enter(self, zone: str) -> None:
        """`zone` now holds. One tap never deepens: depth becomes the lesser of what stands and the zone's own default."""
        limit = self.limits[zone]
        depth_um = min(self.asked_depth_um or limit.default_um, limit.default_um)
        speed_rpm = self.asked_speed_rpm or limit.speed_rpm
        self.zone = zone
        self.limit_um = self.limit_in(zone)
        self.ask(depth_um, speed_rpm)

    def target_in(self, zone: str) -> int:
        """The depth that `enter(zone)` would give."""
        limit = self.limits[zone]
        return min(self.asked_depth_um or limit.default_um, limit.default_um)

    def ask(self, depth_um: int, speed_rpm: int) -> None:
        """Keep what may stand of a request in the present zone, and why less."""
        limit = self.limits[self.zone]
        granted = grant(depth_um, speed_rpm, limit, self.role, whole_of(limit, self.limits))
        self.asked_depth_um, self.asked_speed_rpm, self.cuts = granted

    def feed(self, index: int, depth_um: int, current_ma: int, speed_rpm: int, accepted_rpm: int) -> StrokeSeen | None:
        """One sample of a run, at the speed the pen has accepted: contact and dose; returns a stroke that ended."""
        stroke = self.contact.feed(index, depth_um, current_ma, speed_rpm, accepted_rpm)
        if self.contact.contact:
            self._live_ms += 1
            self._live_strikes += self._strikes(speed_rpm, 1)
        elif stroke is None:
            self._live_ms, self._live_strikes = 0, 0.0
        return self._take(stroke, speed_rpm)

    def end_stroke(self) -> StrokeSeen | None:
        """The run or the zone ended: so does the stroke in progress."""
        stroke = self._take(self.contact.close(), self.asked_speed_rpm)
        self._live_ms, self._live_strikes = 0, 0.0
        return stroke

    def views(self) -> tuple[ZoneView, ...]:
        """Every zone of the plan for the screen, in the plan's order."""
        return tuple(self._view(limit) for limit in self.opened.zones)

    def totals(self) -> list[ZoneTotals]:
        """Every zone that received anything, for the record."""
        return list(self._totals())

    def _totals(self) -> Iterable[ZoneTotals]:
        for view in self.views():
            if view.strokes or view.passes:
                yield ZoneTotals(
                    zone=view.zone,
                    passes=view.passes,
                    strokes=view.strokes,
                    contact_s=view.contact_s,
                    limit_um=view.limit_um,
                    max_depth_um=view.max_depth_um,
                    strikes_per_cm2=view.strikes_per_cm2,
                )

    def _take(self, stroke: StrokeSeen | None, speed_rpm: int) -> StrokeSeen | None:
        """A stroke that ended counts with its own length, which is known better than while it lasted."""
        if stroke is not None:
            self.counter.add(stroke)
            each = self._live_strikes / self._live_ms if self._live_ms else self._strikes(speed_rpm, 1)
            self._dose[self.zone] += each * stroke.contact_ms
            self._live_ms, self._live_strikes = 0, 0.0
        return stroke

    def _strikes(self, speed_rpm: int, contact_ms: int) -> float:
        return strikes_per_cm2(self.cartridge.needles, speed_rpm, contact_ms / 1000, self.limits[self.zone].area_cm2)

    def _view(self, limit: ZoneLimit) -> ZoneView:
        counter = self._counters[limit.zone]
        return ZoneView(
            zone=limit.zone,
            number=limit.number,
            name=limit.name,
            mode=limit.mode,
            default_um=limit.default_um,
            limit_um=self.limit_in(limit.zone),
            speed_rpm=limit.speed_rpm,
            planned=limit.passes,
            floor_note=limit.floor_note,
            pin=limit.pin,
            passes=counter.passes,
            strokes=counter.strokes,
            contact_s=round(counter.contact_ms / 1000, 3),
            strikes_per_cm2=round(self._dose[limit.zone] + (self._live_strikes if limit.zone == self.zone else 0.0), 1),
            max_depth_um=max(counter.max_depth_um, self._carried_depth_um[limit.zone]),
        )
