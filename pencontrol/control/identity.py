"""The pen's answers in the record's words. Pure."""

from datetime import UTC, date, datetime, timedelta

from firmware_protocol import messages
from sessions.events import Cartridge, PenIdentity

EPOCH = date(2020, 1, 1)  # CARTRIDGE_GET counts days from here
PEN_TRIPS = (messages.FAULT_DEPTH_OVER, messages.FAULT_SENSOR)
FAULT_ALARMS = {  # the pen's word for what the table knows by name; every other fault is PEN_FAULT
    messages.FAULT_DEPTH_OVER: "DEPTH_OVER_LIMIT",
    messages.FAULT_SENSOR: "DEPTH_INVALID",
    messages.FAULT_SPEED_RANGE: "SPEED_OFF",
    messages.FAULT_STALL: "STALL",
    messages.FAULT_OVERCURRENT: "OVERCURRENT",
    messages.FAULT_OVERTEMPERATURE: "OVERTEMPERATURE",
    messages.FAULT_CARTRIDGE: "CARTRIDGE_OUT",
}


def identity_from(reply: messages.HelloReply, port: str) -> PenIdentity:
    """Who answered HELLO on `port`."""
    return PenIdentity(
        serial=text_of(reply.serial),
        firmware=text_of(reply.firmware),
        boot_id=reply.boot_id,
        simulated=bool(reply.capabilities & messages.CAPABILITY_SIMULATED),
        protocol=f"{reply.major}.{reply.minor}",
        port=port,
    )


def cartridge_from(reply: messages.CartridgeReply) -> Cartridge:
    """What the cartridge's chip says."""
    return Cartridge(
        present=bool(reply.present),
        id=f"{reply.id:016X}",
        needles=reply.needles,
        tip_width_um=reply.tip_width_um,
        lot=text_of(reply.lot),
        expires=(EPOCH + timedelta(days=reply.expiry_days)).isoformat(),
        used_ms=reply.used_ms,
    )


def fault_name(fault: int) -> str:
    """A fault code in words; an unknown code keeps its number."""
    return messages.FAULTS[fault] if fault < len(messages.FAULTS) else f"FAULT_{fault}"


def result_name(result: int) -> str:
    """A result code in words; an unknown code keeps its number."""
    return messages.RESULTS[result] if result < len(messages.RESULTS) else f"RESULT_{result}"


def refusal_name(refusal: int) -> str:
    """A refusal code in words; an unknown code keeps its number."""
    return messages.REFUSALS[refusal] if refusal < len(messages.REFUSALS) else f"REFUSAL_{refusal}"


def text_of(padded: bytes) -> str:
    """A padded field of the wire as text."""
    return padded.rstrip(b"\0").decode("ascii", "replace")


def days_since_epoch(utc_ns: int) -> int:
    """Whole days from 2020-01-01 to `utc_ns`, as the wire counts them; 0 for a clock that stands before."""
    today = datetime.fromtimestamp(utc_ns / 1e9, UTC).date()
    return max(0, min((today - EPOCH).days, 0xFFFE))
