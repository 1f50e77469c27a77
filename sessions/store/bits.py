"""Integers as bytes and bits, whole arrays at once: varints, zigzag, columns of bytes, low bits. Pure."""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def spread(rows: npt.NDArray[np.uint8], width: int) -> bytes:
    """Rows of `width` bytes to columns of differences."""
    return np.diff(rows.reshape(-1, width).T, axis=1, prepend=np.uint8(0)).tobytes()


def gather(columns: bytes, width: int) -> bytes:
    """What `spread` was given."""
    if not columns:
        return b""
    steps = np.frombuffer(columns, np.uint8).reshape(width, -1)
    return np.cumsum(steps, axis=1, dtype=np.uint8).T.tobytes()


def put_varint(out: bytearray, number: int) -> None:
    """`number` from 0, seven bits a byte, lowest first."""
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def get_varint(data: bytes, offset: int) -> tuple[int, int]:
    """The number at `offset`, and where it ends. Raises ValueError when it is cut off or has more than 64 bits."""
    if offset < len(data) and (byte := data[offset]) < 0x80:  # nearly every one
        return byte, offset + 1
    value = shift = 0
    while offset < len(data):
        byte = data[offset]
        offset += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value >> 64:
                break
            return value, offset
        shift += 7
        if shift > 63:
            break
    raise ValueError("a number is cut off, or longer than any that is written")


def planes(numbers: npt.NDArray[np.uint64], width: int) -> bytes:
    """Numbers of at most `width` bytes as columns of bytes, the lowest first."""
    return numbers.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :width].T.tobytes()


def from_planes(planes: bytes, width: int) -> npt.NDArray[np.uint64]:
    """What `planes` was given."""
    whole = np.zeros((len(planes) // width, 8), np.uint8)
    whole[:, :width] = np.frombuffer(planes, np.uint8).reshape(width, -1).T
    return whole.view("<u8").ravel()


def low_bits(numbers: npt.NDArray[np.uint64], low: int) -> bytes:
    """The `low` lowest bits of each: whole bytes as columns of bytes, the bits above as columns of bits, highest first."""
    octets = numbers.astype("<u8").view(np.uint8).reshape(-1, 8)
    whole, left = divmod(low, 8)
    out = octets[:, :whole].T.tobytes()
    if left:
        bits = np.unpackbits(octets[:, whole : whole + 1], axis=1)
        out += np.packbits(bits[:, 8 - left :].T).tobytes()
    return out


def from_low_bits(data: bytes, low: int, count: int) -> npt.NDArray[np.uint64]:
    """What `low_bits` was given, the bits above 0. `data` must have the length that it gave."""
    whole, left = divmod(low, 8)
    octets = np.zeros((count, 8), np.uint8)
    for each in range(whole):
        octets[:, each] = np.frombuffer(data, np.uint8, count, each * count)
    if left:
        bits = np.unpackbits(np.frombuffer(data, np.uint8, offset=whole * count), count=left * count).reshape(left, count)
        top = bits[0].copy()
        for each in bits[1:]:
            top += top
            top |= each
        octets[:, whole] = top
    return octets.view("<u8").ravel()


def zigzag(values: Ints) -> npt.NDArray[np.uint64]:
    """0, -1, 1, -2 become 0, 1, 2, 3."""
    return ((values << 1) ^ (values >> 63)).view(np.uint64)


def unzigzag(numbers: npt.NDArray[np.uint64]) -> Ints:
    """What `zigzag` was given."""
    return (numbers >> np.uint64(1)).view(np.int64) ^ -(numbers & np.uint64(1)).view(np.int64)


def zigzag_one(value: int) -> int:
    """As `zigzag`, one number."""
    return value << 1 if value >= 0 else ~(value << 1)


def unzigzag_one(number: int) -> int:
    """As `unzigzag`, one number."""
    return (number >> 1) ^ -(number & 1)
