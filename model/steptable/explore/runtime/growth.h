/* How tables begin, and how they grow. */

#define HUGE_PAGE ((size_t)2 << 20)

static void set_homes(Table *table, uint64_t homes)
{
    table->homes = homes;
    table->ample = homes * SLOTS / 5 * 4;
}

static uint64_t table_bytes(uint64_t homes)
{
    return (homes + REACH) * sizeof(Bucket);
}

/* Makes an empty table. False where there is no address space for it. */
static bool table_open(Table *table, uint64_t budget)
{
    uint64_t homes = 1 << 12;
    memset(table, 0, sizeof *table);
    table->budget = budget;
    if (budget < table_bytes(homes))
        return false;
    size_t bytes = (size_t)(budget + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    for (; bytes >= table_bytes(homes); bytes /= 2) {
        void *place = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
        if (place != MAP_FAILED) {
#ifdef MADV_HUGEPAGE
            (void)madvise(place, bytes, MADV_HUGEPAGE);
#endif
            table->buckets = place;
            table->reserved = bytes;
            set_homes(table, homes);
            return true;
        }
    }
    return false;
}

static void table_close(Table *table)
{
    if (table->buckets != NULL)
        (void)munmap(table->buckets, (size_t)table->reserved);
}

/* Puts the states of some old buckets where they belong now; whether there was room for all. */
static bool moved(Table *table, const Bucket *from, uint64_t count)
{
    bool fits = true;
    for (uint64_t at = 0; at < count; at++)
        for (unsigned i = 0; i < USED(&from[at]); i++) {
            State s = from[at].key[i];
            Bucket *bucket = home_of(table, hash_of(s)), *end = bucket + REACH;
            while (bucket < end && USED(bucket) == SLOTS)
                bucket++;
            if (bucket < end)
                bucket_put(bucket, s, from[at].mark[i]);
            else
                fits = false;
        }
    return fits;
}

enum { GREW, TOO_LARGE, LOST };

/* Makes the table half as large again, within its budget, and in place. LOST where some state then
 * has no place within its reach: more than chance would have to be at work.
 *
 * A state at bucket b has its home at most REACH before it, and its new home at 3/2 of that: from
 * 3 REACH on this is never before b, so that going backwards nothing is put where states still
 * wait. The few buckets before that are set aside. */
static int table_grow(Table *table)
{
    enum { ASIDE = 4 * REACH };
    uint64_t old = table->homes + REACH, homes = table->homes + table->homes / 2;
    if (table_bytes(homes) > table->budget || table_bytes(homes) > table->reserved)
        return TOO_LARGE;
    Bucket *aside = malloc(ASIDE * sizeof(Bucket));
    if (aside == NULL)
        return TOO_LARGE;
    set_homes(table, homes);
    bool fits = true;
    for (uint64_t at = old; at-- > ASIDE;) {
        Bucket bucket = table->buckets[at];
        USED(&table->buckets[at]) = 0;
        fits &= moved(table, &bucket, 1);
    }
    memcpy(aside, table->buckets, ASIDE * sizeof(Bucket));
    for (uint64_t at = 0; at < ASIDE; at++)
        USED(&table->buckets[at]) = 0;
    fits &= moved(table, aside, ASIDE);
    free(aside);
    return fits ? GREW : LOST;
}
