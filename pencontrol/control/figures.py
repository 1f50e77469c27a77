"""How well the limit was held, counted while it happens: the enforcement report's figures. Pure."""

from collections.abc import Mapping

from firmware_protocol.happenings import Sample
from pencontrol.control.run import DRIVE_PERIOD_NS
from pencontrol.control.supervisor import Finding
from sessions.events import Enforcement

PERIOD_STEP_US = 100
PERIOD_STEPS = 1000  # 100 ms; what is longer counts in the last one


class Figures:
    """Sums over one session; made anew for each."""

    def __init__(self, guards: tuple[str, ...] = ()) -> None:
        """`guards`: what was in place, in words, for the report."""
        self.guards = guards
        self.judged_samples = 0
        self.over_limit = 0
        self.worst_age_us: int | None = None
        self.slowest_answer_us: int | None = None
        self.deadlines_missed = 0
        self.worst_period_us = 0
        self._drives = 0
        self._periods = [0] * PERIOD_STEPS

    def judged(self, sample: Sample, findings: list[Finding]) -> None:
        """One sample of a run went through the guard, with these findings."""
        self.judged_samples += 1
        if any(finding.alarm == "DEPTH_OVER_LIMIT" for finding in findings):
            self.over_limit += 1
        if sample.age_us is not None and (self.worst_age_us is None or sample.age_us > self.worst_age_us):
            self.worst_age_us = sample.age_us

    def answered(self, took_ns: int) -> None:
        """A sample was answered by STOP on the wire `took_ns` after it was read."""
        took_us = took_ns // 1000
        if self.slowest_answer_us is None or took_us > self.slowest_answer_us:
            self.slowest_answer_us = took_us

    def drove(self, period_ns: int, late_ns: int) -> None:
        """A DRIVE left `period_ns` after the one before; later than a whole period is a missed deadline."""
        self.worst_period_us = max(self.worst_period_us, period_ns // 1000)
        self._drives += 1
        self._periods[min(period_ns // (1000 * PERIOD_STEP_US), PERIOD_STEPS - 1)] += 1
        if late_ns > DRIVE_PERIOD_NS:
            self.deadlines_missed += 1

    @property
    def period_p99_us(self) -> int | None:
        """99 of 100 DRIVEs left within this of the one before, rounded up to 100 us; None before the first."""
        beyond = 0
        for step in range(PERIOD_STEPS - 1, -1, -1):
            beyond += self._periods[step]
            if beyond > self._drives // 100:
                return min((step + 1) * PERIOD_STEP_US, self.worst_period_us)
        return None

    def enforcement(self, samples: int, lost: int, dropped: int, scheduling: Mapping[str, str]) -> Enforcement:
        """For the session's last event."""
        return Enforcement(
            samples=samples,
            samples_lost=lost,
            samples_dropped=dropped,
            judged=self.judged_samples,
            over_limit=self.over_limit,
            worst_age_us=self.worst_age_us,
            slowest_answer_us=self.slowest_answer_us,
            deadlines_missed=self.deadlines_missed,
            worst_period_us=self.worst_period_us,
            period_p99_us=self.period_p99_us,
            guards=list(self.guards),
            scheduling=dict(scheduling),
        )
