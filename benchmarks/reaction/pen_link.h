/* What the bench's pen knows of the link: enough to be armed and driven by the real control process. */
#ifndef PEN_LINK_H
#define PEN_LINK_H

#include "wire.h"

enum { STATE_IDLE = 2, STATE_ARMED = 3, STATE_RUNNING = 4, REASON_LIMIT = 2, SESSION = 1 };

struct pen {
    uint8_t state;
    uint16_t token, drive_sequence;
    uint16_t depth_um, speed_rpm, over_um; /* over_um: more than limit and tolerance of the last DRIVE */
    uint64_t lease_end_ns;
    uint32_t index;
    uint16_t dropped;
    uint64_t period_us; /* of STREAM; 0: silent */
};

/* Motor off, needles home; the token is void. */
void pen_stop(struct pen *pen);

/* Answers one frame from the host but STOP. Returns the length of the reply in `wire`, 0 for none. */
size_t pen_answer(struct pen *pen, const struct frame *frame, uint64_t now_ns, uint8_t *wire);

/* The frame of the present period; `over`: with a depth beyond limit and tolerance. */
size_t pen_telemetry(const struct pen *pen, bool over, uint64_t now_ns, uint8_t *wire);

/* STATUS, all zero: control reads it ten times a second. */
size_t pen_status(uint16_t sequence, uint8_t *wire);

#endif
