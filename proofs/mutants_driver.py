"""Tries changes one at a time: runs the tests on each, in a fork of one process that has collected them already.

A pytest plugin. It first runs every test once, unchanged, and keeps which functions each calls and what it costs; then each
change is tried by the tests that call its function (a figure's: by all), the cheapest and the sharpest first, until one fails.
"""

import importlib
import os
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from types import CodeType, FunctionType, ModuleType
from typing import Any, Literal

import pytest

from proofs.mutants_changes import Change, built, changes_of, figures_of, functions_of, set_figure

CPU_LEAST_S = 30  # what a change may take before it counts as endless, and how often the cost of all tests beside that
CPU_FACTOR = 4
WALL_FACTOR = 10  # a busy machine is no endless wait
MEMORY_BYTES = 6 << 30
PROGRESS_EACH = 100  # changes between two lines that say so

Outcome = Literal["noticed", "endless", "survived", "untested"]  # endless: noticed, because the tests do not come to an end


class Driver:
    """Hands each change and its outcome to `tell`. `wrong` says in a sentence why nothing was tried; empty: all was."""

    def __init__(self, modules: list[str], figures: bool, only: str | None, tell: Callable[[Change, Outcome], None]) -> None:
        self._names, self._figures, self._only, self._tell = modules, figures, only, tell
        self._cost_s: dict[pytest.Item, float] = {}
        self._callers: dict[CodeType, list[pytest.Item]] = {}
        self._sharp: Counter[tuple[str, pytest.Item]] = Counter()
        self._failures: list[str] = []
        self.wrong = "pytest ended before it ran a test"

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what could not be collected."""
        if report.failed:
            self._failures.append(f"{report.nodeid}\n{report.longreprtext}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what fails; in a fork nobody reads it."""
        if report.failed:
            self._failures.append(f"{report.nodeid}\n{report.longreprtext}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of pytest's own loop."""
        self._watch(session)
        if self._failures or not session.items:
            self.wrong = "the tests fail without any change:\n" + "\n".join(self._failures or ["there are none"])
            return True
        if self._try(lambda: None, "", session.items) != "survived":
            self.wrong = "the tests pass once and fail in a fork, without any change"
            return True
        self.wrong = "pytest ended before the last change"
        for name in self._names:
            self._judge(importlib.import_module(name))
        self.wrong = ""
        return True

    def _watch(self, session: pytest.Session) -> None:
        """Run every test once: what does it call, what does it cost?"""
        for item, following in zip(session.items, [*session.items[1:], None], strict=True):
            called: set[CodeType] = set()

            def profile(frame: Any, event: str, _: object, add: Any = called.add) -> None:
                if event == "call":
                    add(frame.f_code)

            begun_s = time.process_time()
            sys.setprofile(profile)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            sys.setprofile(None)
            self._cost_s[item] = time.process_time() - begun_s
            for code in called:
                self._callers.setdefault(code, []).append(item)

    def _judge(self, module: ModuleType) -> None:
        tally: Counter[str] = Counter()
        begun_s = time.monotonic()

        def told(word: str) -> None:
            counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(tally.items()))
            print(f"{module.__name__}: {counts}{word} ({time.monotonic() - begun_s:.0f} s)", flush=True)

        for change, outcome in (self._figure_outcomes if self._figures else self._function_outcomes)(module):
            tally[outcome] += 1
            self._tell(change, outcome)
            if tally.total() % PROGRESS_EACH == 0:
                told(" so far")
        if tally:
            told("")

    def _function_outcomes(self, module: ModuleType) -> Iterator[tuple[Change, Outcome]]:
        functions = functions_of(module)
        for change in changes_of(module):
            if self._only in (None, change.function):
                yield change, self._function_outcome(module, functions.get(change.function), change)

    def _function_outcome(self, module: ModuleType, function: FunctionType | None, change: Change) -> Outcome:
        if function is None:
            return "untested"
        new = built(module, change)
        if new is None:
            return "noticed"
        # a generator, a lambda or an inner function has its own code, but is called only after its function was
        tests = self._callers.get(function.__code__, [])
        return self._try(partial(_replace, function, new), f"{change.module}:{change.function}", tests)

    def _figure_outcomes(self, module: ModuleType) -> Iterator[tuple[Change, Outcome]]:
        for change, value, other in figures_of(module):
            if self._only in (None, change.function):
                tests = list(self._cost_s)
                yield change, self._try(partial(set_figure, change.function, value, other), change.module, tests)

    def _try(self, make: Callable[[], None], name: str, tests: list[pytest.Item]) -> Outcome:
        """Call `make` in a fork and run `tests` there until one fails. `name`: for what a test that failed is sharp."""
        if not tests:
            return "untested"
        tests = sorted(tests, key=lambda item: self._cost_s[item] / (1 + 3 * self._sharp[name, item]))
        cpu_s = CPU_LEAST_S + round(CPU_FACTOR * sum(self._cost_s.values()))
        reader, writer = os.pipe()
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            try:
                null = os.open(os.devnull, os.O_RDWR)
                os.dup2(null, 1)
                os.dup2(null, 2)
                resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
                signal.alarm(WALL_FACTOR * cpu_s)
                try:
                    make()
                except Exception:  # not the change is wrong but this driver: the parent raises
                    os._exit(3)
                for at, item in enumerate(tests):
                    os.write(writer, at.to_bytes(4, "big"))
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                    if self._failures:
                        os._exit(1)
                os._exit(0)
            except BaseException:  # what gets through pytest is noticed too
                os._exit(2)
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            said = pipe.read()
        status = os.waitpid(child, 0)[1]
        if os.waitstatus_to_exitcode(status) == 3:
            raise RuntimeError(f"a change of {name} could not be put in its place")
        if status == 0:
            return "survived"
        if said:
            self._sharp[name, tests[int.from_bytes(said[-4:], "big")]] += 1
        return "endless" if os.WIFSIGNALED(status) else "noticed"


def _replace(function: FunctionType, new: FunctionType) -> None:
    """Give `function` the body of `new`, for whoever holds it."""
    function.__code__, function.__defaults__, function.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__
