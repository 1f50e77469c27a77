"""Tamperings with an exported folder: files as bytes, then, with the manifest made to fit again, everything inside them."""

import csv
import hashlib
import io
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sessions.events import canonical
from tests.sessions.tampering.rows import changed

Files = dict[str, bytes]
MANIFEST, DOCUMENT, EVENTS, TRACE = "manifest.json", "session.json", "events.csv", "trace.csv"
FHIR = "session.fhir.json"
RENDERED = {FHIR, "session.pdf", "trace.parquet"}
_OF_MANIFEST = "manifest|was changed after the export|is missing|is here, but"
_OF_DOCUMENT = "session[.]json|^at the export|rebuilt from trace.csv"


@dataclass(frozen=True)
class FolderCase:
    """One tampering: what becomes of the files. `expect` must match the first problem; `known`: what the verifier has."""

    name: str
    act: Callable[[Files], Files]
    expect: str
    known: str = ""


def byte_cases(files: Files, times: int) -> Iterator[FolderCase]:
    """Bytes of each file flipped, cut, added; files gone, and swapped with others."""
    dice = random.Random(5)
    for name, data in files.items():
        # A byte of the manifest may be one of a file's hash: then that file looks changed, and nothing says which it was.
        expect = f"^{name.replace('.', '[.]')} " if name != MANIFEST else _OF_MANIFEST
        for _ in range(times):
            at, bit = dice.randrange(len(data)), 1 << dice.randrange(8)
            while name == MANIFEST and at in _made_by(data):  # another maker is told as not proven, and proves nothing wrong
                at = dice.randrange(len(data))
            yield FolderCase(
                f"{name}: byte {at} ^ {bit}", _put(name, data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]), expect
            )
            yield FolderCase(f"{name}: cut at {at}", _put(name, data[:at]), expect)
        for more in (b"\n", b"\0", b" ", data[-20:]):
            yield FolderCase(f"{name}: extended by {more!r:.20}", _put(name, data + more), expect)
        gone = "manifest[.]json" if name == MANIFEST else f"^{name} is missing"
        yield FolderCase(f"{name}: gone", _drop(name), gone)
    yield FolderCase("two files swapped", _swap(EVENTS, TRACE), "^events.csv was changed")
    unlisted = _remade(lambda told: {**told, "files": _drop(EVENTS)(told["files"])})
    yield FolderCase("a file no longer listed", unlisted, "^events.csv is here, but")


def _made_by(manifest: bytes) -> range:
    begin = manifest.index(b'"made_by":')
    return range(begin, manifest.index(b"}", begin))


def manifest_cases(files: Files) -> Iterator[FolderCase]:
    """Every value of the manifest."""
    told = json.loads(files[MANIFEST])
    for key, value in told.items():
        if key != "files":
            yield FolderCase(f"manifest: {key}", _remade(_replace(key, changed(value))), "manifest")
            if key != "made_by":  # without it nothing more holds than with a false one: "not proven", said by a test of its own
                yield FolderCase(f"manifest: no {key}", _remade(_drop(key)), "^manifest.json is none")
    for name, entry in told["files"].items():
        for key, value in entry.items():
            files_ = {**told["files"], name: {**entry, key: changed(value)}}
            expect = f"^{name} was changed" if key == "size" else f"{name}"
            yield FolderCase(f"manifest: {name}.{key}", _remade(_replace("files", files_)), expect)
    doubled = files[MANIFEST].replace(b'{"', b'{"session":"S-other","', 1)
    yield FolderCase("manifest: a key twice", _put(MANIFEST, doubled), "^manifest.json was changed")


def document_cases(files: Files) -> Iterator[FolderCase]:
    """session.json: every key, every field of every event, block and signature; rows gone, doubled, swapped."""
    told = json.loads(files[DOCUMENT])
    for key, value in told.items():
        if key != "chain":  # that comes next, key by key
            yield _document(key, _replace(key, changed(value)), _OF_DOCUMENT)
    for key, value in told["chain"].items():
        yield _document(f"chain.{key}", _replace("chain", {**told["chain"], key: changed(value)}), _OF_DOCUMENT)
    for at, event in enumerate(told["events"]):
        expect = f"^event {at + 1} in session.json"
        for key, value in event.items():
            yield _document(f"event {at + 1}: {key}", _in_list("events", at, {**event, key: changed(value)}), expect)
        for key, value in event["body"].items():
            body = {**event["body"], key: changed(value)}
            yield _document(f"event {at + 1}: body.{key}", _in_list("events", at, {**event, "body": body}), expect)
    last = len(told["events"])
    for at in range(last):
        expect = f"^event {at + 1} in session.json" if at + 1 < last else "^events in|^session.json tells of"
        yield _document(f"event {at + 1}: gone", _replace("events", _less(told["events"], at)), expect)
        again = f"^event {at + 2} in session.json"
        yield _document(f"event {at + 1}: doubled", _replace("events", _more(told["events"], at)), again)
    for at, block in enumerate(told["blocks"]):
        for key, value in block.items():
            yield _document(f"block {at + 1}: {key}", _in_list("blocks", at, {**block, key: changed(value)}), "^block|samples")
        yield _document(f"block {at + 1}: gone", _replace("blocks", _less(told["blocks"], at)), "block")
    for at, signature in enumerate(told["signatures"]):
        for key, value in signature.items():
            act = _in_list("signatures", at, {**signature, key: changed(value)})
            yield _document(f"signature {at + 1}: {key}", act, "signature in session.json is not as")
    doubled = files[DOCUMENT].replace(b'  "state": "CLOSED",', b'  "state": "OPEN",\n  "state": "CLOSED",')
    assert doubled != files[DOCUMENT]
    yield FolderCase("session.json: a key twice", _fitting(DOCUMENT, lambda _: doubled), "^session.json was changed")


def table_cases(files: Files, trace_lines: int) -> Iterator[FolderCase]:
    """events.csv and trace.csv: every cell, and lines gone, doubled, swapped, added; without session.json too."""
    for name, every in ((EVENTS, 1), (TRACE, max(1, files[TRACE].count(b"\n") // trace_lines))):
        header, *rows = list(csv.reader(io.StringIO(files[name].decode(), newline="")))
        for at in range(0, len(rows), every):
            line = at + 2
            expect = f"^{name} line {line}" if name == EVENTS else f"rebuilt from trace.csv|^{name} line {line}"
            for column, title in enumerate(header):
                cell = rows[at][column]
                new = str(int(cell) + 1) if cell.lstrip("-").isdigit() else changed(cell)
                row = [*rows[at][:column], str(new), *rows[at][column + 1 :]]
                yield FolderCase(f"{name} line {line}: {title}", _lines(name, [header, *rows[:at], row, *rows[at + 1 :]]), expect)
            gone = f"^{name} (line {line}|ends before)" if name == EVENTS else "rebuilt from trace.csv"
            yield FolderCase(f"{name} line {line}: gone", _lines(name, [header, *rows[:at], *rows[at + 1 :]]), gone)
            twice = _lines(name, [header, *rows[: at + 1], *rows[at:]])
            again = f"^{name} line {line + 1}" if name == EVENTS else "rebuilt from trace.csv|more samples"
            yield FolderCase(f"{name} line {line}: doubled", twice, again)
            if at + 1 < len(rows):
                swapped = _lines(name, [header, *rows[:at], rows[at + 1], rows[at], *rows[at + 2 :]])
                yield FolderCase(f"{name} line {line}: swapped", swapped, expect)
        yield FolderCase(f"{name}: no header", _lines(name, rows), f"^{name} line 1")
        yield FolderCase(
            f"{name}: columns swapped", _lines(name, [[row[1], row[0], *row[2:]] for row in [header, *rows]]), "line 1"
        )
    header, *rows = list(csv.reader(io.StringIO(files[EVENTS].decode(), newline="")))
    for at in range(len(rows)):
        row = [*rows[at][:3], str(int(rows[at][3]) + 1), *rows[at][4:]]
        alone = _alone(_lines(EVENTS, [header, *rows[:at], row, *rows[at + 1 :]]))
        yield FolderCase(f"events.csv alone, line {at + 2}", alone, f"^event {at + 1} in events.csv")


def rendered_cases(files: Files, times: int) -> Iterator[FolderCase]:
    """What no chain holds, edited together with the manifest."""
    dice = random.Random(7)
    for name in sorted(RENDERED & files.keys()):
        data, expect = files[name], f"^{name} was changed: it is not what session.json gives"
        for _ in range(times):
            at, bit = dice.randrange(len(data)), 1 << dice.randrange(8)
            flipped = data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
            yield FolderCase(f"{name} made to fit: byte {at} ^ {bit}", _put_fitting(name, flipped), expect)
        for words, told in (("extended", data + b"\n"), ("cut", data[:-1]), ("empty", b"")):
            yield FolderCase(f"{name} made to fit: {words}", _put_fitting(name, told), expect)
    bundle = json.loads(files[FHIR])
    for at, entry in enumerate(bundle["entry"]):
        kind = entry["resource"]["resourceType"]
        fields = sorted(entry["resource"].items())
        for key, value in dice.sample(fields, min(times // 4, len(fields))):
            resource = {**entry["resource"], key: changed(value)}
            edited = {**bundle, "entry": [*bundle["entry"][:at], {**entry, "resource": resource}, *bundle["entry"][at + 1 :]]}
            new = (json.dumps(edited, indent=2, ensure_ascii=False) + "\n").encode()
            yield FolderCase(f"{FHIR} made to fit: {at} {kind}.{key}", _put_fitting(FHIR, new), f"^{FHIR} was changed")


def _document(name: str, change: Callable[[Any], Any], expect: str) -> FolderCase:
    def rewrite(data: bytes) -> bytes:
        told = change(json.loads(data))
        return (json.dumps(told, sort_keys=True, indent=2, ensure_ascii=False) + "\n").encode()

    return FolderCase(f"session.json: {name}", _fitting(DOCUMENT, rewrite), expect)


def _in_list(key: str, at: int, value: Any) -> Callable[[Any], Any]:
    return lambda document: {**document, key: [*document[key][:at], value, *document[key][at + 1 :]]}


def _less(values: list[Any], at: int) -> list[Any]:
    return [*values[:at], *values[at + 1 :]]


def _more(values: list[Any], at: int) -> list[Any]:
    return [*values[: at + 1], *values[at:]]


def _lines(name: str, rows: list[list[str]]) -> Callable[[Files], Files]:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return _fitting(name, lambda _: out.getvalue().encode())


def _put(name: str, data: bytes) -> Callable[[Files], Files]:
    return lambda files: {**files, name: data}


def _swap(one: str, other: str) -> Callable[[Files], Files]:
    return lambda files: {**files, one: files[other], other: files[one]}


def _drop(key: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda told: {name: value for name, value in told.items() if name != key}


def _replace(key: str, value: object) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda told: {**told, key: value}


def _remade(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Files], Files]:
    return lambda files: {**files, MANIFEST: canonical(change(json.loads(files[MANIFEST]))) + b"\n"}


def _fitting(name: str, change: Callable[[bytes], bytes]) -> Callable[[Files], Files]:
    """The file changed, and the manifest made to fit it again."""

    def act(files: Files) -> Files:
        data = change(files[name])
        entry = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        told = json.loads(files[MANIFEST])
        told["files"][name] = entry
        return {**files, name: data, MANIFEST: canonical(told) + b"\n"}

    return act


def _put_fitting(name: str, data: bytes) -> Callable[[Files], Files]:
    return _fitting(name, lambda _: data)


def _alone(act: Callable[[Files], Files]) -> Callable[[Files], Files]:
    """The same in a folder that was exported as CSV only."""

    def without_document(files: Files) -> Files:
        done = act(files)
        told = json.loads(done[MANIFEST])
        told["files"] = {EVENTS: told["files"][EVENTS]}
        return {EVENTS: done[EVENTS], MANIFEST: canonical(told) + b"\n"}

    return without_document
