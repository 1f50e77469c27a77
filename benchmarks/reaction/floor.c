/* The floor: what control must do with a sample, and nothing else. Waits, reads, decodes, compares, answers with three STOPs.
 *
 * Usage: floor pty|socket PATH LIMIT_UM CORE FIFO    (CORE -1: any, FIFO 0: normal priority, nice -10)
 */
#define _GNU_SOURCE
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

enum { REASON_LIMIT = 2, FLAG_REPLY_WANTED = 1, COPIES = 3 };

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int line = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    return line < 0 || connect(line, (struct sockaddr *)&address, sizeof address) < 0 ? -1 : line;
}

static int open_raw(const char *path) {
    struct termios raw;
    int line = open(path, O_RDWR | O_NOCTTY);
    if (line < 0 || tcgetattr(line, &raw) < 0) return -1;
    cfmakeraw(&raw);
    return tcsetattr(line, TCSANOW, &raw) < 0 ? -1 : line;
}

static void take_place(int core, int fifo) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    if (core >= 0) {
        CPU_SET((size_t)core, &cores);
        if (sched_setaffinity(0, sizeof cores, &cores) < 0) perror("floor: core");
    }
    struct sched_param priority = {.sched_priority = fifo};
    if (fifo > 0 && sched_setscheduler(0, SCHED_FIFO, &priority) < 0) perror("floor: FIFO");
    if (fifo == 0 && setpriority(PRIO_PROCESS, 0, -10) < 0) perror("floor: nice");
    if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0) perror("floor: memory");
}

int main(int count, char **given) {
    if (count != 6) return 2;
    int line = given[1][0] == 's' ? connect_to(given[2]) : open_raw(given[2]);
    if (line < 0) return perror(given[2]), 1;
    uint16_t limit_um = (uint16_t)atoi(given[3]);
    take_place(atoi(given[4]), atoi(given[5]));
    fcntl(line, F_SETFL, O_NONBLOCK);
    struct deframer in = {0};
    struct frame frame;
    uint8_t body[512], bytes[4096], answer[COPIES * LONGEST];
    uint16_t sequence = 0;
    if (write(line, "\0", 1) != 1) return 1; /* tells the pen that we are here */
    for (;;) {
        struct pollfd wait = {.fd = line, .events = POLLIN};
        if (poll(&wait, 1, -1) < 0 && errno != EINTR) return 1;
        ssize_t got = read(line, bytes, sizeof bytes);
        if (got == 0 || (got < 0 && errno != EAGAIN)) return 0; /* the pen is gone */
        for (ssize_t at = 0; at < got; at++) {
            if (!deframe(&in, bytes[at], body, &frame)) continue;
            if (frame.type != TELEMETRY || frame.length < TELEMETRY_PAYLOAD) continue;
            if (get16(body + AT_DEPTH) <= limit_um) continue;
            uint8_t reason = REASON_LIMIT;
            size_t length = frame_encode(answer, STOP, frame.session, FLAG_REPLY_WANTED, ++sequence, &reason, 1);
            for (size_t copy = 1; copy < COPIES; copy++) memcpy(answer + copy * length, answer, length);
            if (write(line, answer, COPIES * length) < 0) return 1;
        }
    }
}
