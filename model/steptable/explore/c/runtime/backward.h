/* Ways back: nothing is stored of where a state was reached from, so it is found out again. */

/* Keeps for each target the least source that has a step to it, among those above a bound. */
static void compare_successors(Worker *w)
{
    Backward *back = (Backward *)w;
    for (const Mixed *m = w->successors; m < w->out; m++) {
        State s = unmixed(*m);
        for (unsigned i = 0; i < back->count; i++) {
            Before *before = &back->before[i];
            if (is_same(s, before->target) &&
                !(before->bounded && order(back->source, before->above) <= 0) &&
                !(before->found && order(back->source, before->source) >= 0)) {
                before->found = true;
                before->source = back->source;
            }
        }
    }
    w->out = w->successors;
}

/* Looks for what is before some states, among the states of a depth that are in some buckets of a
 * table. What was found in other buckets goes on to count. False where there are no such buckets
 * any more. */
EXPORT bool search_back(const Search *search, unsigned which, uint64_t first, uint64_t buckets,
                        uint64_t depth, Before *before, unsigned count)
{
    const Table *table = &search->table[which];
    uint64_t end = table->homes + REACH;
    if (first >= end)
        return false;
    Backward *back = search->back;
    back->worker.out = back->worker.successors;
    back->worker.tables = &search->tables;
    back->worker.drain = compare_successors;
    back->before = before;
    back->count = count;
    uint8_t mark = mark_of(depth);
    for (uint64_t at = first; at < end && at < first + buckets; at++) {
        const Bucket *bucket = &table->buckets[at];
        for (unsigned i = 0; i < bucket->used; i++)
            if (bucket->mark[i] == mark) {
                back->source = state_at(table, at, i);
                expand(&back->worker, back->source);
                compare_successors(&back->worker);
            }
    }
    return true;
}

/* The depth of a state modulo MARKS, or -1 where it was not found. */
EXPORT int search_depth(const Search *search, const State *state)
{
    Mixed m = mixed(*state);
    const Table *table = table_of(&search->tables, m);
    const Bucket *bucket = home_of(table, m);
    for (unsigned distance = 0; distance < REACH; distance++, bucket++) {
        unsigned among = first_slots(bucket->used);
        bool is_there;
        unsigned slot =
            slot_of(bucket, among, (uint32_t)m.s.w[0], rest_of(m, distance), &is_there);
        if (is_there)
            return bucket->mark[slot] - 1;
        if (bucket->used < SLOTS)
            break;
    }
    return -1;
}

/* Marks the values that variables take, each of which has a word, a shift and a mask. */
EXPORT void search_spread(const Search *search, unsigned variables, const uint8_t *word,
                          const uint8_t *shift, const uint64_t *mask, uint8_t *const *seen)
{
    for (unsigned i = 0; i < search->workers; i++) {
        const Table *table = &search->table[i];
        for (uint64_t at = 0; at < table->homes + REACH; at++) {
            const Bucket *bucket = &table->buckets[at];
            for (unsigned slot = 0; slot < bucket->used; slot++) {
                State s = state_at(table, at, slot);
                for (unsigned v = 0; v < variables; v++)
                    seen[v][s.w[word[v]] >> shift[v] & mask[v]] = 1;
            }
        }
    }
}
