"""Signatures with a meaning over a session: made with the station's key, checked by anybody.

For exports and screens, pure: `standings(events, trace_hashes, wires_hashes, trusted)` tells of every `signed` event in a
stream whether it still stands. `sessions.audit.verify` calls it, so `verdict.signatures` is there for whoever has a verdict.
"""

from sessions.signing.standing import Linked, Standing, standings
from sessions.signing.statement import content_sha256, key_id_of, signature_holds, statement_of

__all__ = ["Linked", "Standing", "content_sha256", "key_id_of", "signature_holds", "standings", "statement_of"]
