"""PINs: how they are kept, and how long to wait after wrong ones. Pure but for the hashing.

A PIN has 4 to 12 digits, so whoever holds a plain hash tries all of them in an afternoon. It is therefore first keyed (HMAC)
with a secret of the station's, outside the database, and then hashed by argon2id: a stolen database, archive or backup alone
gives nothing to try against, and a stolen station costs 64 MiB and some tens of milliseconds a try.
"""

import hashlib
import hmac
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import Type

from sessions.people.entries import PIN_TRIES
from sessions.people.sealing import Random

PIN_DIGITS = (4, 12)
# RFC 9106's second choice, for machines that share their memory: 64 MiB, three passes, four lanes; about 50 ms at the chair,
# which a person does not notice and a thief multiplies by every PIN there is.
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4, hash_len=32, salt_len=16, type=Type.ID)
_SALT_BYTES = 16
_FIRST_WAIT_S = 30
_LONGEST_WAIT_S = 3600


def pin_problem(pin: str) -> str:
    """Why `pin` cannot be one, "" when it can. The words never hold the PIN."""
    low, high = PIN_DIGITS
    if not (pin.isascii() and pin.isdigit() and low <= len(pin) <= high):
        return f"a PIN has {low} to {high} digits and nothing else"
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    if len(steps) == 1 and steps <= {0, 1, 9}:
        return "a PIN of one digit repeated, or of digits in a row, is guessed first; choose another"
    return ""


def make_verifier(pepper: bytes, user: str, pin: str, random: Random) -> str:
    """What is kept of `pin`: argon2id over the keyed PIN, in argon2's own text form with its parameters."""
    return _HASHER.hash(_keyed(pepper, user, pin), salt=random(_SALT_BYTES))


def fits(pepper: bytes, user: str, pin: str, verifier: str) -> bool:
    """Whether `pin` is the one that `verifier` was made from."""
    try:
        return _HASHER.verify(verifier, _keyed(pepper, user, pin))
    except (Argon2Error, InvalidHashError):
        return False


def wait_s(refused: int) -> int:
    """Seconds to wait after `refused` wrong PINs in a row: none up to the fourth, then 30, 60, 120 ... 3600."""
    if refused < PIN_TRIES:
        return 0
    return int(min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** min(refused - PIN_TRIES, 12)))


def _keyed(pepper: bytes, user: str, pin: str) -> bytes:
    return hmac.new(pepper, f"{user}|{pin}".encode(), hashlib.sha256).digest()
