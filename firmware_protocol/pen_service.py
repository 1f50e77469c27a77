"""Requests of the workshop: date, parameters, calibration, event log; one method a message, named as it is. No I/O, no clock.

Runs unchanged on CPython and MicroPython. Whatever stages or stores is for IDLE only and one write at a time; the write itself
goes on in `step`, while the pen answers everything but ARM as ever.
"""

from firmware_protocol.messages import (
    BAD_STATE,
    BUSY,
    CAUSE_STORE_FAILED,
    CAUSE_STORED,
    DENIED,
    FAULT_NONE,
    LOG_READ_MOST,
    OK,
    STATE_IDLE,
    STORAGE_DONE,
    CalibrationCommit,
    CalibrationRead,
    CalibrationReadReply,
    CalibrationWrite,
    LogInfoReply,
    LogRead,
    LogReadReply,
    ParameterCommit,
    ParameterGet,
    ParameterGetReply,
    ParameterSet,
    Today,
)
from firmware_protocol.pen_calibration import Calibration
from firmware_protocol.pen_log import Log
from firmware_protocol.pen_motion import Motion
from firmware_protocol.pen_parameters import Parameters
from firmware_protocol.pen_storage import Storage


class Service:
    """What outlives a session, and how a host changes it."""

    def __init__(self, storage: Storage, calibration: Calibration, motion: Motion, log: Log) -> None:
        """Lets the stored parameters hold at once."""
        self.storage = storage
        self.parameters = Parameters(storage)
        self.calibration = calibration
        self.log = log
        self._motion = motion
        self._today_days = 0  # 0: nobody told
        motion.limits = self.parameters.limits

    @property
    def allows_treatment(self) -> bool:
        """Is the calibration PASS, and in date by the date this session's host told?"""
        return self.calibration.allows_treatment(self._today_days)

    def open_session(self) -> None:
        """HELLO: the last host's date and half-made changes are gone; a write under way goes on."""
        self._today_days = 0
        self.parameters.forget_staged()
        self.calibration.forget_staged()

    def step(self) -> None:
        """Once a base period: a write that ended well holds from now on, and an event says how it ended."""
        ended = self.storage.poll()
        if ended is None:
            return
        well = self.storage.state == STORAGE_DONE
        if well and ended is self.storage.parameters:
            self.parameters.take_stored()
            self._motion.limits = self.parameters.limits
        elif well:
            self.calibration.take_stored()
        if self._motion.fault == FAULT_NONE:  # with a fault the argument would be read as the value that tripped
            cause = CAUSE_STORED if well else CAUSE_STORE_FAILED
            self._motion.happened.append((self._motion.state, FAULT_NONE, cause))

    def today(self, today: Today, now_us: int) -> tuple[int, None]:
        """TODAY."""
        if not (0 < today.today_days < 0xFFFF):
            return DENIED, None
        self._today_days = today.today_days
        return OK, None

    def parameter_get(self, get: ParameterGet, now_us: int) -> tuple[int, ParameterGetReply | None]:
        """PARAMETER_GET."""
        return self.parameters.get(get.id)

    def parameter_set(self, change: ParameterSet, now_us: int) -> tuple[int, None]:
        """PARAMETER_SET."""
        refusal = self._refusal()
        return refusal if refusal != OK else self.parameters.set(change.id, change.value), None

    def parameter_commit(self, commit: ParameterCommit, now_us: int) -> tuple[int, None]:
        """PARAMETER_COMMIT."""
        refusal = self._refusal()
        return refusal if refusal != OK else self.parameters.commit(commit.parameters_crc), None

    def calibration_read(self, read: CalibrationRead, now_us: int) -> tuple[int, CalibrationReadReply | None]:
        """CALIBRATION_READ."""
        data = self.calibration.read(read.offset, read.count)
        if data is None:
            return DENIED, None
        return OK, CalibrationReadReply(read.offset, tuple((octet,) for octet in data))

    def calibration_write(self, write: CalibrationWrite, now_us: int) -> tuple[int, None]:
        """CALIBRATION_WRITE."""
        refusal = self._refusal()
        data = bytes([entry[0] for entry in write.entries])
        return refusal if refusal != OK else self.calibration.write(write.offset, data), None

    def calibration_commit(self, commit: CalibrationCommit, now_us: int) -> tuple[int, None]:
        """CALIBRATION_COMMIT."""
        refusal = self._refusal()
        return refusal if refusal != OK else self.calibration.commit(commit.calibration_crc), None

    def log_info(self, info: object, now_us: int) -> tuple[int, LogInfoReply]:
        """LOG_INFO."""
        return OK, LogInfoReply(self.log.first, self.log.last)

    def log_read(self, read: LogRead, now_us: int) -> tuple[int, LogReadReply | None]:
        """LOG_READ."""
        records = self.log.read(read.first_index, read.count) if read.count <= LOG_READ_MOST else None
        return (OK, LogReadReply(records)) if records else (DENIED, None)

    def _refusal(self) -> int:
        if self._motion.state != STATE_IDLE:
            return BAD_STATE
        return BUSY if self.storage.writing else OK
