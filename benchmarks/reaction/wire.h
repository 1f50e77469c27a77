/* Frames of pen link 1 (pen-link.md): 00 | COBS(body) | 00, body = header, payload, CRC-32. For the bench's pen and floor. */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { HEADER = 6, LONGEST = 254, TELEMETRY = 0xC0, STATUS = 0xC2, STOP = 0x31, REPLY = 0x80 };
enum { AT_DEPTH = HEADER + 8, TELEMETRY_PAYLOAD = 22 };

struct frame {
    uint8_t type, session;
    uint16_t sequence;
    const uint8_t *payload;
    size_t length; /* of the payload */
};

static inline void put16(uint8_t *to, uint16_t value) {
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
}

static inline void put32(uint8_t *to, uint32_t value) {
    put16(to, (uint16_t)value);
    put16(to + 2, (uint16_t)(value >> 16));
}

static inline uint16_t get16(const uint8_t *from) { return (uint16_t)(from[0] | from[1] << 8); }

static inline uint32_t get32(const uint8_t *from) { return get16(from) | (uint32_t)get16(from + 2) << 16; }

/* The CRC of zlib and binascii.crc32. */
static inline uint32_t crc32_of(const uint8_t *data, size_t length) {
    static uint32_t table[256];
    if (table[1] == 0)
        for (uint32_t n = 0; n < 256; n++) {
            uint32_t c = n;
            for (int bit = 0; bit < 8; bit++) c = c & 1 ? 0xEDB88320u ^ c >> 1 : c >> 1;
            table[n] = c;
        }
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t at = 0; at < length; at++) crc = table[(crc ^ data[at]) & 0xFF] ^ crc >> 8;
    return ~crc;
}

/* Bodies here are shorter than 254 bytes, so no COBS run is ever full. Returns the wire length; `wire` has LONGEST bytes. */
static inline size_t frame_encode(uint8_t *wire, uint8_t type, uint8_t session, uint8_t flags, uint16_t sequence,
                                  const uint8_t *payload, size_t length) {
    uint8_t body[LONGEST] = {1, type, session, flags};
    put16(body + 4, sequence);
    if (length > 0) memcpy(body + HEADER, payload, length);
    size_t size = HEADER + length;
    put32(body + size, crc32_of(body, size));
    size += 4;
    size_t out = 0;
    wire[out++] = 0;
    size_t code = out++;
    for (size_t at = 0; at < size; at++) {
        if (body[at]) {
            wire[out++] = body[at];
        } else {
            wire[code] = (uint8_t)(out - code);
            code = out++;
        }
    }
    wire[code] = (uint8_t)(out - code);
    wire[out++] = 0;
    return out;
}

/* Collects bytes between delimiters. */
struct deframer {
    uint8_t held[512];
    size_t length;
    bool torn;
};

/* One byte in; true when it ends a frame that is whole. `body` (512 bytes) then holds what `frame` points into. */
static inline bool deframe(struct deframer *in, uint8_t byte, uint8_t *body, struct frame *frame) {
    if (byte != 0) {
        if (in->length < sizeof in->held)
            in->held[in->length++] = byte;
        else
            in->torn = true;
        return false;
    }
    size_t end = in->length, at = 0, size = 0;
    bool torn = in->torn;
    in->length = 0;
    in->torn = false;
    if (torn || end == 0) return false;
    while (at < end) {
        size_t code = in->held[at];
        if (at + code > end) return false;
        memcpy(body + size, in->held + at + 1, code - 1);
        size += code - 1;
        at += code;
        if (at < end) body[size++] = 0;
    }
    if (size < HEADER + 4 || crc32_of(body, size - 4) != get32(body + size - 4) || body[0] != 1) return false;
    *frame = (struct frame){body[1], body[2], get16(body + 4), body + HEADER, size - 4 - HEADER};
    return true;
}

#endif
