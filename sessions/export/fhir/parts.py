"""The small pieces that FHIR resources are made of: ids, references, codes, quantities, narrative. Pure.

Ids are UUIDv5 of session and role, so that the same record gives the same ids. Code systems of our own are URNs: a reader
who does not know them still has the words beside each code.
"""

import re
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

Resource = dict[str, Any]

OWN = "urn:x-pencontrol:"
UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
HL7 = "http://terminology.hl7.org/CodeSystem/"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, OWN + "fhir")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Ids:
    """Ids and references within one session's bundle, by role: `patient`, `pen`, `zone:F.CHIN`."""

    def __init__(self, session: str) -> None:
        self._session = session

    def of(self, role: str) -> str:
        """The id of the resource in this role."""
        return str(uuid.uuid5(_NAMESPACE, f"{self._session}\n{role}"))

    def url(self, role: str) -> str:
        """Its full URL within the bundle."""
        return f"urn:uuid:{self.of(role)}"

    def ref(self, role: str, words: str = "") -> dict[str, Any]:
        """A reference to it; `words` are for people."""
        return {"reference": self.url(role), "display": clean(words)}


def clean(words: str) -> str:
    """`words` as FHIR allows a string: no control characters, no blank ends."""
    return _CONTROLS.sub(" ", words).strip()


def code_of(words: str) -> str:
    """`words` as FHIR allows a code: single blanks only."""
    return " ".join(clean(words).split())


def filled(value: Any) -> Any:
    """`value` without what is empty, at any depth: FHIR has no empty strings, lists or objects. 0 and False stay."""
    if isinstance(value, Mapping):
        kept = {key: filled(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if not _empty(each)}
    if isinstance(value, list):
        return [each for each in map(filled, value) if not _empty(each)]
    return value


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | dict) and not value)


def concept(words: str, system: str = "", code: str = "", display: str = "") -> dict[str, Any]:
    """A CodeableConcept: always with words, with a code where there is one."""
    coding = [{"system": system, "code": code_of(code), "display": clean(display)}] if system and code_of(code) else []
    return {"coding": coding, "text": clean(words)}


def quantity(value: float, code: str, unit: str = "") -> dict[str, Any]:
    """A number with its UCUM unit; `unit` is how people write it."""
    return {"value": value, "unit": unit or code, "system": UCUM, "code": code}


def identifier(system: str, value: str, words: str = "") -> dict[str, Any]:
    """An identifier of our own naming system."""
    return {"system": OWN + system, "value": clean(value), "type": {"text": words}}


def extension(name: str, kind: str, value: Any) -> dict[str, Any]:
    """An extension of our own; `kind` is FHIR's name of the type, e.g. String."""
    return {"url": f"{OWN}extension:{name}", f"value{kind}": value}


def day_or_none(text: str) -> str | None:
    """`text` when it is an ISO date, else None: a chip may hold anything."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def narrative(sentences: list[str]) -> dict[str, Any]:
    """The sentences as generated XHTML, each a paragraph."""
    body = "".join(f"<p>{escape(clean(sentence))}</p>" for sentence in sentences)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{body}</div>'}
