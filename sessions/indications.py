"""The indications of plans in English, by their code on record: who reads a record years later has no table. Pure."""

from collections.abc import Mapping

INDICATIONS: Mapping[str, str] = {
    "IN01": "Fine lines, wrinkles, photo-ageing",
    "IN02": "Acne scars",
    "IN03": "Chickenpox marks",
    "IN04": "Surgical or traumatic scar",
    "IN05": "Enlarged pores",
    "IN06": "Stretch marks",
    "IN07": "Pigmentation, uneven tone",
    "IN08": "Hair loss, alopecia",
    "IN09": "Cellulite",
    "IN10": "Loss of firmness or elasticity",
    "IN11": "General rejuvenation",
    "IN12": "Other",
}


def indication_words(told: str) -> str:
    """E.g. "Acne scars (IN02)"; what is no code of the table stays as it is."""
    return f"{INDICATIONS[told]} ({told})" if told in INDICATIONS else told
