"""From a person's START to ARM on the wire: what ARM says, when the pen can take it, and what its refusal means. Pure."""

from firmware_protocol import messages
from firmware_protocol.happenings import Sample
from pencontrol.control.identity import result_name
from pencontrol.control.treatment import Treatment

STANDSTILL_NS = 200_000_000  # home 50 ms after power off (pen-link.md, "Pen states"); beyond this something holds the needles
NOT_HOME = "its needles are not home"
REFUSALS = {  # what the pen means by each (docs/PROTOCOL.md, "ARM")
    messages.BUSY: "its needles are not home, or it is storing",
    messages.BAD_STATE: "it is not idle",
    messages.DENIED: "it misses cartridge, plan or telemetry",
    messages.BAD_CRC: "it holds another plan",
    messages.LOCKED: "it holds no valid calibration",
}


def stands(newest: Sample | None) -> bool:
    """Would the pen arm, as far as its newest sample shows: motor off and needles home? Without a sample the pen is asked."""
    if newest is None:
        return True
    flags = newest.telemetry.flags
    return bool(flags & messages.FLAG_NEEDLES_HOME) and not flags & messages.FLAG_MOTOR_POWERED


def arm_for(treatment: Treatment, boot_id: int) -> messages.Arm:
    """ARM for this treatment's frozen plan."""
    return messages.Arm(
        mode=messages.MODE_TREAT,
        plan_crc=treatment.opened.plan_crc,
        depth_ceiling_um=max(limit_um for _, limit_um in treatment.plan_entries),
        boot_id=boot_id,
    )


def refused(why: int | str) -> str:
    """One sentence for the person who held START: the pen's result, or control's own reason."""
    told = why if isinstance(why, str) else REFUSALS.get(why, result_name(why))
    return f"The pen refused to arm: {told}"
