/* Replies of the bench's pen. It grants whatever control may ask before and during a run; it is a load, not a guard. */
#include "pen_link.h"

enum {
    HELLO = 0x01,
    SYNC = 0x02,
    ARM = 0x03,
    STREAM = 0x05,
    CARTRIDGE_GET = 0x08,
    CALIBRATION_READ = 0x14,
    DRIVE = 0x30,
    OK = 0,
    UNSUPPORTED = 3,
};
enum { CARTRIDGE_IN = 0x01, MOTOR_POWERED = 0x08, NEEDLES_HOME = 0x10, DEPTH_VALID = 0x20, SPEED_VALID = 0x40 };
enum { CAPABILITY_SIMULATED = 1, BOOT_ID = 0x0BE4C4, DEPTH_MIN_UM = 500, OVER_BY_UM = 200, IDLE_MA = 180 };
enum { CALIBRATION_BYTES = 33, DAYS_FROM_2020 = 20000, NO_END = 0xFFFF, STATUS_BYTES = 80 };

void pen_stop(struct pen *pen) {
    pen->state = STATE_IDLE;
    pen->depth_um = pen->speed_rpm = 0;
    pen->token++;
}

static uint32_t clock_us(uint64_t now_ns) { return (uint32_t)(now_ns / 1000); }

static size_t hello(uint8_t *reply) {
    memset(reply, 0, 36);
    reply[0] = 1;
    put32(reply + 2, BOOT_ID);
    reply[6] = STATE_IDLE;
    put16(reply + 8, CAPABILITY_SIMULATED);
    put16(reply + 11, 64);
    memcpy(reply + 13, "BENCH0000001", 12);
    memcpy(reply + 25, "bench1", 6);
    return 33;
}

static size_t cartridge(uint8_t *reply) {
    memset(reply, 0, 30);
    reply[0] = 1;
    reply[1] = 0xBE;
    reply[9] = 12;
    put16(reply + 10, 1000);
    memcpy(reply + 12, "BENCH", 5);
    put16(reply + 24, DAYS_FROM_2020);
    return 30;
}

/* Part of a block that says PASS, without end, and corrects nothing. */
static size_t calibration(const struct frame *frame, uint8_t *reply) {
    uint8_t block[CALIBRATION_BYTES] = {0};
    memcpy(block + 10, "BENCH-0001", 10);
    put16(block + 26, NO_END);
    block[28] = 1;
    put32(block + 29, crc32_of(block, 29));
    size_t offset = frame->payload[0], length = frame->payload[1];
    if (offset + length > sizeof block) return 0;
    reply[0] = (uint8_t)offset;
    memcpy(reply + 1, block + offset, length);
    return 1 + length;
}

/* payload: arm_token u16, lease_ms u16, seen_index u32, zone, mode, depth_limit, depth, speed, over_tolerance u16, trip_ms */
static void drive(struct pen *pen, const struct frame *frame, uint64_t now_ns) {
    const uint8_t *asked = frame->payload;
    if (frame->length != 19 || get16(asked) != pen->token) return;
    if (pen->state != STATE_ARMED && pen->state != STATE_RUNNING) return;
    pen->drive_sequence = frame->sequence;
    pen->lease_end_ns = now_ns + get16(asked + 2) * 1000000ull;
    pen->over_um = (uint16_t)(get16(asked + 10) + get16(asked + 16) + OVER_BY_UM);
    pen->depth_um = get16(asked + 12);
    pen->speed_rpm = get16(asked + 14);
    pen->state = pen->depth_um >= DEPTH_MIN_UM ? STATE_RUNNING : STATE_ARMED;
}

size_t pen_answer(struct pen *pen, const struct frame *frame, uint64_t now_ns, uint8_t *wire) {
    uint8_t reply[128] = {OK};
    uint8_t *fields = reply + 1;
    size_t length = 0;
    if (frame->type == DRIVE) {
        drive(pen, frame, now_ns);
        return 0;
    }
    if (frame->type == HELLO) {
        pen_stop(pen);
        length = hello(fields);
    } else if (frame->type == SYNC && frame->length >= 8) {
        memcpy(fields, frame->payload, 8);
        put32(fields + 8, clock_us(now_ns));
        put32(fields + 12, clock_us(now_ns));
        length = 16;
    } else if (frame->type == ARM) {
        pen->state = STATE_ARMED;
        pen->lease_end_ns = now_ns + 1000000000ull;
        put16(fields, ++pen->token);
        length = 2;
    } else if (frame->type == STREAM && frame->length >= 3) {
        pen->period_us = get16(frame->payload);
    } else if (frame->type == CARTRIDGE_GET) {
        length = cartridge(fields);
    } else if (frame->type == CALIBRATION_READ && frame->length >= 2) {
        length = calibration(frame, fields);
    } else if (frame->type >= 0x10 && frame->type != STOP) {
        reply[0] = UNSUPPORTED; /* parameters, log, SIMULATE */
    }
    return frame_encode(wire, frame->type | REPLY, SESSION, 0, frame->sequence, reply, 1 + length);
}

size_t pen_telemetry(const struct pen *pen, bool over, uint64_t now_ns, uint8_t *wire) {
    uint8_t sample[TELEMETRY_PAYLOAD] = {0};
    bool runs = pen->state == STATE_RUNNING;
    uint16_t noise = (uint16_t)(pen->index * 2654435761u >> 30); /* 0 to 3: no two frames are alike */
    put32(sample, pen->index);
    put32(sample + 4, clock_us(now_ns));
    put16(sample + 8, runs ? over ? pen->over_um : (uint16_t)(pen->depth_um + noise) : 0);
    put16(sample + 10, runs ? (uint16_t)(pen->speed_rpm + noise) : 0);
    put16(sample + 12, runs ? (uint16_t)(IDLE_MA + noise) : 0);
    put16(sample + 14, pen->drive_sequence);
    put16(sample + 16, pen->dropped);
    sample[18] = pen->state;
    sample[21] = CARTRIDGE_IN | DEPTH_VALID | SPEED_VALID | (runs ? MOTOR_POWERED : NEEDLES_HOME);
    return frame_encode(wire, TELEMETRY, SESSION, 0, (uint16_t)pen->index, sample, sizeof sample);
}

size_t pen_status(uint16_t sequence, uint8_t *wire) {
    uint8_t nothing[STATUS_BYTES] = {0};
    return frame_encode(wire, STATUS, SESSION, 0, sequence, nothing, sizeof nothing);
}
