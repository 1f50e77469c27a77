"""Payload values for vectors and worked examples, the same at every run. Pure."""

from __future__ import annotations

from typing import Any

from firmware_protocol import messages as m
from firmware_protocol.messages import Field, Layout

PLAN = ((3, 1200), (7, 800), (200, 1500))
BLOCK = m.calibration_bytes(-12, 18500, -7200, b"CAL-2027-0042", 2740, m.CALIBRATION_PASS)
DRIVE = m.Drive(0x2A51, 200, 123_456, 3, m.MODE_TREAT, 1200, 1000, 7000, 100, 3)
TELEMETRY = m.Telemetry(123_456, 123_456_789, 1003, 6987, 151, 0x0102, 2, m.STATE_RUNNING, m.FAULT_NONE, m.REFUSAL_NONE, 0x6D)
EVENT = m.Event(7, 5_000_000, m.STATE_FAULT, m.FAULT_DEPTH_OVER, 5000, 1322)
STATUS = m.Status(
    3, 1200, 1000, 7000, 0x2A51, 187, m.REFUSAL_NONE, 4, 5012, 271, 940, 60_000, 1, 0, 2, 3, 1 << m.FAULT_LINK, 96,
    m.STORAGE_IDLE, m.parameters_crc({each.id: each.initial for each in m.PARAMETERS}), m.CALIBRATION.unpack(BLOCK).crc,
)  # fmt: skip

# What an engineer would see on a good day, for every layout that has fields or entries.
TYPICAL: dict[str, Any] = {
    "Hello": m.Hello(1, 0, 0xC0FFEE01, 0),
    "HelloReply": m.HelloReply(1, 0, 0xB0070001, m.STATE_IDLE, 0, 0, m.RESET_POWER_ON, 64, b"PEN-000123", b"1.0.3"),
    "Sync": m.Sync(1_234_567_890_123),
    "SyncReply": m.SyncReply(1_234_567_890_123, 5_000_100, 5_000_160),
    "Arm": m.Arm(m.MODE_TREAT, m.plan_crc(PLAN), 1200, 0xB0070001),
    "ArmReply": m.ArmReply(0x2A51),
    "Stream": m.Stream(1000, 1),
    "ClearFault": m.ClearFault(m.FAULT_HOST_TIMEOUT, 0xB0070001),
    "StatusReply": m.StatusReply(*STATUS),
    "CartridgeReply": m.CartridgeReply(1, 0x5A17_0000_0C0F_FEE1, 12, 5600, b"LOT-2027-04", 4017, 61_000),
    "Today": m.Today(2516),
    "PlanWrite": m.PlanWrite(0, PLAN),
    "PlanCommit": m.PlanCommit(m.plan_crc(PLAN)),
    "ParameterGet": m.ParameterGet(m.PARAMETER_CURRENT_TRIP),
    "ParameterGetReply": m.ParameterGetReply(m.PARAMETER_CURRENT_TRIP, 1200, 1000, 650, 1200, 1200),
    "ParameterSet": m.ParameterSet(m.PARAMETER_CURRENT_TRIP, 1000),
    "ParameterCommit": m.ParameterCommit(m.parameters_crc({1: 1500, 2: 1000, 3: 600, 4: 1})),
    "CalibrationRead": m.CalibrationRead(0, 33),
    "CalibrationReadReply": m.CalibrationReadReply(0, tuple((octet,) for octet in BLOCK)),
    "CalibrationWrite": m.CalibrationWrite(8, tuple((octet,) for octet in BLOCK[8:24])),
    "CalibrationCommit": m.CalibrationCommit(m.CALIBRATION.unpack(BLOCK).crc),
    "LogInfoReply": m.LogInfoReply(1, 7),
    "LogRead": m.LogRead(6, 2),
    "LogReadReply": m.LogReadReply((EVENT._replace(log_index=6, state=m.STATE_RUNNING, fault=0, argument=0), EVENT)),
    "Drive": DRIVE,
    "Stop": m.Stop(m.STOP_OPERATOR),
    "Simulate": m.Simulate(4, -5),
    "Telemetry": TELEMETRY,
    "TelemetryBatch": m.TelemetryBatch(tuple(TELEMETRY._replace(index=100 + at, t_us=123_456 + 1000 * at) for at in range(4))),
    "Status": STATUS,
    "Event": EVENT,
    "Boot": m.Boot(0xB0070001, m.RESET_POWER_ON),
}


def _edge(field: Field, high: bool) -> Any:
    if field.code.endswith("s"):
        return b"\xff" * int(field.code[:-1]) if high else bytes(int(field.code[:-1]))
    return field.high if high else field.low


def edge(layout: Layout[Any], high: bool) -> Any:
    """The layout's value with every field at its lowest or highest, and one entry of the same kind."""
    values = [_edge(field, high) for field in layout.fields]
    if layout.entries:
        values.append((tuple(_edge(field, high) for field in layout.entries),))
    return layout.type(*values)


def typical(layout: Layout[Any]) -> Any:
    """The layout's value on a good day."""
    return TYPICAL[layout.name] if layout.fields or layout.entries else layout.type()
