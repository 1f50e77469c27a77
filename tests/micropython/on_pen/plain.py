"""Values to what JSON can hold and back, the same on both sides: bytes as {"hex": ...}, tuples as lists."""

import binascii


def to_plain(value: object) -> object:
    """In JSON's terms."""
    if isinstance(value, (bytes, bytearray)):
        return {"hex": binascii.hexlify(value).decode()}
    if isinstance(value, (tuple, list)):
        return [to_plain(one) for one in value]
    return value


def from_plain(value: object) -> object:
    """Back from JSON's terms; every list becomes a tuple."""
    if isinstance(value, dict):
        return binascii.unhexlify(value["hex"])
    if isinstance(value, list):
        return tuple(from_plain(one) for one in value)
    return value
