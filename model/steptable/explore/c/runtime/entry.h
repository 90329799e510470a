/* What the driver calls. States are passed as WORDS words each, the least significant first. */

EXPORT void search_close(Search *search)
{
    for (unsigned i = 0; i < search->workers; i++)
        table_close(&search->table[i]);
    for (size_t at = atomic_load(&search->next_chunk); at < search->chunks; at++)
        free(search->level[at]);
    for (unsigned i = 0; search->worker != NULL && i < search->workers; i++) {
        Worker *w = &search->worker[i];
        free(w->chunk);
        chunks_free(w->next);
        chunks_free(w->spare);
        free(w->late);
    }
    free(search->level);
    free(search->levels);
    free(search->worker);
    free(search->back);
    free(search);
}

static void worker_open(Search *search, Worker *w)
{
    w->search = search;
    w->tables = &search->tables;
    w->has_clock = w == search->worker;
    w->depth = UINT64_MAX; /* what is found now is at depth 0 */
    w->out = w->successors;
    w->drain = settle_successors;
    memset(w->unmet, true, sizeof w->unmet);
    memset(w->undecided, true, sizeof w->undecided);
    memset(w->unbroken, true, sizeof w->unbroken);
}

/* A search that may take so many bytes of memory. NULL where there is not even that. */
EXPORT Search *search_open(unsigned workers, uint64_t budget)
{
    Search *search = room_for(sizeof *search);
    if (search == NULL)
        return NULL;
    search->workers = workers;
    search->budget = budget;
    search->tables = (Tables){search->table, workers};
    search->worker = room_for(workers * sizeof(Worker));
    search->back = room_for(sizeof *search->back);
    bool opened = search->worker != NULL && search->back != NULL;
    for (unsigned i = 0; opened && i < workers; i++) {
        worker_open(search, &search->worker[i]);
        opened = table_open(&search->table[i], budget / workers);
    }
    if (!opened) {
        search_close(search);
        return NULL;
    }
    set_ample(search);
    return search;
}

/* Adds the states to start from. They are the level that is found in the first round. */
EXPORT void search_start(Search *search, const State *states, uint64_t count)
{
    Worker *w = &search->worker[0];
    for (uint64_t i = 0; i < count; i++) {
        *w->out++ = mixed(states[i]);
        make_room(w);
    }
    w->drain(w);
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

/* Searches on for some time, until there are more than `most` states (if that is not 0), or to the
 * end. */
EXPORT int search_run(Search *search, uint64_t nanoseconds, uint64_t most)
{
    search->deadline = now() + nanoseconds;
    search->most = most;
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
    return all ? search->outcome : NO_THREADS;
}

/* Gives back what a search that is over has reserved for more states. It can't go on after that. */
EXPORT void search_trim(Search *search)
{
    for (unsigned i = 0; i < search->workers; i++)
        table_trim(&search->table[i]);
}

/* ── What was found ────────────────────────────────────────────────────────────────────────── */

/* Fills in: states found, depth, states of this depth still to expand, bytes of memory taken. */
EXPORT void search_size(const Search *search, uint64_t size[4])
{
    size[0] = states_found(search);
    size[1] = search->levels_known == 0 ? 0 : search->levels_known - 1;
    size[2] = left_to_expand(search);
    size[3] = atomic_load(&search->bytes);
    for (unsigned i = 0; i < search->workers; i++)
        size[3] += table_bytes(search->table[i].homes);
}

/* Fills in how many states were first found at each depth; how many depths there are. */
EXPORT uint64_t search_levels(const Search *search, uint64_t *levels, uint64_t room)
{
    for (uint64_t depth = 0; depth < search->levels_known && depth < room; depth++)
        levels[depth] = search->levels[depth];
    return search->levels_known;
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
        const Table *table = &search->table[i];
        for (uint64_t at = 0; at < table->homes + REACH; at++) {
            const Bucket *bucket = &table->buckets[at];
            for (unsigned slot = 0; slot < bucket->used; slot++)
                *end++ = state_at(table, at, slot);
        }
    }
    qsort(states, (size_t)(end - states), sizeof *states, compare_states);
}
