#!/usr/bin/env python3
"""A million random requests, zones, plans and samples: no motion above any limit or outside the device's range.

Half the values lie at the edges of a rule, NaN and infinities among them. The rules are written down here a second time.
"""

import math
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from firmware_protocol import messages as m
from firmware_protocol.messages import Telemetry
from pencontrol.control.supervisor import Supervisor
from pencontrol.limits import Calibration, Decision, FrozenPlan, JudgedSample, Request, decide
from sessions.events import ZoneLimit

SEED = 20_261
REQUESTS = 1_000_000
SAMPLES = 1_000_000
NOW_NS = 10_000_000_000
ROLES = {"practitioner": 1500, "therapist": 1000, "nobody": 0, "": 0}
EDGES_UM = (0, 499, 500, 501, 750, 999, 1000, 1001, 1499, 1500, 1501, 65_535, -1, 2**40)
EDGES_RPM = (0, 5999, 6000, 6001, 7999, 8000, 8001, 65_535, -1, 2**40)
STRANGE = (math.nan, math.inf, -math.inf, 1500.0000001, 499.9999999)
AGES_NS = (0, -1, 1_000_000, 149_999_999, 150_000_000, 150_000_001, 10**12)
GOOD = m.FLAG_CARTRIDGE | m.FLAG_DEPTH_VALID | m.FLAG_SPEED_VALID | m.FLAG_MOTOR_POWERED


def value(dice: random.Random, edges: tuple[int, ...], most: int) -> float:
    """A number from everywhere, often from an edge, sometimes none at all."""
    kind = dice.random()
    if kind < 0.02:
        return dice.choice(STRANGE)
    return dice.choice(edges) if kind < 0.5 else dice.randint(-100, most)


def zone_of(dice: random.Random) -> ZoneLimit:
    """A zone as no plan check would let it through, too: `decide` trusts nobody."""
    return ZoneLimit(
        zone="Z",
        number=14,
        name="Zone",
        mode=dice.choice(("treat", "treat", "caution")),
        default_um=750,
        limit_um=int(abs(dice.choice(EDGES_UM[:-1]))) if dice.random() < 0.5 else dice.randint(0, 2000),
        speed_rpm=7000,
        passes=2,
        area_cm2=40.0,
        soft_cap_um=dice.choice((500, 750, 1000, 1500, 3000)),
        hard_cap_um=dice.choice((0, 499, 500, 1000, 1500, 3000)),
        reason=dice.choice(("", "scar")),
        acknowledged=dice.random() < 0.5,
    )


def ceiling_um(zone: ZoneLimit, role: str) -> int:
    """The deepest allowed, by the rules as clinic.md has them; 0: nothing is."""
    least = min(zone.limit_um, zone.hard_cap_um, ROLES[role], 1500, *(() if zone.reason else (zone.soft_cap_um,)))
    return least if least >= 500 else 0


def broken(decision: Decision, zone: ZoneLimit, role: str, may: bool) -> str:
    """What is wrong with a decision; "" for nothing. `may`: nothing forbids motion as such."""
    drive = decision.drive
    if drive is None:
        return "" if decision.reasons and not (may and ceiling_um(zone, role)) else "motion that is allowed was refused"
    if not may:
        return "motion without authority"
    most_um = ceiling_um(zone, role)
    if not (500 <= drive.depth_um <= drive.depth_limit_um <= most_um):
        return f"depth {drive.depth_um}, limit {drive.depth_limit_um}, allowed {most_um}"
    return "" if 6000 <= drive.speed_rpm <= 8000 else f"speed {drive.speed_rpm}"


def sweep_requests(dice: random.Random) -> tuple[int, int]:
    """Decisions that granted motion, and that refused it. Raises SystemExit at the first wrong one."""
    zones = [zone_of(dice) for _ in range(5000)]
    granted = 0
    for number in range(REQUESTS):
        zone, role = dice.choice(zones), dice.choice(("practitioner", "practitioner", "therapist", "nobody", ""))
        chosen = "Z" if dice.random() < 0.95 else dice.choice(("", "other"))
        crc = 99 if dice.random() < 0.95 else dice.choice((98, None))
        calibration = dice.choice(tuple(Calibration)) if dice.random() < 0.1 else Calibration.PASS
        alarms = frozenset(("LINK_LOST",)) if dice.random() < 0.03 else frozenset()
        age_ns = dice.choice(AGES_NS) if dice.random() < 0.2 else 1_000_000
        sample = JudgedSample(number & 0xFFFFFFFF, NOW_NS - age_ns) if dice.random() < 0.98 else None
        asked = Request(value(dice, EDGES_UM, 70_000), value(dice, EDGES_RPM, 70_000), 1)  # type: ignore[arg-type]
        request = asked if dice.random() < 0.98 else None
        plan = FrozenPlan({"Z": zone}, 99, crc) if dice.random() < 0.98 else None
        decision = decide(request, chosen, plan, calibration, role, alarms, sample, NOW_NS)
        may = (
            request is not None
            and plan is not None
            and crc == 99
            and chosen == "Z"
            and calibration in (Calibration.PASS, Calibration.NOT_RECORDED)
            and not alarms
            and sample is not None
            and 0 <= age_ns <= 150_000_000
            and (zone.mode == "treat" or zone.acknowledged)
        )
        wrong = broken(decision, zone, role, may)
        if wrong:
            raise SystemExit(f"request {number}: {wrong}: {asked}, {zone}, {role!r}: BROKEN")
        granted += decision.drive is not None
    return granted, REQUESTS - granted


def sweep_samples(dice: random.Random) -> tuple[int, int]:
    """Samples found wrong, and in order. Raises SystemExit at the first over the limit or unreadable one that passed."""
    found = 0
    supervisor, now_ns, limit_um = Supervisor(0, 750, 7000), 0, 1000
    for number in range(SAMPLES):
        if number % 1000 == 0:
            supervisor, now_ns, limit_um = Supervisor(0, 750, 7000), 0, dice.choice((700, 900, 1000, 1500))
        now_ns += dice.choice((1_000_000, 1_000_000, 30_000_000))
        calm = dice.random() < 0.9
        depth_um = 750 if calm else dice.choice((limit_um + 100, limit_um + 101, 0, 3000, 3001, 65_535, dice.randrange(65_536)))
        flags = GOOD if calm or dice.random() < 0.7 else dice.randrange(256)
        sample = Telemetry(number, 0, depth_um, dice.choice((7000, 7010, 6900)), 200, 1, 0, m.STATE_RUNNING, 0, 0, flags)
        findings = supervisor.judge(sample, now_ns, limit_um)
        readable = flags & m.FLAG_DEPTH_VALID and depth_um <= 3000
        if not (readable and flags & m.FLAG_CARTRIDGE and depth_um <= limit_um + 100) and not findings:
            raise SystemExit(f"sample {number}: {sample} passed a limit of {limit_um} um: BROKEN")
        found += bool(findings)
    return found, SAMPLES - found


def main() -> int:
    """Both sweeps, one line."""
    dice = random.Random(SEED)
    granted, refused = sweep_requests(dice)
    found, in_order = sweep_samples(dice)
    kept = min(granted, refused, found, in_order) > 10_000  # each side of each rule was really asked
    print(
        f"{REQUESTS} requests: {granted} granted within every limit, {refused} refused; {SAMPLES} samples: {found} found, none "
        f"over the limit or unreadable among the {in_order} in order: {'kept' if kept else 'BROKEN'}"
    )
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
