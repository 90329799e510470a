/* What the driver calls. States are passed as WORDS words each, the least significant first. */

EXPORT void search_close(Search *search)
{
    for (unsigned i = 0; search->worker != NULL && i < search->workers; i++) {
        Worker *w = &search->worker[i];
        table_close(&w->table);
        chunks_free(w->now.first);
        chunks_free(w->next.first);
        chunks_free(w->spare);
        free(w->levels);
    }
    for (unsigned i = 0; search->rings != NULL && i < search->workers * search->workers; i++)
        free(search->rings[i].blocks);
    free(search->rings);
    free(search->worker);
    free(search->back);
    free((void *)search->found);
    free(search);
}

static bool open_rings(Search *search)
{
    unsigned workers = search->workers;
    search->rings = aligned_alloc(64, workers * workers * sizeof(Ring));
    if (search->rings == NULL)
        return false;
    memset(search->rings, 0, workers * workers * sizeof(Ring));
    for (unsigned i = 0; i < workers * workers; i++) {
        Ring *r = &search->rings[i];
        r->size = workers > 16 ? 8 : 128 / workers;
        if (i / workers == i % workers)
            r->size = 1; /* to oneself */
        if ((r->blocks = calloc(r->size, sizeof(Block))) == NULL)
            return false;
    }
    return true;
}

/* A search that may take so many bytes of memory. NULL where there is not even that. */
EXPORT Search *search_open(unsigned workers, uint64_t budget)
{
    Search *search = calloc(1, sizeof *search);
    if (search == NULL)
        return NULL;
    search->workers = workers;
    search->worker = calloc(workers, sizeof(Worker));
    search->found = calloc(8 * (size_t)workers, sizeof *search->found);
    search->back = calloc(1, sizeof *search->back);
    bool opened = search->worker != NULL && search->found != NULL && search->back != NULL &&
                  open_rings(search);
    for (unsigned i = 0; opened && i < workers; i++) {
        Worker *w = &search->worker[i];
        w->search = search;
        w->number = i;
        w->round = 1;
        w->depth = UINT64_MAX; /* what is found now is at depth 0 */
        w->out = w->successors;
        w->filling = &w->batches[0];
        for (unsigned to = 0; to < workers; to++)
            w->open[to] = ring(search, i, to)->blocks;
        w->drain = distribute;
        memset(w->unmet, true, sizeof w->unmet);
        memset(w->undecided, true, sizeof w->undecided);
        memset(w->unbroken, true, sizeof w->unbroken);
        opened = table_open(&w->table, budget / workers);
    }
    if (!opened) {
        search_close(search);
        return NULL;
    }
    return search;
}

/* Adds the states to start from, and judges them. */
EXPORT void search_start(Search *search, const State *states, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        unsigned owner = owner_of(search, hash_of(states[i]));
        gather_all(&search->worker[owner], &states[i], &states[i] + 1);
    }
    for (unsigned i = 0; i < search->workers; i++) {
        Worker *w = &search->worker[i];
        settle_all(w);
        w->depth = 0;
        next_level(w);
        w->busy = true; /* or another one is */
    }
}

/* Waits until all workers are there, or it is known that they won't be. */
static void *work_behind_gate(void *argument)
{
    Worker *w = argument;
    int gate;
    while ((gate = atomic_load(&w->search->gate)) == SHUT)
        sched_yield();
    if (gate == OPEN)
        work(w);
    return NULL;
}

/* Searches on for some time, until there are more than `most` states (if that is not 0), or to the end. */
EXPORT int search_run(Search *search, uint64_t nanoseconds, uint64_t most)
{
    search->deadline = now() + nanoseconds;
    search->most = most;
    atomic_store(&search->stop, false);
    pthread_t thread[MOST_WORKERS];
    unsigned started = 1;
    atomic_store(&search->gate, SHUT);
    for (; started < search->workers; started++)
        if (pthread_create(&thread[started], NULL, work_behind_gate, &search->worker[started]) != 0)
            break;
    bool all = started == search->workers;
    atomic_store(&search->gate, all ? OPEN : CLOSED);
    if (all)
        work(&search->worker[0]);
    for (unsigned i = 1; i < started; i++)
        (void)pthread_join(thread[i], NULL);
    if (!all)
        return NO_THREADS;
    uint64_t left = 0, found = 0;
    for (unsigned i = 0; i < search->workers; i++) {
        const Worker *w = &search->worker[i];
        if (w->out_of_memory)
            return OUT_OF_MEMORY;
        left += w->now.count + w->next.count;
        found += w->table.states;
    }
    return left == 0 ? DONE : most != 0 && found > most ? ENOUGH : SLICE_OVER;
}

/* ── What was found ────────────────────────────────────────────────────────────────────────── */

/* Fills in: states found, depth, states of this depth still to expand, bytes of memory taken. */
EXPORT void search_size(const Search *search, uint64_t size[4])
{
    memset(size, 0, 4 * sizeof *size);
    for (unsigned i = 0; i < search->workers; i++) {
        const Worker *w = &search->worker[i];
        size[0] += w->table.states;
        size[1] = w->depth;
        size[2] += w->now.count;
        size[3] += table_bytes(w->table.homes) + w->chunks * sizeof(Chunk);
    }
}

/* Fills in how many states were first found at each depth; how many depths there are. */
EXPORT uint64_t search_levels(const Search *search, uint64_t *levels, uint64_t room)
{
    uint64_t known = search->worker[0].levels_known;
    for (uint64_t depth = 0; depth < known && depth < room; depth++) {
        levels[depth] = 0;
        for (unsigned i = 0; i < search->workers; i++)
            levels[depth] += search->worker[i].levels[depth];
    }
    return known;
}

/* Fills in how often each case was taken, and whether each premise was met. */
EXPORT void search_counts(const Search *search, uint64_t hits[CASES], uint8_t met[MET])
{
    memset(hits, 0, CASES * sizeof *hits);
    memset(met, 0, MET);
    for (unsigned i = 0; i < search->workers; i++) {
        for (unsigned at = 0; at < CASES; at++)
            hits[at] += search->worker[i].hits[at];
        for (unsigned at = 0; at < MET; at++)
            met[at] |= !search->worker[i].unmet[at];
    }
}

/* Fills in the first state that decides a property, or the first step that breaks one. */
EXPORT bool search_note(const Search *search, bool broken, unsigned which, Note *first)
{
    memset(first, 0, sizeof *first);
    for (unsigned i = 0; i < search->workers; i++) {
        const Worker *w = &search->worker[i];
        const Note *own = broken ? &w->broken[which] : &w->decided[which];
        if (own->known && (!first->known || own->depth <= first->depth)) {
            first->known &= own->depth == first->depth;
            note(first, own->state, own->depth, own->number, own->choices);
        }
    }
    return first->known;
}

/* Fills in every state, in ascending order. */
EXPORT void search_states(const Search *search, State *states)
{
    State *end = states;
    for (unsigned i = 0; i < search->workers; i++) {
        const Table *table = &search->worker[i].table;
        for (uint64_t at = 0; at < table->homes + REACH; at++) {
            const Bucket *bucket = &table->buckets[at];
            memcpy(end, bucket->key, USED(bucket) * sizeof *end);
            end += USED(bucket);
        }
    }
    qsort(states, (size_t)(end - states), sizeof *states, compare_states);
}
