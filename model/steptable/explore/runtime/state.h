/* A packed state: WORDS words of 64 bits, the first of them the least significant.
 *
 * The parts of the runtime are pasted into one file with what is generated for a system, which
 * defines WORDS before them. Nothing here knows what the bits mean. */

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define EXPORT __attribute__((visibility("default")))

typedef struct {
    uint64_t w[WORDS];
} State;

static inline bool is_same(State a, State b)
{
    uint64_t differing = 0;
    for (int i = 0; i < WORDS; i++)
        differing |= a.w[i] ^ b.w[i];
    return differing == 0;
}

/* Negative, zero or positive, as one packed integer is less, equal or greater. */
static inline int order(State a, State b)
{
    for (int i = WORDS - 1; i >= 0; i--)
        if (a.w[i] != b.w[i])
            return a.w[i] < b.w[i] ? -1 : 1;
    return 0;
}

static inline int compare_states(const void *a, const void *b)
{
    return order(*(const State *)a, *(const State *)b);
}

/* Both halves of a product depend on all bits, their sum (without carry) evenly so. */
static inline uint64_t folded(uint64_t word, uint64_t by)
{
    unsigned __int128 product = (unsigned __int128)(word ^ 0xa0761d6478bd642full) * by;
    return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

/* Shares of a table and shares between workers are taken of different bits of a hash. They must not
 * depend on each other, or the states of one worker crowd in some places: so it is folded again. */
static inline uint64_t hash_of(State s)
{
    uint64_t hash = s.w[0];
    for (int i = 1; i < WORDS; i++)
        hash = folded(hash, 0x8ebc6af09c88c6e3ull) ^ s.w[i];
    return folded(folded(hash, 0xe7037ed1a0b428dbull), 0x589965cc75374cc3ull);
}
