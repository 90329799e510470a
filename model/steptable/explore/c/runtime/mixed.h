/* A state whose first word is a hash of all of it that can be undone, so that a table need not keep
 * what the place of a state tells of it already. The other words are what they were. */

typedef struct {
    State s;
} Mixed;

#define LEAST_MIXED 43 /* bits, in which there is room for a place and what else is kept */
#if WORDS > 1
#define MIXED_BITS 64
#elif BITS > LEAST_MIXED
#define MIXED_BITS BITS
#else
#define MIXED_BITS LEAST_MIXED
#endif

#define LOW_BITS(count) (~0ull >> (64 - (count)))

/* Odd numbers, with their inverses modulo 2^64 (and so modulo any lesser power). */
#define BY_ONE 0x9e3779b97f4a7c15ull
#define BACK_BY_ONE 0xf1de83e19937733dull
#define BY_TWO 0xe7037ed1a0b428dbull
#define BACK_BY_TWO 0x2e1b9953f3b39353ull

/* A hash of all words but the first. */
static inline uint64_t hash_of_others(State s)
{
    uint64_t hash = 0;
    for (int i = 1; i < WORDS; i++) {
        unsigned __int128 product =
            (unsigned __int128)(hash ^ s.w[i] ^ 0xa0761d6478bd642full) * 0x8ebc6af09c88c6e3ull;
        hash = (uint64_t)(product >> 64) ^ (uint64_t)product;
    }
    return hash;
}

/* The high half goes into the low one; done twice, nothing has happened. */
static inline uint64_t half_folded(uint64_t word)
{
    return word ^ word >> (MIXED_BITS + 1) / 2;
}

static inline Mixed mixed(State s)
{
    uint64_t word = ((s.w[0] ^ hash_of_others(s)) * BY_ONE) & LOW_BITS(MIXED_BITS);
    s.w[0] = (half_folded(word) * BY_TWO) & LOW_BITS(MIXED_BITS);
    return (Mixed){s};
}

static inline State unmixed(Mixed m)
{
    State s = m.s;
    uint64_t word = half_folded((s.w[0] * BACK_BY_TWO) & LOW_BITS(MIXED_BITS));
    s.w[0] = ((word * BACK_BY_ONE) & LOW_BITS(MIXED_BITS)) ^ hash_of_others(s);
    return s;
}
