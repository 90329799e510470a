/* The states that were found, in open-addressed tables that grow in place.
 *
 * A bucket is a cache line, or several for states of many words. A state is in the bucket that is
 * its home, or in one of the next if that is full. The home is a share of the table in proportion
 * to the highest bits of the mixed state; where there are at least 2^HOME_BITS homes, all states of
 * one home differ in the other bits, and these are all that is kept of a state beside its distance
 * from home (quotienting: Cleary, Compact Hash Tables Using Bidirectional Linear Probing, 1984). */

#define MARKS 255 /* depths are kept modulo this, plus one, so that zero means none */

#ifndef HOME_BITS
#define HOME_BITS 15 /* 2^15 lines are a huge page */
#endif

#ifndef REACH
#define REACH 16 /* buckets, from its home on, in which a state can be */
#endif
#define DISTANCE_BITS 4 /* tell which of them it is */

/* What is kept of a state: 32 bits, which are compared first, and the rest, whose lowest bits are
 * what else is kept of the first word, and its distance from home. */
#define KEPT_BITS (MIXED_BITS - HOME_BITS)
#define HIGH_BITS (KEPT_BITS > 32 ? KEPT_BITS - 32 : 0)
#define BEFORE_OTHERS (HIGH_BITS + DISTANCE_BITS)
#define REST_BITS (BEFORE_OTHERS + (WORDS > 1 ? 64 * (WORDS - 2) + BITS : 0))
#define REST_BYTES ((REST_BITS + 7) / 8)
#define REST_WORDS ((REST_BITS + 63) / 64)
#define ENTRY_BYTES (4 + REST_BYTES + 1)

#define LINE 64
#define LINES ((6 * ENTRY_BYTES + 1 + LINE - 1) / LINE) /* six states at least */
#define SLOTS ((LINES * LINE - 1) / ENTRY_BYTES)

typedef struct {
    uint64_t w[REST_WORDS];
} Rest;

typedef struct {
    uint32_t low[SLOTS];
    uint8_t rest[SLOTS * REST_BYTES];
    uint8_t mark[SLOTS]; /* of the depth at which each was found */
    uint8_t used;
} __attribute__((aligned(LINE))) Bucket;

_Static_assert(REACH <= 1 << DISTANCE_BITS, "a distance needs more bits");

typedef struct {
    Bucket *buckets;
    uint64_t homes;    /* buckets that are some state's home; REACH more follow */
    uint64_t reserved; /* bytes of address space; memory is only taken when it is touched */
} Table;

/* As many tables as there are workers, so that these can make them larger side by side. */
typedef struct {
    Table *table;
    unsigned count;
} Tables;

static inline uint8_t mark_of(uint64_t depth)
{
    return (uint8_t)(1 + depth % MARKS);
}

/* ── Places ────────────────────────────────────────────────────────────────────────────────── */

/* Homes are told by the highest bits of a mixed state, tables by the lower ones, mixed once more: if
 * they depended on each other, states would crowd in some places. */
static inline const Table *table_of(const Tables *tables, Mixed m)
{
    if (tables->count == 1)
        return tables->table;
    uint32_t other = (uint32_t)m.s.w[0] * 0x9e3779b1u;
    return &tables->table[(uint64_t)other * tables->count >> 32];
}

static inline Bucket *home_of(const Table *table, Mixed m)
{
    return table->buckets + ((m.s.w[0] >> (MIXED_BITS - 32)) * table->homes >> 32);
}

static inline Bucket *home_in(const Tables *tables, Mixed m)
{
    return home_of(table_of(tables, m), m);
}

/* The least first word of a mixed state that has some home. */
static inline uint64_t least_at(const Table *table, uint64_t home)
{
    return ((home << 32) + table->homes - 1) / table->homes << (MIXED_BITS - 32);
}

/* Asks for a bucket, as one that will be written to: if it is not, nothing is lost, and if it is,
 * other processors need not be told then. */
static inline void prefetch(const Bucket *bucket)
{
    for (int i = 0; i < LINES; i++)
        __builtin_prefetch((const char *)bucket + LINE * i, 1);
}

/* ── What is kept of a state ───────────────────────────────────────────────────────────────── */

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the low bytes of a word have to come first in memory"
#endif

static inline Rest rest_of(Mixed m, unsigned distance)
{
    Rest rest;
    uint64_t below = (m.s.w[0] & LOW_BITS(KEPT_BITS)) >> 32 | (uint64_t)distance << HIGH_BITS;
    for (int i = 0; i < REST_WORDS; i++) {
        rest.w[i] = below;
        if (i + 1 < WORDS) {
            rest.w[i] |= m.s.w[i + 1] << BEFORE_OTHERS;
            below = m.s.w[i + 1] >> (64 - BEFORE_OTHERS);
        }
    }
    return rest;
}

static inline unsigned distance_of(Rest rest)
{
    return (unsigned)(rest.w[0] >> HIGH_BITS & LOW_BITS(DISTANCE_BITS));
}

/* The mixed state that so much is kept of, where `least` is `least_at` its home. */
static inline Mixed restored(uint32_t low, Rest rest, uint64_t least)
{
    uint64_t kept = (low | rest.w[0] << 32) & LOW_BITS(KEPT_BITS);
    Mixed m;
    m.s.w[0] = least + ((kept - least) & LOW_BITS(KEPT_BITS));
    for (int i = 1; i < WORDS; i++) {
        m.s.w[i] = rest.w[i - 1] >> BEFORE_OTHERS;
        if (i < REST_WORDS)
            m.s.w[i] |= rest.w[i] << (64 - BEFORE_OTHERS);
    }
    return m;
}

static inline bool is_same_rest(Rest a, Rest b)
{
    uint64_t differing = 0;
    for (int i = 0; i < REST_WORDS; i++)
        differing |= a.w[i] ^ b.w[i];
    return differing == 0;
}

/* What is in a slot. Words are read as a whole, and what is behind the rest is still the bucket. */
static inline Rest rest_at(const Bucket *bucket, unsigned slot)
{
    Rest rest = {{0}};
    const char *place = (const char *)bucket + offsetof(Bucket, rest) + slot * REST_BYTES;
    memcpy(&rest, place, READS_EXACTLY ? REST_BYTES : sizeof rest);
    rest.w[REST_WORDS - 1] &= LOW_BITS(8 * (REST_BYTES - 8 * (REST_WORDS - 1)));
    return rest;
}

static inline void put_rest(Bucket *bucket, unsigned slot, Rest rest)
{
    uint8_t *place = bucket->rest + slot * REST_BYTES;
    for (int i = 0; i < REST_BYTES / 8; i++, place += 8)
        memcpy(place, &rest.w[i], 8);
    uint64_t last = rest.w[REST_WORDS - 1];
    if (REST_BYTES & 4) {
        uint32_t part = (uint32_t)last;
        memcpy(place, &part, 4);
        place += 4;
        last >>= 32;
    }
    if (REST_BYTES & 2) {
        uint16_t part = (uint16_t)last;
        memcpy(place, &part, 2);
        place += 2;
        last >>= 16;
    }
    if (REST_BYTES & 1)
        *place = (uint8_t)last;
}

/* The state in a slot of the bucket at some place of a table. */
static inline State state_at(const Table *table, uint64_t at, unsigned slot)
{
    const Bucket *bucket = &table->buckets[at];
    Rest rest = rest_at(bucket, slot);
    return unmixed(restored(bucket->low[slot], rest, least_at(table, at - distance_of(rest))));
}
