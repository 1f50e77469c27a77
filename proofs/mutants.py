#!/usr/bin/env python3
"""Every change mutmut knows to limits, supervisor, alarms, pen and watch: unit tests notice, or mutants.json says why not.

What survives must stand in proofs/mutants.json with the reason why nobody can tell the difference, and what stands there must
still exist and survive. Exit code 1 if not. It needs the extra `mutants`: .venv/bin/python -m pip install -e '.[mutants]'
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
LISTED = pathlib.Path(__file__).with_suffix(".json")
EXAMPLES = """examples:
  ./prove mutants                                   all parts, one after the other: a quarter of an hour of one core
  ./prove mutants --part watch                      one part
  ./prove mutants --part pen --only Guards.speed    one function, to see whether a new test notices
  ./prove mutants --part figures --only STALE_NS    one figure at the top of a module, one more and one less
"""

Key = tuple[str, str, tuple[str, ...]]  # module, function, lines that differ


@dataclass(frozen=True)
class Part:
    """What is changed, by which tests it is judged, and which of them are left out: long searches, not unit tests."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]  # patterns of files
    without: tuple[str, ...] = ()  # ends of test ids
    figures: bool = False  # the numbers at the top of the modules, not their functions


PARTS = {
    "watch": Part(("pencontrol.control.watch",), ("tests/pencontrol/test_watch*.py",)),
    "limits": Part(
        ("pencontrol.limits", "pencontrol.control.supervisor", "pencontrol.control.alarms"),
        tuple(f"tests/pencontrol/test_{name}.py" for name in ("limits*", "supervisor*", "alarms*", "pins")),
        (
            "test_limits.py::test_a_seeded_sweep_of_a_hundred_thousand_requests",
            "test_limits.py::test_no_other_module_of_the_host_builds_a_drive",
            "test_alarms_conditions.py::test_any_text_is_a_numbing_or_a_plain_refusal",
        ),
    ),
    "pen": Part(
        tuple(sorted(f"firmware_protocol.{path.stem}" for path in (ROOT / "firmware_protocol").glob("pen*.py"))),
        ("tests/firmware_protocol/test_pen_*.py",),
        (
            "test_pen_fuzz.py",
            "test_pen_stop.py::test_any_sequence_session_and_reason",
            "test_pen_storage.py::test_a_pen_whose_power_fails_at_any_byte_starts_with_whole_sets",
            "test_pen_half_steps.py::test_a_run_at_two_khz_trips_nothing",
            "test_pen_calibration.py::test_an_uncalibrated_pen_of_the_simulator_is_truly_wrong_and_does_not_know",
            "test_pen_calibration.py::test_the_right_block_makes_it_true",
            "test_pen_calibration.py::test_an_ideal_pen_of_the_simulator_is_right_as_it_is",
        ),
    ),
}
PARTS["figures"] = Part(
    PARTS["limits"].modules + PARTS["watch"].modules, PARTS["limits"].tests + PARTS["watch"].tests, PARTS["limits"].without, True
)
PARTS["pen-figures"] = replace(PARTS["pen"], figures=True)


# ---- one part, in a process of its own: pytest imports its tests once


def work(name: str, out: pathlib.Path, only: str | None) -> int:
    """Try the changes of one part; one line of JSON for each in `out`."""
    import pytest

    from proofs.mutants_driver import Change, Driver

    part = PARTS[name]
    files = sorted(str(path.relative_to(ROOT)) for pattern in part.tests for path in ROOT.glob(pattern))
    left_out = {file for file in files if file.endswith(part.without)}
    deselect = [f"--deselect={file}{rest}" for file in files for end in part.without for rest in _rest(file, end)]
    with out.open("w", encoding="utf-8") as lines:

        def tell(change: Change, outcome: str) -> None:
            lines.write(json.dumps([change.module, change.function, change.diff, outcome]) + "\n")

        driver = Driver(list(part.modules), part.figures, only, tell)
        options = ["-p", "no:cacheprovider", "-p", "no:terminal", "-o", "addopts=", "-o", "timeout=0", f"--rootdir={ROOT}"]
        pytest.main([*options, *deselect, *(file for file in files if file not in left_out)], plugins=[driver])
    if driver.wrong:
        print(f"{name}: {driver.wrong}")
    return 1 if driver.wrong else 0


def _rest(file: str, end: str) -> list[str]:
    """What of a test's id `end` comes after `file`, if it is of that file."""
    base, colons, test = end.partition("::")
    return [colons + test] if colons and file.endswith("/" + base) else []


# ---- all parts, and the list


def listed(part: Part, only: str | None) -> Counter[Key]:
    """What mutants.json holds for this part. The same lines twice in a function are two entries."""
    entries = json.loads(LISTED.read_text(encoding="utf-8"))
    if bare := [entry for entry in entries if not entry["reason"].strip()]:
        raise SystemExit(f"{LISTED.name}: {bare[0]['function']} has no reason, each entry needs one")
    mine = (each for each in entries if each["module"] in part.modules and each["function"].isupper() is part.figures)
    chosen = (each for each in mine if only in (None, each["function"]))
    return Counter((each["module"], each["function"], tuple(each["diff"])) for each in chosen)


def show(words: str, keys: Counter[Key]) -> None:
    """Each change in words that can be copied into the list."""
    for (module, function, diff), count in sorted(keys.items()):
        print(f"{words}{f' {count} times' if count > 1 else ''}: {module} {function}")
        print(*(f"    {line}" for line in diff), sep="\n", flush=True)


def judge(name: str, only: str | None) -> tuple[bool, int, int]:
    """Run one part. Is all as the list says; how many changes were made; how many did no test notice?"""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "changes"
        command = [sys.executable, "-B", __file__, "--worker", name, str(out), *([only] if only else [])]
        code = subprocess.run(command, cwd=ROOT, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}).returncode
        made: list[Any] = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()] if out.exists() else []
    if code:
        print(f"{name}: was not judged to its end (exit code {code})")
        return False, len(made), 0
    tried = Counter((module, function, tuple(diff)) for module, function, diff, _ in made)
    left = Counter(
        (module, function, tuple(diff)) for module, function, diff, outcome in made if outcome in ("survived", "untested")
    )
    known = listed(PARTS[name], only)
    gone = known - tried
    show("NOT NOTICED, not in the list", left - known)
    show("in the list, but no such change exists any more", gone)
    show("in the list, but a test notices it now", (known - gone) - left)
    print(f"{name}: {len(made)} changes, {len(made) - left.total()} noticed, {left.total()} not, {known.total()} in the list")
    return left == known, len(made), left.total()


def main(arguments: list[str]) -> int:
    """Judge what was asked for."""
    parser = argparse.ArgumentParser(
        prog="./prove mutants", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=list(PARTS), help="this part alone (default: all)")
    parser.add_argument("--only", metavar="FUNCTION", help="this function or figure alone: grant, Alarms.clear, STALE_NS")
    asked = parser.parse_args(arguments)
    try:
        import proofs.mutants_driver  # noqa: F401 - here, so that its absence is one sentence
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed: .venv/bin/python -m pip install -e '.[mutants]'", file=sys.stderr)
        return 2
    found = [judge(name, asked.only) for name in ([asked.part] if asked.part else PARTS)]
    made = sum(each[1] for each in found)
    if not made:
        print(f"no change was made: {asked.only or 'the modules'} cannot be found in the part asked for")
        return 2
    kept = all(each[0] for each in found)
    left = sum(each[2] for each in found)
    print(
        f"mutants: {made} changes, {made - left} noticed, {left} not; just those that mutants.json has:"
        f" {'kept' if kept else 'BROKEN'}"
    )
    return 0 if kept else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        raise SystemExit(work(sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4] if len(sys.argv) > 4 else None))
    raise SystemExit(main(sys.argv[1:]))
