"""How long each part is measured. Pure."""

from dataclasses import dataclass

from benchmarks.registry import Options

FULL_S, SHORT_S = 600.0, 20.0
FULL_PRESSES = 200
ENOUGH_FOR_P99 = 100  # with fewer, p99 is the maximum, which has its own gate


@dataclass(frozen=True)
class Plan:
    """One bench. Seconds, and how often."""

    treat_s: float
    presses: int
    starts: int
    opens: int
    control_s: float
    control_presses: int

    @property
    def full(self) -> bool:
        """Long enough for every gate?"""
        return self.treat_s >= FULL_S and self.presses >= FULL_PRESSES


FULL = Plan(FULL_S, FULL_PRESSES, starts=20, opens=20, control_s=20.0, control_presses=30)


def plan_of(options: Options) -> Plan:
    """The full one, or as short as was asked: a press on each page for every second of treatment."""
    if options.seconds is None and not options.short:
        return FULL
    treat_s = options.seconds if options.seconds is not None else SHORT_S
    presses = min(FULL_PRESSES, max(5, round(treat_s)))
    few = max(3, min(20, round(treat_s / 4)))
    return Plan(treat_s, presses, few, few, min(20.0, max(5.0, treat_s)), min(30, max(5, presses)))
