#!/usr/bin/env python3
"""200 times kill -9 of recorder or control at a random moment of a treatment: nothing acknowledged is missing, all verifies.

Control runs with a witness: before it takes in an acknowledgement, and whenever it says something to the record, a line goes
to a file. After each kill the database must open and pass SQLite's own check; every event and block that control saw
acknowledged must be there with the same content; at most a second of trace may be missing, the record must tell of the gap;
and the chains of every stream must hold.
"""

import argparse
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from proofs.record_kills_chair import Worker  # noqa: E402
from proofs.record_kills_judge import digest_of_event  # noqa: E402

ROUNDS, WORKERS, SEED = 200, 2, 1


# ---- control's side: the witness


def run_control(journal: str, arguments: list[str]) -> int:
    """Control as it is, and a line in `journal` for whatever it says to the record and sees acknowledged."""
    from pencontrol.control.core import Control
    from pencontrol.control.outbox import Outbox
    from pencontrol.control.process import main
    from sessions import feed

    lines = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(*told: object) -> None:
        os.write(lines, json.dumps(told).encode() + b"\n")  # one call: it is in the file even if the next moment is the last

    acknowledged, add_event, add_block = Control.acknowledged, Outbox.add_event, Outbox.add_block

    def acknowledged_(self: Control, what: str, stream: str, number: int, now_ns: int) -> None:
        note("ack", what, stream, number)
        acknowledged(self, what, stream, number, now_ns)

    def add_event_(self: Outbox, stream: str, number: int, data: bytes, now_ns: int) -> None:
        ((_, body),) = feed.Messages().feed(data)
        note("number", stream, number, digest_of_event(json.loads(body)))
        add_event(self, stream, number, data, now_ns)

    def add_block_(self: Outbox, stream: str, block: int, data: bytes, now_ns: int) -> None:
        ((_, body),) = feed.Messages().feed(data)
        note("block", stream, block, hashlib.sha256(feed.unpack_block(body)[1]).hexdigest())
        add_block(self, stream, block, data, now_ns)

    Control.acknowledged, Outbox.add_event, Outbox.add_block = acknowledged_, add_event_, add_block_  # type: ignore[method-assign]
    return main(arguments)


def work(rounds: int, seed: int) -> int:
    """One chair; one line of JSON for each kill."""
    with tempfile.TemporaryDirectory(prefix="pc-") as name:
        worker = Worker(pathlib.Path(name), seed)
        try:
            for _ in range(rounds):
                print(json.dumps(vars(worker.round())), flush=True)
        finally:
            worker.end()
    return 0


# ---- all of them


def main(arguments: list[str]) -> int:
    """Share the rounds among the workers and add up."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rounds", nargs="?", type=_count, default=ROUNDS, help="kills in all (default: %(default)s)")
    parser.add_argument("workers", nargs="?", type=_count, default=WORKERS, help="chairs at once (default: %(default)s)")
    parser.add_argument("seed", nargs="?", type=int, default=SEED, help="of the moments (default: %(default)s)")
    asked = parser.parse_args(arguments)
    rounds, workers, seed = asked.rounds, asked.workers, asked.seed
    shares = [rounds // workers + (each < rounds % workers) for each in range(workers)]
    commands = [
        [sys.executable, __file__, "--worker", str(share), str(1000 * seed + each)] for each, share in enumerate(shares) if share
    ]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    done = [json.loads(line) for process in started for line in process.stdout or []]
    failed = [process.wait() for process in started]
    problems = [problem for each in done for problem in each["problems"]]
    for problem in problems:
        print(problem)
    kept = not problems and not any(failed) and len(done) == rounds
    kills = {victim: sum(each["victim"] == victim for each in done) for victim in ("control", "recorder")}
    states = sorted({each["state"] for each in done if each["state"]})
    within, lost = (sum(each[name] for each in done) for name in ("within", "lost"))
    worst = max((each["missing_us"] for each in done), default=0) / 1e6
    print(
        f"record kills: {len(done)} of {rounds} (control {kills['control']}, recorder {kills['recorder']},"
        f" in {', '.join(states)}),"
        f" {sum(each['acknowledged'] for each in done)} acknowledged events looked up, {len(problems)} problems, at most"
        f" {worst:.3f} s of trace missing at its end, {within} samples within ({lost} lost, the rest never sent),"
        f" all told: {'kept' if kept else 'BROKEN'}"
    )
    return 0 if kept else 1


def _count(text: str) -> int:
    """A whole number from 1."""
    if not (text.isdecimal() and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--control"]:
        raise SystemExit(run_control(sys.argv[2], sys.argv[3:]))
    if sys.argv[1:2] == ["--worker"]:
        raise SystemExit(work(int(sys.argv[2]), int(sys.argv[3])))
    raise SystemExit(main(sys.argv[1:]))
