/* A packed state: WORDS words of 64 bits, the first of them the least significant.
 *
 * The parts of the runtime are pasted into one file with what is generated for a system, which
 * defines WORDS, and BITS of the last word, before them. Nothing here knows what the bits mean. */

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

/* Not every system needs every part. */
#pragma GCC diagnostic ignored "-Wunused-function"

#define EXPORT __attribute__((visibility("default")))
#define ALWAYS_INLINE inline __attribute__((always_inline))

/* Reading more than is needed, and not looking at it, is quick; but to a tool that watches threads
 * it is an access like any other. */
#ifdef __SANITIZE_THREAD__
#define READS_EXACTLY 1
#else
#define READS_EXACTLY 0
#endif

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
