"""session.json: the whole record but for the samples, so that the chain can be checked without the database. Pure."""

import json
from typing import Any

from sessions.events import VOCABULARY
from sessions.export.beside import tell_beside
from sessions.export.material import Material
from sessions.reading import StoredEvent

FORMAT = "pencontrol.session/1"


def session_document(material: Material) -> dict[str, Any]:
    """Keys may be added, never renamed. Units are in the keys' names."""
    facts, verdict = material.facts, material.verdict
    enforcement = facts.enforcement
    return {
        "format": FORMAT,
        "vocabulary": VOCABULARY,
        "pseudonymous": material.pseudonymous,
        **facts.summary(),
        "opened_utc": facts.opened_utc,
        "closed_utc": facts.closed_utc,
        "closed_by": facts.closed_by,
        "reason": facts.closed.reason if facts.closed else "",
        "opened": facts.opened.model_dump(mode="json", exclude={"kind"}),
        "enforcement": enforcement.model_dump(mode="json") if enforcement else None,
        "chain": {
            "events": verdict.events,
            "events_head": verdict.events_head,
            "blocks": verdict.blocks,
            "trace_head": verdict.trace_head,
            "wires": verdict.wires,
            "wires_head": verdict.wires_head,
            "problems": verdict.problems,
        },
        "beside": tell_beside(material.beside),
        "signatures": [vars(signed) for signed in material.signatures],
        "events": [_row(stored, material.pseudonymous) for stored in material.events],
        "blocks": [vars(block) for block in material.blocks],
    }


def session_json(material: Material) -> bytes:
    """UTF-8, keys sorted, two spaces of indent, no NaN."""
    text = json.dumps(session_document(material), sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def _row(stored: StoredEvent, pseudonyms: bool) -> dict[str, Any]:
    """An event with its hashes; without them when codes were replaced: a hash would let anybody try codes until one fits."""
    row = stored.event.model_dump(mode="json")
    return row if pseudonyms else {**row, "prev_hash": stored.prev_hash, "hash": stored.hash}
