/* How fast this machine answers random look-ups in a table that is far larger than its caches:
 * the ceiling of any explorer that keeps its states in one. Keys of eight bytes, open addressing
 * with linear probing, three quarters full; the places of a batch are hashed and prefetched before
 * they are looked at. Half of the look-ups find their key, as about half of a model's steps lead to
 * known states.
 *
 *     lookups KEYS LOOKUPS     prints look-ups per second
 */

#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum { BATCH = 64 };

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
    uint64_t keys = strtoull(arguments[1], NULL, 10);
    uint64_t lookups = strtoull(arguments[2], NULL, 10);
    uint64_t slots = keys * 4 / 3;
    uint64_t *table = mmap(NULL, slots * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (table == MAP_FAILED)
        return 1;
#ifdef MADV_HUGEPAGE
    madvise(table, slots * 8, MADV_HUGEPAGE);
#endif
#define PLACE(hash) ((uint64_t)((unsigned __int128)(hash) * slots >> 64))
    for (uint64_t key = 1; key <= keys; key++) {
        uint64_t place = PLACE(mixed(key));
        while (table[place])
            place = place + 1 == slots ? 0 : place + 1;
        table[place] = key;
    }
    uint64_t places[BATCH], asked[BATCH], found = 0, random = 1;
    double began = seconds();
    for (uint64_t done = 0; done < lookups; done += BATCH) {
        for (int i = 0; i < BATCH; i++) {
            random += 0x9E3779B97F4A7C15u;
            asked[i] = 1 + (uint64_t)((unsigned __int128)mixed(random) * (2 * keys) >> 64);
            places[i] = PLACE(mixed(asked[i]));
            __builtin_prefetch(&table[places[i]]);
        }
        for (int i = 0; i < BATCH; i++) {
            uint64_t place = places[i];
            while (table[place] && table[place] != asked[i])
                place = place + 1 == slots ? 0 : place + 1;
            found += table[place] != 0;
        }
    }
    double taken = seconds() - began;
    fprintf(stderr, "%.3f of the keys found\n", (double)found / (double)lookups);
    printf("%.0f\n", (double)lookups / taken);
    return 0;
}
