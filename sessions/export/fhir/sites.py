"""Zones of the skin as FHIR sites. Pure."""

from sessions.events import ZoneLimit
from sessions.export.fhir.parts import OWN, concept
from sessions.export.material import Material


def site(zone: str, name: str) -> dict[str, object]:
    """A zone of the skin, by the name and the code that the plan has for it."""
    return concept(name, OWN + "zone", zone, name)


def site_of(planned: ZoneLimit) -> dict[str, object]:
    """A pin's site is its zone, with the pin's own name as text."""
    return site(planned.pin.zone if planned.pin is not None else planned.zone, planned.name)


def site_in(material: Material, zone: str) -> dict[str, object]:
    """The site of a zone by its id, whether the plan has it or not."""
    return next((site_of(each) for each in material.facts.opened.zones if each.zone == zone), site(zone, zone))
