"""What readers of a released vocabulary rely on, and whether the present one still keeps it. Pure.

Within one vocabulary, kinds, optional fields and further values of a choice may be added. Everything else makes records that
exist unreadable, or new ones unreadable to a program that knows the same number: it needs the next number.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
_LEAST, _MOST = ("minLength", "minimum", "exclusiveMinimum", "minItems"), ("maxLength", "maximum", "exclusiveMaximum", "maxItems")
_BOUNDS = (*_LEAST, *_MOST, "pattern", "additionalProperties")


def breaks(released: Schema, now: Schema) -> list[str]:
    """One sentence for everything of `released` that `now` does not keep."""
    return [*_breaks("event", released, now, released, now), *_kinds(released, now)]


def _kinds(released: Schema, now: Schema) -> Iterator[str]:
    here = {_case(case): case["then"]["properties"]["body"] for case in now["allOf"] if "body" in case["then"]["properties"]}
    for case in released["allOf"]:
        if "body" not in case["then"]["properties"]:
            continue
        stream, kind = _case(case)
        if (stream, kind) not in here:
            yield f"{kind} is gone"
        else:
            yield from _breaks(kind, case["then"]["properties"]["body"], here[stream, kind], released, now)


def _case(case: Schema) -> tuple[str, str]:
    told = case["if"]["properties"]
    pattern = told["stream"]["pattern"]
    return ("session" if pattern.startswith("^(?!") or pattern == "^" else pattern), told["kind"]["const"]


def _breaks(place: str, old: Schema, new: Schema, released: Schema, now: Schema) -> Iterator[str]:
    old, new = _resolved(old, released), _resolved(new, now)
    if "anyOf" in old or "anyOf" in new:
        choices = new.get("anyOf", [new])
        for each in old.get("anyOf", [old]):
            if all(list(_breaks(place, each, choice, released, now)) for choice in choices):
                yield f"{place} no longer takes {_resolved(each, released).get('type', 'one of its forms')}"
        return
    if old.get("type") != new.get("type") and (old.get("type"), new.get("type")) != ("integer", "number"):
        yield f"{place} was of type {old.get('type')}, it is {new.get('type')}"
        return
    gone = [value for value in _values(old) if value not in _values(new)] if _values(new) else []
    if gone or (_values(new) and not _values(old)):
        yield f"{place} no longer takes {', '.join(map(repr, gone)) or 'any value'}"
    for bound in _BOUNDS:
        if bound in new and not isinstance(new[bound], dict) and not _as_wide(bound, old.get(bound), new[bound]):
            yield f"{place} is narrower: {bound} is {new[bound]!r}"
    for key in ("items", "additionalProperties"):
        if isinstance(old.get(key), dict) and isinstance(new.get(key), dict):
            yield from _breaks(f"{place}[]", old[key], new[key], released, now)
    properties = new.get("properties", {})
    for name, field in old.get("properties", {}).items():
        if name not in properties:
            yield f"{place}.{name} is gone"
        else:
            yield from _breaks(f"{place}.{name}", field, properties[name], released, now)
    for name in new.get("required", []):
        if name not in old.get("required", []):
            yield f"{place}.{name} must be there now, and records that exist have none"


def _as_wide(bound: str, old: Any, new: Any) -> bool:
    """Whether all that kept to `old` (None: no bound) keeps to `new`. Of patterns only the same one is known to be as wide."""
    if old is None or bound not in (*_LEAST, *_MOST):
        return bool(old == new)
    return bool(new <= old) if bound in _LEAST else bool(new >= old)


def _values(schema: Schema) -> list[Any]:
    return [schema["const"]] if "const" in schema else list(schema.get("enum", []))


def _resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    return schema
