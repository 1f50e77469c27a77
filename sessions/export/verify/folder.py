"""One exported folder, all of it. I/O: reads the folder."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sessions.audit import signature_problems
from sessions.export.art import ZoneArt
from sessions.export.verify import events_table, trace_table
from sessions.export.verify.again import Proven, make_again
from sessions.export.verify.document import NAME as DOCUMENT
from sessions.export.verify.document import Record, read_document
from sessions.export.verify.findings import Findings, Unreadable
from sessions.export.verify.manifest import Manifest, check_files, read_manifest
from sessions.heads import look_up
from sessions.reading import StoredEvent, Trace, as_trace
from sessions.signing import Standing, standings
from sessions.store.chain import GENESIS


@dataclass(frozen=True)
class FolderVerdict:
    """What was checked, in words, and what was found wrong; the heads are to be compared with a printed PDF."""

    folder: str
    session: str
    events_head: str
    trace_head: str
    checked: list[str]
    problems: list[str]
    wires_head: str = ""
    unproven: list[str] = field(default_factory=list)
    signatures: list[Standing] = field(default_factory=list)
    pseudonymous: bool = False  # codes were replaced: no chain holds the events, and no signature can be checked

    @property
    def holds(self) -> bool:
        """Whether nothing wrong was found."""
        return not self.problems


def verify_folder(
    folder: Path, trusted: Collection[str] | None = None, heads: Sequence[str] = (), zone_art: ZoneArt | None = None
) -> FolderVerdict:
    """Check an exported session. Never raises for what is in the folder: that is a problem in the verdict.

    `trusted`: ids of the keys known to be the station's (None: any key will do). `heads`: beginnings of heads noted
    elsewhere, which must be in the chains. `zone_art`: the drawing that the zone map of a PDF was made from.
    """
    findings = Findings()
    try:
        manifest = read_manifest(folder, findings)
    except (Unreadable, OSError) as error:
        return FolderVerdict(str(folder), "", "", "", [], [*findings.problems, _told(error)])
    signatures: list[Standing] = []
    try:
        check_files(folder, manifest, findings)
        signatures, proven = _check_record(folder, manifest, trusted, heads, findings)
        if not findings.problems:
            make_again(folder, manifest, proven, zone_art, findings)
    except (Unreadable, OSError) as error:
        findings.problems.append(_told(error))
    return FolderVerdict(
        folder=str(folder),
        session=manifest.session,
        events_head=manifest.events_head,
        trace_head=manifest.trace_head,
        checked=findings.checked,
        problems=findings.problems,
        wires_head=manifest.wires_head,
        unproven=findings.unproven,
        signatures=signatures,
        pseudonymous=manifest.pseudonymous,
    )


def _told(error: Exception) -> str:
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)


def _check_record(
    folder: Path, manifest: Manifest, trusted: Collection[str] | None, heads: Sequence[str], findings: Findings
) -> tuple[list[Standing], Proven | None]:
    """What the files say, and what of it the chains hold. Raises Unreadable, OSError."""
    there = {name for name in manifest.files if name in (DOCUMENT, events_table.NAME, trace_table.NAME)}
    there = {name for name in there if (folder / name).is_file()}
    record = read_document(folder / DOCUMENT, manifest.pseudonymous, findings) if DOCUMENT in there else None
    events: list[StoredEvent] = record.events if record else []
    trace: list[str] = [block.hash for block in record.blocks] if record else []
    if record:
        _same_heads(manifest, record, findings)
    if events_table.NAME in there:
        path = folder / events_table.NAME
        if not record and not manifest.pseudonymous:
            events = events_table.read_chain(path, manifest.session, findings)
        if events and not findings.problems:
            begin_ns = record.facts.opened_mono_ns if record and record.facts else events[0].event.mono_ns
            events_table.check_rows(path, events, begin_ns, manifest.pseudonymous, findings)
    if manifest.pseudonymous:
        findings.unproven.append("the events: their codes were replaced, so that no chain holds them; only the manifest does")
    elif record or events:
        hashes = [stored.hash for stored in events]
        if _ends_at("events", hashes, manifest.events, manifest.events_head, findings):
            findings.checked.append(f"event chain: {len(hashes)} events to the head")
    samples: Trace | None = None if record and record.blocks else as_trace(b"")
    if trace_table.NAME in there:
        if record and record.facts:
            trace, samples = trace_table.rebuild(folder / trace_table.NAME, record, record.facts, findings)
        else:
            findings.unproven.append(f"{trace_table.NAME}: only the manifest holds it; its chain needs {DOCUMENT}")
    if record and _ends_at("samples", trace, manifest.blocks, manifest.trace_head, findings):
        count = sum(block.samples for block in record.blocks)
        findings.checked.append(f"trace chain: {count} samples to the head")
    signatures = _check_signatures(manifest, record, events, trace, trusted, heads, findings)
    if record is None or record.facts is None:
        return signatures, None
    return signatures, Proven(record, record.facts, samples, _as_exported(manifest, record, events, trace))


def _as_exported(manifest: Manifest, record: Record, events: Sequence[StoredEvent], trace: Sequence[str]) -> list[Standing]:
    """The signatures as the export told them: whoever's key it was. Raises Unreadable."""
    if not manifest.pseudonymous:
        return standings(events, set(trace), None)
    try:
        return [Standing(**told) for told in record.told.get("signatures", ())]
    except TypeError:
        raise Unreadable(f"{DOCUMENT}: a signature is not what it should be") from None


def _same_heads(manifest: Manifest, record: Record, findings: Findings) -> None:
    if record.session != manifest.session:
        findings.problems.append(f"{DOCUMENT} is of session {record.session}, the manifest of {manifest.session}")
    for name in ("events", "events_head", "blocks", "trace_head", "wires", "wires_head"):
        if getattr(record.chain, name) != getattr(manifest, name):
            findings.problems.append(f"{name} in {DOCUMENT} is not the one in the manifest")
    if record.told.get("state") != manifest.state:
        findings.problems.append(f"state in {DOCUMENT} is not the one in the manifest")


def _ends_at(what: str, hashes: Sequence[str], count: int, head: str, findings: Findings) -> bool:
    right = (hashes[-1] if hashes else GENESIS) == head and len(hashes) == count
    if not right:
        findings.problems.append(f"the {what} do not end at the head in the manifest")
    return right


def _check_signatures(
    manifest: Manifest,
    record: Record | None,
    events: Sequence[StoredEvent],
    trace: Sequence[str],
    trusted: Collection[str] | None,
    heads: Sequence[str],
    findings: Findings,
) -> list[Standing]:
    if manifest.pseudonymous:
        if trusted is not None:
            findings.problems.append("no signature can be checked where codes were replaced: ask for the export that names them")
        event_hashes = [manifest.events_head]
    else:
        event_hashes = [stored.hash for stored in events]
    found, missing = look_up(heads, {"event": event_hashes, "trace block": trace, "tape": [manifest.wires_head]})
    findings.checked += found
    findings.problems += missing
    if manifest.pseudonymous:
        return []
    # Without session.json there is no list of blocks: the head in the manifest must then be the one that was signed.
    trace_hashes = set(trace) if record else {manifest.trace_head}
    signatures = standings(events, trace_hashes, None, trusted)
    findings.problems += signature_problems(signatures)
    newest = next((stored.event.body for stored in reversed(events) if stored.event.kind == "signed"), None)
    if newest and signatures[-1].standing != "VOIDED" and newest.get("wires_head") != manifest.wires_head:
        findings.problems.append("the head of the tape in the manifest is not the one that was signed")
    findings.checked += [f"signature in event {each.number}: {each.words}" for each in signatures]
    if record:
        _same_signatures(record, signatures if trusted is None else standings(events, trace_hashes, None), findings)
    return signatures


def _same_signatures(record: Record, signatures: Sequence[Standing], findings: Findings) -> None:
    """session.json repeats them for whoever reads no events."""
    told = record.told.get("signatures")
    right = [vars(each) for each in signatures]
    if not isinstance(told, list) or len(told) != len(right):
        findings.problems.append(f"signatures in {DOCUMENT} are not those in its events")
        return
    for says, is_so in zip(told, right, strict=True):
        if not isinstance(says, dict) or any(says.get(key, ...) != value for key, value in is_so.items()):
            findings.problems.append(f"a signature in {DOCUMENT} is not as the signature in event {is_so['number']} is")
