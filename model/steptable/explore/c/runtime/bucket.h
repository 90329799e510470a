/* Finding a state in a bucket, and putting it there. */

static inline unsigned first_slots(unsigned count)
{
    return (1u << count) - 1;
}

/* Tells by bits which slots have some low part, whether they are in use or not; and which have a
 * mark, so that what was put there before it can be seen. */
#if defined(__AVX2__)
/* Eight at a time, without the header of all such instructions: it takes longer to compile than
 * everything else. A bucket of few slots has something else behind them, and is long enough. */
typedef uint32_t Eight __attribute__((vector_size(32), may_alias));
typedef float EightSigns __attribute__((vector_size(32)));

static inline unsigned slots_with(const Bucket *bucket, uint32_t low)
{
    const Eight *eights = (const Eight *)bucket;
    unsigned found = (unsigned)__builtin_ia32_movmskps256((EightSigns)(eights[0] == low));
    if (SLOTS > 8)
        found |= (unsigned)__builtin_ia32_movmskps256((EightSigns)(eights[1] == low)) << 8;
    return found;
}

typedef char Sixteen __attribute__((vector_size(16)));

/* Which of 16 bytes of a bucket, from some place on, are as given. */
static inline unsigned bytes_like(const Bucket *bucket, size_t from, uint8_t byte)
{
    Sixteen bytes;
    memcpy(&bytes, (const char *)bucket + from, sizeof bytes);
    return (unsigned)__builtin_ia32_pmovmskb128(bytes == (char)byte);
}

static inline unsigned slots_marked(const Bucket *bucket)
{
    const size_t at = offsetof(Bucket, mark), last = sizeof(Bucket) - sizeof(Sixteen);
    const size_t from = at < last ? at : last;
    unsigned marked = ~bytes_like(bucket, from, 0) >> (at - from);
    atomic_thread_fence(memory_order_acquire);
    return marked & first_slots(SLOTS);
}
#else
static inline unsigned slots_with(const Bucket *bucket, uint32_t low)
{
    unsigned found = 0;
    for (unsigned i = 0; i < SLOTS; i++)
        found |= (unsigned)(__atomic_load_n(&bucket->low[i], __ATOMIC_RELAXED) == low) << i;
    return found;
}

static inline unsigned slots_marked(const Bucket *bucket)
{
    unsigned marked = 0;
    for (unsigned i = 0; i < SLOTS; i++)
        marked |= (unsigned)(__atomic_load_n(&bucket->mark[i], __ATOMIC_ACQUIRE) != 0) << i;
    return marked;
}
#endif

/* The slot that a state is in, if it is in any of those that are told by bits. What stands in others
 * is nobody's, and may look like a state. */
static inline unsigned slot_of(const Bucket *bucket, unsigned among, uint32_t low, Rest rest,
                               bool *is_there)
{
    unsigned found = slots_with(bucket, low) & among, slot;
#if defined(__AVX2__) && REST_BYTES == 1
    found &= bytes_like(bucket, offsetof(Bucket, rest), (uint8_t)rest.w[0]);
    *is_there = found != 0;
    return (unsigned)__builtin_ctz(found | 1u << (SLOTS - 1));
#endif
    if (READS_EXACTLY && found == 0) {
        *is_there = false;
        return 0;
    }
    for (;;) {
        slot = (unsigned)__builtin_ctz(found | 1u << (SLOTS - 1));
        *is_there = (found != 0) & is_same_rest(rest_at(bucket, slot), rest);
        found &= found - 1;
        if (__builtin_expect(found == 0, 1) || *is_there)
            return slot;
    }
}

static inline void bucket_put(Bucket *bucket, unsigned slot, uint32_t low, Rest rest)
{
    __atomic_store_n(&bucket->low[slot], low, __ATOMIC_RELAXED);
    put_rest(bucket, slot, rest);
}

/* ── Insertion ─────────────────────────────────────────────────────────────────────────────── */

enum { IS_THERE, IS_NEW, IS_FULL };

/* Puts a state into a bucket that nobody else touches, unless it is there. Whether it is can't be
 * foretold, so what is done with a new state is done with every one, but to no effect. */
static inline int insert(Bucket *bucket, uint32_t low, Rest rest, uint8_t mark)
{
    Bucket nowhere;
    unsigned used = bucket->used;
    bool is_there;
    (void)slot_of(bucket, first_slots(used), low, rest, &is_there);
    if (!is_there & (used == SLOTS))
        return IS_FULL;
    Bucket *into = is_there ? &nowhere : bucket;
    unsigned slot = is_there ? 0 : used;
    bucket_put(into, slot, low, rest);
    into->mark[slot] = mark;
    into->used = (uint8_t)(slot + 1);
    return is_there ? IS_THERE : IS_NEW;
}

/* The same where others put states into it at the same time. A slot is reserved by counting it, and
 * published by its mark; whoever finds one reserved that isn't published yet looks again. That a
 * state is nowhere is only believed if no slot was reserved since. */
static inline int insert_shared(Bucket *bucket, uint32_t low, Rest rest, uint8_t mark)
{
    for (;;) {
        uint8_t used = __atomic_load_n(&bucket->used, __ATOMIC_ACQUIRE);
        unsigned there = slots_marked(bucket);
        bool is_there;
        (void)slot_of(bucket, there, low, rest, &is_there);
        if (is_there)
            return IS_THERE;
        if (there != first_slots(used))
            continue;
        if (used == SLOTS)
            return IS_FULL;
        if (__atomic_compare_exchange_n(&bucket->used, &used, (uint8_t)(used + 1), false,
                                        __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
            bucket_put(bucket, used, low, rest);
            __atomic_store_n(&bucket->mark[used], mark, __ATOMIC_RELEASE);
            return IS_NEW;
        }
    }
}
