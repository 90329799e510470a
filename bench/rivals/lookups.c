/* How many random look-ups a second this machine can make in a table that is far larger than its
 * caches: the ceiling of any explorer that keeps its states in one. A look-up is the least that one
 * can be: of a line of 64 bytes, whose address is known and prefetched a batch ahead, one word is
 * compared.
 *
 *     lookups BYTES LOOKUPS     prints look-ups per second
 */

#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum { BATCH = 32, LINE = 8 /* words */ };

static uint64_t mixed(uint64_t x)
{
    x *= 0x9E3779B97F4A7C15u;
    x ^= x >> 32;
    x *= 0xD6E8FEB86659FD93u;
    return x ^ x >> 29;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(int count, char **arguments)
{
    if (count != 3)
        return 2;
    uint64_t bytes = strtoull(arguments[1], NULL, 10);
    uint64_t lookups = strtoull(arguments[2], NULL, 10);
    uint64_t lines = bytes / (8 * LINE);
    uint64_t *table = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (table == MAP_FAILED)
        return 1;
#ifdef MADV_HUGEPAGE
    madvise(table, bytes, MADV_HUGEPAGE);
#endif
    for (uint64_t line = 0; line < lines; line++)
        table[line * LINE] = line % 2;
    uint64_t places[2][BATCH] = {{0}}, found = 0, random = 1;
    double began = seconds();
    for (uint64_t done = 0; done < lookups; done += BATCH) {
        uint64_t *next = places[done / BATCH % 2], *now = places[1 - done / BATCH % 2];
        for (int i = 0; i < BATCH; i++) {
            uint64_t hash = mixed(++random);
            next[i] = (uint64_t)((unsigned __int128)hash * lines >> 64) * LINE;
            __builtin_prefetch(&table[next[i]]);
        }
        for (int i = 0; i < BATCH; i++)
            found += table[now[i]];
    }
    double taken = seconds() - began;
    fprintf(stderr, "%.3f found\n", (double)found / (double)lookups);
    printf("%.0f\n", (double)lookups / taken);
    return 0;
}
