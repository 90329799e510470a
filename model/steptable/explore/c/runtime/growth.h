/* How tables begin, and how they grow. */

#define HUGE_PAGE ((size_t)2 << 20)

static uint64_t table_bytes(uint64_t homes)
{
    return (homes + REACH) * sizeof(Bucket);
}

/* Makes an empty table, which may take so many bytes some day. False where there is no address space
 * for it. */
static bool table_open(Table *table, uint64_t most)
{
    table->homes = 1 << HOME_BITS;
    size_t bytes = (size_t)(most + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    for (; most >= table_bytes(table->homes) && bytes >= table_bytes(table->homes); bytes /= 2) {
        void *place = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
        if (place != MAP_FAILED) {
#ifdef MADV_HUGEPAGE
            (void)madvise(place, bytes, MADV_HUGEPAGE);
#endif
            table->buckets = place;
            table->reserved = bytes;
            return true;
        }
    }
    return false;
}

/* Gives back the address space that a table which grows no more has not taken. */
static void table_trim(Table *table)
{
    uint64_t kept = (table_bytes(table->homes) + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    if (kept < table->reserved &&
        munmap((char *)table->buckets + kept, (size_t)(table->reserved - kept)) == 0)
        table->reserved = kept;
}

static void table_close(Table *table)
{
    if (table->buckets != NULL)
        (void)munmap(table->buckets, (size_t)table->reserved);
}

/* Puts the states of an old bucket where they belong now; whether there was room for all. `at` is
 * where it was in the table as it was before. */
static bool moved(Table *table, const Table *before, const Bucket *from, uint64_t at)
{
    bool fits = true;
    uint64_t own = least_at(before, at);
    for (unsigned i = 0; i < from->used; i++) {
        Rest rest = rest_at(from, i);
        unsigned distance = distance_of(rest);
        uint64_t least = distance == 0 ? own : least_at(before, at - distance);
        Mixed m = restored(from->low[i], rest, least);
        Bucket *home = home_of(table, m), *bucket = home;
        while (bucket < home + REACH && bucket->used == SLOTS)
            bucket++;
        unsigned slot = bucket->used;
        if (bucket < home + REACH) {
            bucket_put(bucket, slot, from->low[i], rest_of(m, (unsigned)(bucket - home)));
            bucket->mark[slot] = from->mark[i];
            bucket->used = (uint8_t)(slot + 1);
        } else
            fits = false;
    }
    return fits;
}

static void bucket_clear(Bucket *bucket)
{
    memset(bucket->mark, 0, sizeof bucket->mark);
    bucket->used = 0;
}

/* How many homes there should be next: twice as many, or as many more as there is room for. */
static uint64_t more_homes(const Table *table, uint64_t most)
{
    uint64_t room = most < table->reserved ? most : table->reserved;
    for (uint64_t more = table->homes; more >= table->homes / 4; more /= 2)
        if (table_bytes(table->homes + more) <= room)
            return table->homes + more;
    return 0;
}

enum { GREW, TOO_LARGE, LOST };

/* Makes the table larger, up to so many bytes, and in place. LOST where some state then has no place
 * within its reach: more than chance would have to be at work.
 *
 * A state at bucket b has its home at most REACH before it, and its new home at 5/4 of that or
 * more: from 6 REACH on this is never before b, so that going backwards nothing is put where states
 * still wait. The few buckets before that are set aside. */
static int table_grow(Table *table, uint64_t most)
{
    enum { ASIDE = 6 * REACH };
    const Table before = *table;
    uint64_t old = before.homes + REACH, homes = more_homes(table, most);
    if (homes == 0)
        return TOO_LARGE;
    uint64_t few = ASIDE < old ? ASIDE : old;
    Bucket *aside = aligned_alloc(LINE, ASIDE * sizeof(Bucket));
    if (aside == NULL)
        return TOO_LARGE;
    table->homes = homes;
    bool fits = true;
    for (uint64_t at = old; at-- > few;) {
        Bucket bucket = table->buckets[at];
        bucket_clear(&table->buckets[at]);
        fits &= moved(table, &before, &bucket, at);
    }
    memcpy(aside, table->buckets, few * sizeof(Bucket));
    for (uint64_t at = 0; at < few; at++)
        bucket_clear(&table->buckets[at]);
    for (uint64_t at = 0; at < few; at++)
        fits &= moved(table, &before, &aside[at], at);
    free(aside);
    return fits ? GREW : LOST;
}
