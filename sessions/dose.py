"""Strikes per square centimetre: how often needles hit a zone's skin. Pure: control and the record count alike with it."""


def strikes_per_cm2(needles: int, speed_rpm: float, contact_s: float, area_cm2: float) -> float:
    """Needles * rpm / 60 * contact / area (clinic.md: 12 needles, 60 s, 40 cm2 at 6000 rpm give 1800). 0 for no area."""
    if not (area_cm2 > 0):
        return 0.0
    return needles * speed_rpm / 60 * contact_s / area_cm2
