"""All checks, in the order in which they are run: what moves nothing first. Pure."""

from firmware_protocol.conformance.arming import ARMING
from firmware_protocol.conformance.check import Check
from firmware_protocol.conformance.framing import FRAMING
from firmware_protocol.conformance.motion import MOTION
from firmware_protocol.conformance.refusals import REFUSALS
from firmware_protocol.conformance.sessions import SESSIONS
from firmware_protocol.conformance.stops import STOPS
from firmware_protocol.conformance.telemetry import TELEMETRY
from firmware_protocol.conformance.workshop import WORKSHOP

CHECKS: tuple[Check, ...] = (*FRAMING, *SESSIONS, *TELEMETRY, *WORKSHOP, *ARMING, *REFUSALS, *STOPS, *MOTION)
