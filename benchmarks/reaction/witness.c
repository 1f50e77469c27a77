/* The third witness: a timer on control's core, above everything that is measured there. When it is late, the core stood:
 * nobody's work, C or Python, can have gone on meanwhile.
 *
 * Usage: witness CORE FIFO LOG     (until SIGTERM; then LOG gets struct record, little endian, and it ends)
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum { CORE_TICK = 8, ROOM = 1000000 };
/* 200 us of a stall may go unseen; ticking oftener would slow down what is measured. */
static const uint64_t PERIOD_NS = 200000, NOTED_NS = 50000;

struct record { /* as the pen's */
    uint32_t what, reserved;
    uint64_t start_ns, took_ns;
};

static volatile sig_atomic_t ended;

static void end(int signal) {
    (void)signal;
    ended = 1;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

int main(int count, char **given) {
    if (count != 4) return 2;
    struct sigaction on_end = {.sa_handler = end};
    sigaction(SIGTERM, &on_end, NULL);
    struct record *records = calloc(ROOM, sizeof *records);
    if (records == NULL) fail("memory");
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET((size_t)atoi(given[1]), &cores);
    struct sched_param priority = {.sched_priority = atoi(given[2])};
    if (sched_setaffinity(0, sizeof cores, &cores) < 0) fail("core");
    if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0) perror("witness: memory");
    if (sched_setscheduler(0, SCHED_FIFO, &priority) < 0) fail("FIFO");
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    uint64_t due_ns = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
    size_t used = 0;
    while (!ended) {
        due_ns += PERIOD_NS;
        t = (struct timespec){(time_t)(due_ns / 1000000000u), (long)(due_ns % 1000000000u)};
        if (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) != 0) continue; /* a signal */
        clock_gettime(CLOCK_MONOTONIC, &t);
        uint64_t late_ns = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec - due_ns;
        if (late_ns >= NOTED_NS && used < ROOM) records[used++] = (struct record){CORE_TICK, 0, due_ns, late_ns};
        due_ns += late_ns / PERIOD_NS * PERIOD_NS; /* ticks that a stall swallowed belong to the one that was late */
    }
    FILE *log = fopen(given[3], "wb");
    if (log == NULL || fwrite(records, sizeof *records, used, log) != used || fclose(log) != 0) fail(given[3]);
    return 0;
}
