/* Runs what the test writes on standard input through pen_link.h and says what it made of it, one line a thing.
 *
 *   frame to_pen|to_host HEX    each frame: type session flags sequence payload, then show(); then the counts by verdict
 *   cobs HEX HEX                plain and coded: encode, decode, decode in place
 *   crc HEX                     CRC-32, whole and in two parts
 *   scale VALUE PPM             scaled and unscaled
 *   build TYPE SESSION FLAGS SEQUENCE HEX   the frame's wire bytes
 */
#include <stdio.h>
#include <stdlib.h>

#include "pen_link.h"

static void print_hex(const char *name, const uint8_t *data, size_t length)
{
    printf(" %s=", name);
    for (size_t at = 0; at < length; at++) printf("%02x", data[at]);
}

#include "show.h" /* made by the test from the table: static void show(const pl_frame_t *) */

static uint8_t data[2048], more[2048], out[4096];

static size_t read_hex(uint8_t *to, const char *text)
{
    size_t length = 0;
    unsigned octet;
    if (text[0] == '-') return 0;
    while (sscanf(text + 2 * length, "%2x", &octet) == 1) to[length++] = (uint8_t)octet;
    return length;
}

static void frame(const char *direction, const char *hex)
{
    pl_receiver_t receiver = {0};
    pl_frame_t found;
    const size_t length = read_hex(data, hex);
    receiver.most = strcmp(direction, "to_pen") ? PL_TO_HOST_WIRE_BYTES : PL_TO_PEN_WIRE_BYTES;
    for (size_t at = 0; at < length; at++) {
        if (!pl_receive(&receiver, data[at], &found)) continue;
        printf("frame %u %u %u %u", found.type, found.session, found.flags, found.sequence);
        print_hex("payload", found.payload, found.length);
        show(&found);
        printf("\n");
    }
    printf("counts");
    for (int verdict = PL_BAD_COBS; verdict < PL_VERDICTS; verdict++) printf(" %u", (unsigned)receiver.counts[verdict]);
    printf("\n");
}

int main(void)
{
    static char line[8192], kind[16], first[4096], second[4096];
    long value, ppm;
    unsigned type, session, flags, sequence;
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "frame %15s %4095s", first, second) == 2) {
            frame(first, second);
        } else if (sscanf(line, "cobs %4095s %4095s", first, second) == 2) {
            const size_t plain = read_hex(data, first), coded = read_hex(more, second);
            print_hex("coded", out, pl_cobs_encode(out, data, plain));
            const int length = pl_cobs_decode(out, more, coded);
            print_hex("plain", out, length < 0 ? 0 : (size_t)length);
            memcpy(out, more, coded);
            const int again = pl_cobs_decode(out, out, coded);
            print_hex("again", out, again < 0 ? 0 : (size_t)again);
            printf("\n");
        } else if (sscanf(line, "crc %4095s", first) == 1) {
            const size_t length = read_hex(data, first);
            const uint32_t half = pl_crc32(0, data, length / 2);
            printf("%lu %lu\n", (unsigned long)pl_crc32(0, data, length),
                   (unsigned long)pl_crc32(half, data + length / 2, length - length / 2));
        } else if (sscanf(line, "scale %ld %ld", &value, &ppm) == 2) {
            printf("%ld %ld\n", (long)pl_scaled((int32_t)value, (int32_t)ppm), (long)pl_unscaled((int32_t)value, (int32_t)ppm));
        } else if (sscanf(line, "build %u %u %u %u %4095s", &type, &session, &flags, &sequence, first) == 5) {
            const size_t length = read_hex(data, first);
            print_hex("wire", out,
                      pl_build(out, PL_TO_HOST_WIRE_BYTES, (uint8_t)type, (uint8_t)session, (uint8_t)flags, (uint16_t)sequence,
                               data, length));
            printf("\n");
        } else if (sscanf(line, "%15s", kind) == 1) {
            fprintf(stderr, "no such word: %s\n", kind);
            return 2;
        }
    }
    return 0;
}
