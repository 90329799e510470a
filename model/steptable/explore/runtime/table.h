/* The states that one worker has found, in an open-addressed table that grows in place.
 *
 * A bucket is as many cache lines as a state has words: seven states, the depth at which each was
 * found, and how many there are. A full bucket overflows into those behind it. The home of a state
 * is a share of the table, in proportion to its hash: when the table grows, states only move
 * backwards, in their order, so that no second table is needed meanwhile. */

#define SLOTS 7
#define MARKS 255 /* depths are kept modulo this, plus one, so that zero means none */

#ifndef REACH
#define REACH 64 /* buckets, from its home on, in which a state can be */
#endif

typedef struct {
    State key[SLOTS];
    uint8_t mark[8 * WORDS]; /* of each state, then how many there are */
} Bucket;

#define USED(bucket) ((bucket)->mark[SLOTS])

typedef struct {
    Bucket *buckets;
    uint64_t homes;    /* buckets that are some state's home; REACH more follow */
    uint64_t states;
    uint64_t ample;    /* the number of states at which the table should grow */
    uint64_t reserved; /* bytes of address space; memory is only taken when it is touched */
    uint64_t budget;   /* bytes of memory that may be taken */
} Table;

static inline uint8_t mark_of(uint64_t depth)
{
    return (uint8_t)(1 + depth % MARKS);
}

static inline Bucket *home_of(const Table *table, uint64_t hash)
{
    return table->buckets + ((uint64_t)(uint32_t)hash * table->homes >> 32);
}

static inline void prefetch(const Bucket *bucket)
{
    for (int i = 0; i < WORDS; i++)
        __builtin_prefetch((const char *)bucket + 64 * i, 1);
}

/* Tells by bits which slots hold the words of a state, whether they are in use or not. */
#if defined(__AVX2__) && WORDS <= 2
/* Four words at a time, without the header of all such instructions: it takes longer to compile
 * than everything else. */
typedef int64_t Four __attribute__((vector_size(32), aligned(8), may_alias));
typedef double FourSigns __attribute__((vector_size(32)));

static inline unsigned slots_with(const Bucket *bucket, State s)
{
    const Four *quarter = (const Four *)bucket;
    const Four wanted = {(int64_t)s.w[0], (int64_t)s.w[WORDS - 1], (int64_t)s.w[0],
                         (int64_t)s.w[WORDS - 1]};
    unsigned found = 0;
    for (int i = 0; i < 2 * WORDS; i++) {
        unsigned words =
            (unsigned)__builtin_ia32_movmskpd256((FourSigns)(quarter[i] == wanted));
        if (WORDS == 1)
            found |= words << 4 * i;
        else
            found |= ((words & words >> 1 & 1) | (words >> 1 & words >> 2 & 2)) << 2 * i;
    }
    return found;
}
#else
static inline unsigned slots_with(const Bucket *bucket, State s)
{
    const State *key = bucket->key;
    return (unsigned)is_same(key[0], s) | (unsigned)is_same(key[1], s) << 1 |
           (unsigned)is_same(key[2], s) << 2 | (unsigned)is_same(key[3], s) << 3 |
           (unsigned)is_same(key[4], s) << 4 | (unsigned)is_same(key[5], s) << 5 |
           (unsigned)is_same(key[6], s) << 6;
}
#endif

static inline bool bucket_has(const Bucket *bucket, State s)
{
    /* What stands in unused slots is nobody's, and may look like a state. */
    return (slots_with(bucket, s) & ((1u << USED(bucket)) - 1)) != 0;
}

/* Puts a state that it does not have into a bucket with room. */
static inline void bucket_put(Bucket *bucket, State s, uint8_t mark)
{
    unsigned used = USED(bucket);
    bucket->key[used] = s;
    bucket->mark[used] = mark;
    USED(bucket) = (uint8_t)(used + 1);
}
