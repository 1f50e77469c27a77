/* The bench's pen: one clock, two channels half a period apart, the same bytes on both; times every answer to a sample over
 * the limit from just before its write() to the first STOP read back.
 *
 * Usage: pen pty FOLDER ANSWERS SECONDS CORE FIFO LOG     (socket instead of pty: listens on FOLDER/ours and FOLDER/floor)
 *
 * Says on stdout, one line each: what it was granted, the paths of the two channels, "measuring" once control runs the pen
 * and the floor is there, "measured ..." when the answers or seconds are full. It goes on as a pen until stdin ends.
 * LOG gets struct record, little endian.
 */
#define _GNU_SOURCE
#include "pen_link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { OURS, FLOOR, CHANNELS };
enum { TICK = 2, UNANSWERED = 4, WAITING = 1024 };
/* 50 ppm slow, as crystals are: so the phase between pen and control's own timers takes every value in 20 s. */
static const uint64_t PERIOD_NS = 1000050, GIVE_UP_NS = 500000000, TICK_NOTED_NS = 100000, SETTLE_NS = 2000000000;

struct record {
    uint32_t what; /* OURS, FLOOR: an answer; + UNANSWERED: given up; TICK: the pen's own timer was late */
    uint32_t reserved;
    uint64_t start_ns, took_ns;
};

struct channel {
    int line, listener;
    bool heard;
    struct deframer in;
    uint64_t sent_ns[WAITING]; /* samples over the limit without an answer, oldest at `first` */
    unsigned first, waiting, behind;
    uint16_t stop_sequence;
};

static struct channel channels[CHANNELS];
static struct pen pen = {.state = STATE_IDLE};
static struct record *records;
static size_t room, used;
static uint64_t answers_wanted, answers, unanswered, refused_writes, measure_from_ns, measure_ns, measured_ns;
static bool measuring, done;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void note(uint32_t what, uint64_t start_ns, uint64_t took_ns) {
    if (measuring && used < room) records[used++] = (struct record){what, 0, start_ns, took_ns};
}

static void open_channel(struct channel *c, const char *transport, const char *folder, const char *name) {
    c->line = c->listener = -1;
    if (transport[0] == 's') {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", folder, name);
        c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (c->listener < 0 || bind(c->listener, (struct sockaddr *)&address, sizeof address) < 0) fail(address.sun_path);
        if (listen(c->listener, 1) < 0) fail("listen");
        printf("%s %s\n", name, address.sun_path);
        return;
    }
    struct termios raw;
    char path[64];
    c->line = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (c->line < 0 || grantpt(c->line) < 0 || unlockpt(c->line) < 0) fail("pty");
    if (ptsname_r(c->line, path, sizeof path) != 0 || tcgetattr(c->line, &raw) < 0) fail("pty");
    cfmakeraw(&raw);
    int held = open(path, O_RDWR | O_NOCTTY); /* stays open: else poll() reports a hang-up until the host comes */
    if (held < 0 || tcsetattr(held, TCSANOW, &raw) < 0) fail(path);
    printf("%s %s\n", name, path);
}

static void send_to(struct channel *c, const uint8_t *wire, size_t length) {
    if (c->line >= 0 && write(c->line, wire, length) != (ssize_t)length) refused_writes++;
}

static void answered(unsigned which, uint64_t at_ns, uint32_t flag) {
    struct channel *c = &channels[which];
    uint64_t sent_ns = c->sent_ns[c->first];
    c->first = (c->first + 1) % WAITING;
    c->waiting--;
    note(which | flag, sent_ns, at_ns - sent_ns);
    if (!measuring) return;
    unanswered += flag != 0;
    if (which == OURS) answers++;
}

/* Three equal frames are one STOP. One that no sample over the limit explains is a person's, or control's own, and stops. */
static void stop_heard(unsigned which, const struct frame *frame, uint64_t at_ns) {
    struct channel *c = &channels[which];
    if (c->heard && frame->sequence == c->stop_sequence) return;
    c->heard = true;
    c->stop_sequence = frame->sequence;
    bool ours = which == OURS, measured = c->waiting > 0 && frame->payload[0] == REASON_LIMIT;
    if (measured) {
        answered(which, at_ns, 0);
        c->behind = c->waiting ? c->behind + 1 : 0;
        if (c->behind > 100) { /* one was never answered, and every answer since was taken for the one before */
            answered(which, c->sent_ns[c->first] + GIVE_UP_NS, UNANSWERED);
            c->behind = 0;
        }
    } else if (ours) {
        pen_stop(&pen);
        c->waiting = 0;
    }
    uint8_t wire[LONGEST], ok = 0;
    send_to(c, wire, frame_encode(wire, STOP | REPLY, SESSION, 0, frame->sequence, &ok, 1));
}

static void read_channel(unsigned which) {
    struct channel *c = &channels[which];
    uint8_t bytes[4096], body[512], wire[LONGEST];
    struct frame frame;
    ssize_t got = read(c->line, bytes, sizeof bytes);
    uint64_t at_ns = now();
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        close(c->line);
        c->line = -1;
        c->waiting = 0;
        if (which == OURS) pen_stop(&pen);
        return;
    }
    for (ssize_t at = 0; at < got; at++) {
        if (which == FLOOR) c->heard = true;
        if (!deframe(&c->in, bytes[at], body, &frame)) continue;
        if (frame.type == STOP && frame.length == 1) {
            stop_heard(which, &frame, at_ns);
        } else if (which == OURS) {
            size_t length = pen_answer(&pen, &frame, at_ns, wire);
            if (length > 0) send_to(c, wire, length);
        }
    }
}

/* Half of the samples are over the limit, drawn by a fixed seed: no rhythm of control's can hide from them. */
static bool draw(void) {
    static uint32_t seed = 2463534242u;
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed & 0x100;
}

static void sample(unsigned which, const uint8_t *wire, size_t length, bool over) {
    struct channel *c = &channels[which];
    uint64_t at_ns = now();
    while (c->waiting > 0 && at_ns - c->sent_ns[c->first] > GIVE_UP_NS) answered(which, at_ns, UNANSWERED);
    if (over && c->waiting < WAITING) c->sent_ns[(c->first + c->waiting++) % WAITING] = at_ns;
    send_to(c, wire, length);
}

static void begin_or_end(uint64_t at_ns) {
    bool both = pen.state == STATE_RUNNING && channels[FLOOR].line >= 0 && channels[FLOOR].heard;
    if (!both) measure_from_ns = at_ns + SETTLE_NS;
    if (done || at_ns < measure_from_ns) return;
    if (!measuring) {
        measuring = true;
        measured_ns = at_ns;
        puts("measuring");
        fflush(stdout);
    } else if (answers >= answers_wanted || at_ns - measured_ns >= measure_ns) {
        done = true;
    }
}

/* Even halves belong to control, odd ones to the floor; periods that a stall swallowed are skipped, and said to be dropped. */
static void half_period(uint64_t half, uint64_t at_ns) {
    static uint8_t wire[LONGEST], other[LONGEST];
    static size_t length;
    static bool over;
    static uint64_t last;
    if (half % 2) {
        if (length > 0 && channels[FLOOR].heard) sample(FLOOR, wire, length, over);
        return;
    }
    uint64_t steps = half / 2 - last;
    last = half / 2;
    if (pen.state >= STATE_ARMED && at_ns > pen.lease_end_ns) pen_stop(&pen);
    begin_or_end(at_ns);
    pen.index += (uint32_t)steps;
    if (steps > 1) pen.dropped = (uint16_t)(pen.dropped + steps - 1);
    length = 0;
    if (pen.period_us == 0 || channels[OURS].line < 0) return;
    over = measuring && !done && pen.state == STATE_RUNNING && draw();
    length = pen_telemetry(&pen, over, at_ns, wire);
    sample(OURS, wire, length, over);
    if (last % 100 == 0) send_to(&channels[OURS], other, pen_status((uint16_t)(last / 100), other));
}

static void serve(void) {
    static uint64_t half = 2, start_ns;
    if (start_ns == 0) start_ns = now();
    for (;;) {
        uint64_t due_ns = start_ns + half * PERIOD_NS / 2;
        uint64_t at_ns = now(), wait_ns = due_ns > at_ns ? due_ns - at_ns : 0;
        struct timespec wait = {(time_t)(wait_ns / 1000000000u), (long)(wait_ns % 1000000000u)};
        struct pollfd on[1 + CHANNELS] = {{.fd = STDIN_FILENO, .events = POLLIN}};
        for (unsigned n = 0; n < CHANNELS; n++) {
            struct channel *c = &channels[n];
            on[1 + n] = (struct pollfd){.fd = c->line >= 0 ? c->line : c->listener, .events = POLLIN};
        }
        if (ppoll(on, 1 + CHANNELS, &wait, NULL) < 0 && errno != EINTR) fail("poll");
        for (unsigned n = 0; n < CHANNELS; n++) {
            if (!on[1 + n].revents) continue;
            if (channels[n].line >= 0)
                read_channel(n);
            else
                channels[n].line = accept4(channels[n].listener, NULL, NULL, SOCK_NONBLOCK);
        }
        at_ns = now();
        if (at_ns >= due_ns) {
            if (at_ns - due_ns > TICK_NOTED_NS) note(TICK, due_ns, at_ns - due_ns);
            uint64_t passed = (at_ns - due_ns) / PERIOD_NS * 2; /* whole periods that nobody will make up for */
            half_period(half + passed, at_ns);
            half += passed + 1;
        }
        bool full = done && measuring && channels[OURS].waiting == 0;
        if (full) measuring = false;
        if (full || on[0].revents) return;
    }
}

static const char *take_place(int core, int fifo) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET((size_t)core, &cores);
    if (sched_setaffinity(0, sizeof cores, &cores) < 0) perror("pen: core");
    if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0) perror("pen: memory");
    struct sched_param priority = {.sched_priority = fifo};
    return sched_setscheduler(0, SCHED_FIFO, &priority) < 0 ? "normal" : "FIFO";
}

int main(int count, char **given) {
    if (count != 8) return 2;
    answers_wanted = strtoull(given[3], NULL, 10);
    measure_ns = (uint64_t)(atof(given[4]) * 1e9);
    room = answers_wanted * 4 + 1000000;
    records = calloc(room, sizeof *records);
    if (records == NULL) fail("memory");
    printf("priority %s\n", take_place(atoi(given[5]), atoi(given[6])));
    open_channel(&channels[OURS], given[1], given[2], "ours");
    open_channel(&channels[FLOOR], given[1], given[2], "floor");
    fflush(stdout);
    serve();
    FILE *log = fopen(given[7], "wb");
    if (log == NULL || fwrite(records, sizeof *records, used, log) != used || fclose(log) != 0) fail(given[7]);
    printf("measured answers %llu unanswered %llu refused_writes %llu\n", (unsigned long long)answers,
           (unsigned long long)unanswered, (unsigned long long)refused_writes);
    fflush(stdout);
    if (done) serve();
    return 0;
}
