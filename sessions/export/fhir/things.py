"""Who and what took part: patient, practitioner, pen, cartridge, software. Pure."""

from sessions.events import Cartridge
from sessions.export.fhir.parts import Ids, Resource, clean, concept, day_or_none, extension, identifier, quantity
from sessions.export.material import Material


def patient(material: Material, ids: Ids) -> Resource:
    """The client by code only. A name is never in an export."""
    return {
        "resourceType": "Patient",
        "id": ids.of("patient"),
        "identifier": [identifier("client", material.facts.opened.client, "pseudonym of the client")],
    }


def practitioner(material: Material, ids: Ids) -> Resource:
    """The operator by code, with name and qualification where they are on record."""
    told = material.beside.operator
    found: Resource = {
        "resourceType": "Practitioner",
        "id": ids.of("practitioner"),
        "identifier": [identifier("operator", material.facts.opened.operator, "code of the operator")],
    }
    if told is None:
        return found
    registration = (
        {"identifier": [{"value": clean(told.registration), "type": {"text": "registration"}}]} if told.registration else {}
    )
    words = clean(told.qualification) or ("registered" if told.registration else "")
    period = {"end": told.registration_expires}
    found["name"] = [{"text": clean(told.name)}]
    found["qualification"] = [{**registration, "code": {"text": words}, "period": period}] if words else []
    insured = f"{told.insurance}, until {told.insurance_expires}" if told.insurance_expires else told.insurance
    found["extension"] = [extension("insurance", "String", clean(insured))] if told.insurance else []
    return found


def pen(material: Material, ids: Ids) -> Resource:
    """The pen as it named itself."""
    told = material.facts.opened.pen
    name = "Micro-needling pen, SIMULATED by software" if told.simulated else "Micro-needling pen"
    return {
        "resourceType": "Device",
        "id": ids.of("pen"),
        "identifier": [identifier("pen", told.serial, "serial number")],
        "status": "active",
        "serialNumber": clean(told.serial),
        "deviceName": [{"name": name, "type": "user-friendly-name"}],
        "type": {"text": name},
        "version": _versions({"firmware": told.firmware, "protocol": told.protocol}),
    }


def cartridges(material: Material, ids: Ids) -> list[Resource]:
    """Every cartridge of the session as its chip tells; none when the pen held none."""
    facts = material.facts
    told = [("cartridge", facts.opened.cartridge, "in the pen when the session opened")]
    told += [
        (f"cartridge:{number}", change.body.new, f"in the pen from {change.utc}")
        for number, change in enumerate(facts.cartridges, start=2)
    ]
    return [_cartridge(ids.of(role), each, since) for role, each, since in told if each.present]


def _cartridge(id_: str, told: Cartridge, since: str) -> Resource:
    return {
        "resourceType": "Device",
        "id": id_,
        "identifier": [identifier("cartridge", told.id, "id in the cartridge's chip")],
        "lotNumber": clean(told.lot),
        "expirationDate": day_or_none(told.expires),
        "deviceName": [{"name": f"Needle cartridge, {told.needles} needles", "type": "user-friendly-name"}],
        "type": {"text": "Needle cartridge, single use"},
        "property": [
            {"type": {"text": "needles"}, "valueQuantity": [quantity(told.needles, "{#}", "needles")]},
            {"type": {"text": "width of the tip"}, "valueQuantity": [quantity(told.tip_width_um, "um", "µm")]},
        ],
        "note": [{"text": since}],
        "extension": [extension("used-before", "Quantity", quantity(told.used_ms, "ms"))],
    }


def software(material: Material, ids: Ids) -> Resource:
    """What controlled the pen and wrote the record."""
    return {
        "resourceType": "Device",
        "id": ids.of("software"),
        "status": "active",
        "deviceName": [{"name": "pencontrol", "type": "model-name"}],
        "type": concept("software that controls the pen and keeps the record"),
        "version": _versions(material.facts.opened.versions),
    }


def _versions(versions: dict[str, str]) -> list[dict[str, object]]:
    told = sorted((name, clean(version)) for name, version in versions.items())
    return [{"type": {"text": clean(name)}, "value": version} for name, version in told if version]
