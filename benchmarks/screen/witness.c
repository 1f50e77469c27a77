/* Notes when its core stood still: sleeps to the next millisecond, and writes [due, woke] (CLOCK_MONOTONIC ns, 64 bit each)
 * to LOG whenever it woke more than a quarter of a millisecond late.
 *
 * Usage: witness CORE FIFO LOG     Says "FIFO" or "normal" on stdout, one line, then goes on until it is ended.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const int64_t PERIOD_NS = 1000000, LATE_NS = 250000; /* in good times it wakes 10 to 50 us late */

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int main(int count, char **given) {
    if (count != 4) return 2;
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET((size_t)atoi(given[1]), &cores);
    int log = open(given[3], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    if (log < 0 || sched_setaffinity(0, sizeof cores, &cores) < 0) {
        perror("witness");
        return 1;
    }
    mlockall(MCL_CURRENT | MCL_FUTURE);
    struct sched_param priority = {.sched_priority = atoi(given[2])};
    puts(sched_setscheduler(0, SCHED_FIFO, &priority) == 0 ? "FIFO" : "normal");
    fflush(stdout);
    for (int64_t due = now() + PERIOD_NS;; due += PERIOD_NS) {
        struct timespec until = {due / 1000000000, due % 1000000000};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
        int64_t woke = now();
        if (woke - due <= LATE_NS) continue;
        int64_t stall[2] = {due, woke};
        if (write(log, stall, sizeof stall) != sizeof stall) return 1;
        due = woke;
    }
}
