"""docs/record.schema.json: JSON Schema (2020-12) of one event on record. Pure."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from sessions.events import VOCABULARY, Event
from sessions.schema.models import all_models, sorts, summary, words


def record_schema() -> dict[str, Any]:
    """Envelope, and by stream and kind the body. In the record a body has no `kind`: the event has it."""
    models = all_models()
    references, told = models_json_schema([(model, "validation") for model in models], ref_template="#/$defs/{model}")
    definitions: dict[str, Any] = told["$defs"]
    names = {model: references[model, "validation"]["$ref"].rsplit("/", 1)[1] for model in models}
    for model, name in names.items():
        _describe(model, definitions[name])
    event = definitions.pop(names[Event])
    event["properties"]["body"] = {"type": "object"}
    cases = [
        {
            "if": {"properties": {"stream": {"pattern": sort.pattern}, "kind": {"const": kind}}},
            "then": {"properties": {"body": {"$ref": f"#/$defs/{names[body]}"}}},
        }
        for sort in sorts()
        for kind, body in sort.kinds.items()
    ]
    kinds = [
        {
            "if": {"properties": {"stream": {"pattern": sort.pattern}}},
            "then": {"properties": {"kind": {"enum": sorted(sort.kinds)}}},
        }
        for sort in sorts()
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:pencontrol:record:{VOCABULARY}",
        "title": f"An event of the record, vocabulary {VOCABULARY}",
        **{key: value for key, value in event.items() if key != "title"},
        "allOf": [*kinds, *cases],
        "$defs": dict(sorted(definitions.items())),
    }


def _describe(model: type[BaseModel], definition: dict[str, Any]) -> None:
    definition["description"] = summary(model)
    properties = definition["properties"]
    properties.pop("kind", None) if model is not Event else None
    for name, text in words(model).items():
        if name in properties and text:
            properties[name]["description"] = text
    for field in properties.values():
        field.pop("title", None)
