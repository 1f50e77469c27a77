"""`pencontrol replay`: a session's recorded inputs through the same parser and decisions; whatever differs is told."""

import contextlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.cli.common import Home, JsonOut, PlainError, default_home, print_json

if TYPE_CHECKING:
    from pencontrol.replay import Record, Report

EXPORTED = ("session.pdf", "events.csv", "trace.csv", "session.json")


def replay(
    session: Annotated[str, typer.Argument(help="A session id (see `pencontrol sessions`), or a file made with --save.")],
    save: Annotated[Path | None, typer.Option("--save", help="Also write everything replay needs into this file.")] = None,
    home: Home = None,
    json_out: JsonOut = False,
) -> None:
    """Replay a session and compare decisions, events, samples and exports; exit code 1 when anything differs."""
    from pencontrol.replay import RecordError, load
    from pencontrol.replay import replay as play
    from pencontrol.replay import save as pack
    from sessions.store import StoreError

    try:
        file = Path(session)
        record = load(_read(file)) if file.is_file() else _from_store(session, home or default_home())
        report = play(record)
        exports = _compare_exports(record, report)
        if save is not None:
            save.write_bytes(pack(record))
    except (RecordError, StoreError) as error:
        raise PlainError(str(error)) from None
    except OSError as error:
        raise PlainError(f"{error.filename}: {error.strerror}") from None
    identical = report.identical and all(exports.values())
    if json_out:
        print_json({**report.told(), "identical": identical, "exports": exports})
    else:
        _print(report, exports, identical)
    if not identical:
        raise SystemExit(1)


def _read(file: Path) -> bytes:
    return file.read_bytes()


def _from_store(session: str, home: Path) -> "Record":
    """What is on record of `session`, its hash chains verified. Raises StoreError."""
    from pencontrol.replay import Record
    from pencontrol.replay.record import TraceBlock
    from sessions.audit import verify
    from sessions.reading import iter_blocks, iter_wires, load_events, require_session
    from sessions.store import Damaged, open_store

    with open_store(home) as records:
        require_session(records, session)
        events = [stored.event for stored in load_events(records, session)]
        trace: list[TraceBlock] = []
        wires: list[bytes] = []
        # an input without consequences can be changed without a trace in what control does: the chain tells it
        problems = verify(records, session).problems
        with contextlib.suppress(Damaged):  # the verdict has named it; what comes before can be played
            for head, data in iter_blocks(records, session):
                trace.append(TraceBlock(head.block, head.first_index, head.lost, head.layout, data))
        with contextlib.suppress(Damaged):
            wires.extend(data for _, data in iter_wires(records, session))
    return Record(session, events, trace, wires, problems)


def _compare_exports(record: "Record", report: "Report") -> dict[str, bool]:
    """Both the recorded and the replayed session exported afresh: which files are equal to the last byte.

    Empty when the replay did not come to the session's end: half a session has no exports to compare. What the recorder
    added by itself, or people after the end, is taken from the record.
    """
    if not report.complete:
        return {}
    from pencontrol.replay.compare import said_by_control
    from sessions.store.rows import Block

    by_others = [event for event in record.events if not said_by_control(event)]
    recorded = [Block(record.session, *_head(each), each.records) for each in record.trace]
    replayed = [Block(record.session, *_head(each), each.records) for each in report.replayed_trace]
    numbers = [event.number for event in record.events if said_by_control(event)]
    events = [event.model_copy(update={"number": number}) for event, number in zip(report.replayed_events, numbers, strict=False)]
    events = sorted([*events, *by_others], key=lambda event: event.number)
    with tempfile.TemporaryDirectory(prefix="pencontrol-replay-") as folder:
        one = _export(Path(folder) / "recorded", record, [*record.events, *recorded])
        other = _export(Path(folder) / "replayed", record, [*events, *replayed])
        return {name: one[name] == other[name] for name in EXPORTED}


def _head(block: Any) -> tuple[int, int, int, str]:
    return block.block, block.first_index, block.lost, block.layout


def _export(home: Path, record: "Record", items: Sequence[Any]) -> dict[str, bytes]:
    """The files of a store that holds just this session. An item that cannot be stored is missing in all of them."""
    from sessions.events import WIRE_LAYOUT
    from sessions.export import export_sessions
    from sessions.store import open_store
    from sessions.store.rows import WireBlock
    from sessions.store.writing import Writer
    from ui.zone_art import zone_art

    tape = [WireBlock(record.session, number, WIRE_LAYOUT, data) for number, data in enumerate(record.wires, start=1)]
    with open_store(home) as store:
        Writer(store).write([*items, *tape])
        (folder,) = export_sessions(store, [record.session], ("pdf", "csv", "json"), home / "out", zone_art())
    return {name: (folder / name).read_bytes() for name in EXPORTED}


def _print(report: "Report", exports: dict[str, bool], identical: bool) -> None:
    print(
        f"session {report.session}: {report.inputs} inputs, {report.bytes_from_pen} bytes from the pen, "
        f"{report.writes} writes to it, {report.events} events, {report.samples} samples"
    )
    for note in report.notes:
        print(note)
    if report.events_after or report.samples_after:
        print(f"later than the last input on tape: {report.events_after} events, {report.samples_after} samples")
    if report.events_by_recorder:
        print(f"written by the recorder, or added after the end, not replayed: {report.events_by_recorder} events")
    for name, same in exports.items():
        print(f"{name}: {'identical' if same else 'DIFFERS'}")
    for difference in report.differences:
        print(difference.sentence())
    if report.differing > len(report.differences):
        print(f"and {report.differing - len(report.differences)} more differences")
    print("the replay is identical" if identical else "the replay DIFFERS")
