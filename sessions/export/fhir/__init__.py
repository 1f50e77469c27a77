"""session.fhir.json: the session as a FHIR R4 document, for a clinic's or an insurer's own system. Pure.

No code of a vocabulary that needs a licence beyond LOINC's comes in here, and nothing that the record does not say.
"""

from sessions.export.fhir.bundle import session_bundle, session_fhir

__all__ = ["session_bundle", "session_fhir"]
