"""Generated from messages.py by `python -m firmware_protocol.generate`: do not edit."""

from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")
R = TypeVar("R")

class MessageError(Exception): ...

class Field:
    name: str
    code: str
    unit: str
    text: str
    low: int
    high: int
    since: int
    def __init__(
        self,
        name: str,
        code: str,
        unit: str = ...,
        text: str = ...,
        low: int | None = ...,
        high: int | None = ...,
        since: int = ...,
    ) -> None: ...

class Layout(Generic[T]):
    name: str
    fields: tuple[Field, ...]
    entries: tuple[Field, ...]
    exact: bool
    format: str
    size: int
    type: type[T]
    def __init__(self, name: str, fields: tuple[Field, ...], entries: tuple[Field, ...] = ..., exact: bool = ...) -> None: ...
    @property
    def least(self) -> int: ...
    def pack(self, value: T) -> bytes: ...
    def pack_unchecked(self, value: T) -> bytes: ...
    def unpack(self, payload: bytes) -> T: ...

class Message(Generic[T, R]):
    id: int
    name: str
    text: str
    payload: Layout[T]
    reply: Layout[R]
    def __init__(self, id: int, name: str, text: str, payload: Layout[T], reply: Layout[R] | None = ...) -> None: ...
    @property
    def reply_id(self) -> int: ...

MESSAGES: tuple[Message[Any, Any], ...]
BY_ID: dict[int, Message[Any, Any]]

class Parameter(NamedTuple):
    id: int
    name: str
    unit: str
    low: int
    high: int
    initial: int
    text: str

PARAMETERS: tuple[Parameter, ...]

def plan_crc(entries: list[tuple[int, int]] | tuple[tuple[int, int], ...]) -> int: ...
def parameters_crc(values: dict[int, int]) -> int: ...
def calibration_bytes(a_um: int, b_ppm: int, speed_ppm: int, certificate: bytes, valid_until_days: int, status: int) -> bytes: ...

MINOR: int
DEPTH_MIN_UM: int
DEPTH_MAX_UM: int
SPEED_MIN_RPM: int
SPEED_MAX_RPM: int
LEASE_MIN_MS: int
LEASE_MAX_MS: int
OVER_TOLERANCE_MIN_UM: int
OVER_TOLERANCE_MAX_UM: int
TRIP_MIN_MS: int
TRIP_MAX_MS: int
SEEN_MAX_AGE_US: int
PLAN_MAX_ZONES: int
CALIBRATION_BYTES: int
DAYS_WITHOUT_END: int
LOG_READ_MOST: int
RESULTS: tuple[str, ...]
OK: int
BUSY: int
DENIED: int
UNSUPPORTED: int
FAILED: int
IN_PROGRESS: int
BAD_STATE: int
BAD_SESSION: int
BAD_VERSION: int
BAD_CRC: int
LOCKED: int
FAULTS: tuple[str, ...]
FAULT_NONE: int
FAULT_HOST_TIMEOUT: int
FAULT_DEPTH_OVER: int
FAULT_SPEED_RANGE: int
FAULT_STALL: int
FAULT_OVERCURRENT: int
FAULT_OVERTEMPERATURE: int
FAULT_UNDERVOLTAGE: int
FAULT_SENSOR: int
FAULT_HOMING: int
FAULT_EMERGENCY: int
FAULT_ASSERT: int
FAULT_WATCHDOG_RESET: int
FAULT_LINK: int
FAULT_CARTRIDGE: int
FAULT_CALIBRATION: int
FAULT_TRANSMIT_STALL: int
STATES: tuple[str, ...]
STATE_BOOT: int
STATE_SELFTEST: int
STATE_IDLE: int
STATE_ARMED: int
STATE_RUNNING: int
STATE_FAULT: int
MODES: tuple[str, ...]
MODE_NONE: int
MODE_TREAT: int
MODE_CALIBRATE: int
STOP_REASONS: tuple[str, ...]
STOP_OPERATOR: int
STOP_PAUSE: int
STOP_LIMIT: int
STOP_LINK: int
STOP_SCREEN: int
STOP_RECORD: int
STOP_EMERGENCY: int
STOP_SHUTDOWN: int
REFUSALS: tuple[str, ...]
REFUSAL_NONE: int
REFUSAL_NOT_ARMED: int
REFUSAL_TOKEN: int
REFUSAL_SEQUENCE: int
REFUSAL_MODE: int
REFUSAL_LEASE: int
REFUSAL_TOLERANCE: int
REFUSAL_TRIP: int
REFUSAL_ZONE: int
REFUSAL_LIMIT: int
REFUSAL_DEPTH: int
REFUSAL_SPEED: int
REFUSAL_SEEN: int
REFUSAL_LENGTH: int
REFUSAL_SESSION: int
RESET_CAUSES: tuple[str, ...]
RESET_POWER_ON: int
RESET_PIN: int
RESET_WATCHDOG: int
RESET_SOFTWARE: int
RESET_BROWN_OUT: int
EVENT_CAUSES: tuple[str, ...]
CAUSE_STATE: int
CAUSE_STOP: int
CAUSE_DRIVE: int
CAUSE_DISARM: int
CAUSE_HELLO: int
CAUSE_BUTTON: int
CAUSE_NO_DRIVE: int
CAUSE_CLEARED: int
CAUSE_STORED: int
CAUSE_STORE_FAILED: int
STORAGE_STATES: tuple[str, ...]
STORAGE_IDLE: int
STORAGE_WRITING: int
STORAGE_DONE: int
STORAGE_FAILED: int
CALIBRATION_STATUSES: tuple[str, ...]
CALIBRATION_NONE: int
CALIBRATION_PASS: int
CALIBRATION_LOCKED: int
FLAG_CARTRIDGE: int
FLAG_BUTTON: int
FLAG_CONTACT: int
FLAG_MOTOR_POWERED: int
FLAG_NEEDLES_HOME: int
FLAG_DEPTH_VALID: int
FLAG_SPEED_VALID: int
CAPABILITY_SIMULATED: int
CAPABILITY_CONTACT_FLAG: int
PARAMETER_SPIN_UP: int
PARAMETER_CURRENT_TRIP: int
PARAMETER_TEMPERATURE_TRIP: int
PARAMETER_BUTTON_HOLD: int

class Hello(NamedTuple):
    major: int
    minor: int
    host_nonce: int
    capabilities: int

class HelloReply(NamedTuple):
    major: int
    minor: int
    boot_id: int
    state: int
    fault: int
    capabilities: int
    reset_cause: int
    rx_max: int
    serial: bytes
    firmware: bytes

class Sync(NamedTuple):
    host_us: int

class SyncReply(NamedTuple):
    host_us: int
    pen_rx_us: int
    pen_tx_us: int

class Arm(NamedTuple):
    mode: int
    plan_crc: int
    depth_ceiling_um: int
    boot_id: int

class ArmReply(NamedTuple):
    arm_token: int

class Disarm(NamedTuple): ...
class DisarmReply(NamedTuple): ...

class Stream(NamedTuple):
    period_us: int
    batch: int

class StreamReply(NamedTuple): ...

class ClearFault(NamedTuple):
    fault: int
    boot_id: int

class ClearFaultReply(NamedTuple): ...
class StatusGet(NamedTuple): ...

class StatusReply(NamedTuple):
    zone: int
    depth_limit_um: int
    depth_um: int
    speed_rpm: int
    arm_token: int
    lease_left_ms: int
    refusal: int
    refused: int
    supply_mv: int
    temperature_dc: int
    loop_max_us: int
    rx_good: int
    rx_bad: int
    rx_overrun: int
    tx_dropped: int
    duplicates: int
    fault_bits: int
    free_kb: int
    storage: int
    parameters_crc: int
    calibration_crc: int

class CartridgeGet(NamedTuple): ...

class CartridgeReply(NamedTuple):
    present: int
    id: int
    needles: int
    tip_width_um: int
    lot: bytes
    expiry_days: int
    used_ms: int

class Today(NamedTuple):
    today_days: int

class TodayReply(NamedTuple): ...

class PlanWrite(NamedTuple):
    offset: int
    entries: tuple[tuple[int, int], ...]

class PlanWriteReply(NamedTuple): ...

class PlanCommit(NamedTuple):
    plan_crc: int

class PlanCommitReply(NamedTuple): ...

class ParameterGet(NamedTuple):
    id: int

class ParameterGetReply(NamedTuple):
    id: int
    value: int
    staged: int
    low: int
    high: int
    initial: int

class ParameterSet(NamedTuple):
    id: int
    value: int

class ParameterSetReply(NamedTuple): ...

class ParameterCommit(NamedTuple):
    parameters_crc: int

class ParameterCommitReply(NamedTuple): ...

class CalibrationRead(NamedTuple):
    offset: int
    count: int  # type: ignore[assignment]

class CalibrationReadReply(NamedTuple):
    offset: int
    entries: tuple[tuple[int], ...]

class CalibrationWrite(NamedTuple):
    offset: int
    entries: tuple[tuple[int], ...]

class CalibrationWriteReply(NamedTuple): ...

class CalibrationCommit(NamedTuple):
    calibration_crc: int

class CalibrationCommitReply(NamedTuple): ...
class LogInfo(NamedTuple): ...

class LogInfoReply(NamedTuple):
    first_index: int
    last_index: int

class LogRead(NamedTuple):
    first_index: int
    count: int  # type: ignore[assignment]

class LogReadReply(NamedTuple):
    entries: tuple[tuple[int, int, int, int, int, int], ...]

class Drive(NamedTuple):
    arm_token: int
    lease_ms: int
    seen_index: int
    zone: int
    mode: int
    depth_limit_um: int
    depth_um: int
    speed_rpm: int
    over_tolerance_um: int
    trip_ms: int

class Stop(NamedTuple):
    reason: int

class StopReply(NamedTuple): ...

class Simulate(NamedTuple):
    kind: int
    value: int

class SimulateReply(NamedTuple): ...

class Telemetry(NamedTuple):
    index: int  # type: ignore[assignment]
    t_us: int
    depth_um: int
    speed_rpm: int
    current_ma: int
    drive_sequence: int
    dropped: int
    state: int
    fault: int
    refusal: int
    flags: int

class TelemetryBatch(NamedTuple):
    entries: tuple[tuple[int, int, int, int, int, int, int, int, int, int, int], ...]

class Status(NamedTuple):
    zone: int
    depth_limit_um: int
    depth_um: int
    speed_rpm: int
    arm_token: int
    lease_left_ms: int
    refusal: int
    refused: int
    supply_mv: int
    temperature_dc: int
    loop_max_us: int
    rx_good: int
    rx_bad: int
    rx_overrun: int
    tx_dropped: int
    duplicates: int
    fault_bits: int
    free_kb: int
    storage: int
    parameters_crc: int
    calibration_crc: int

class Event(NamedTuple):
    log_index: int
    t_us: int
    state: int
    fault: int
    sample_index: int
    argument: int

class Boot(NamedTuple):
    boot_id: int
    reset_cause: int

class CalibrationBlock(NamedTuple):
    a_um: int
    b_ppm: int
    speed_ppm: int
    certificate: bytes
    valid_until_days: int
    status: int
    crc: int

CALIBRATION: Layout[CalibrationBlock]
HELLO: Message[Hello, HelloReply]
SYNC: Message[Sync, SyncReply]
ARM: Message[Arm, ArmReply]
DISARM: Message[Disarm, DisarmReply]
STREAM: Message[Stream, StreamReply]
CLEAR_FAULT: Message[ClearFault, ClearFaultReply]
STATUS_GET: Message[StatusGet, StatusReply]
CARTRIDGE_GET: Message[CartridgeGet, CartridgeReply]
TODAY: Message[Today, TodayReply]
PLAN_WRITE: Message[PlanWrite, PlanWriteReply]
PLAN_COMMIT: Message[PlanCommit, PlanCommitReply]
PARAMETER_GET: Message[ParameterGet, ParameterGetReply]
PARAMETER_SET: Message[ParameterSet, ParameterSetReply]
PARAMETER_COMMIT: Message[ParameterCommit, ParameterCommitReply]
CALIBRATION_READ: Message[CalibrationRead, CalibrationReadReply]
CALIBRATION_WRITE: Message[CalibrationWrite, CalibrationWriteReply]
CALIBRATION_COMMIT: Message[CalibrationCommit, CalibrationCommitReply]
LOG_INFO: Message[LogInfo, LogInfoReply]
LOG_READ: Message[LogRead, LogReadReply]
DRIVE: Message[Drive, None]
STOP: Message[Stop, StopReply]
SIMULATE: Message[Simulate, SimulateReply]
TELEMETRY: Message[Telemetry, None]
TELEMETRY_BATCH: Message[TelemetryBatch, None]
STATUS: Message[Status, None]
EVENT: Message[Event, None]
BOOT: Message[Boot, None]
