/* How workers go through the levels together. */

/* Lets others work, where there is nothing to do but to wait for them. */
static void relax(unsigned *waited)
{
    if (++*waited > 1024)
        sched_yield();
}

/* Waits until all workers are here; the last of them then does something for all. */
static void meet(Search *search, void (*last)(Search *search))
{
    unsigned meeting = atomic_load_explicit(&search->meetings, memory_order_relaxed), waited = 0;
    if (atomic_fetch_add_explicit(&search->waiting, 1, memory_order_acq_rel) + 1 ==
        search->workers) {
        atomic_store_explicit(&search->waiting, 0, memory_order_relaxed);
        last(search);
        atomic_store_explicit(&search->meetings, meeting + 1, memory_order_release);
    } else
        while (atomic_load_explicit(&search->meetings, memory_order_acquire) == meeting)
            relax(&waited);
}

/* ── Levels ────────────────────────────────────────────────────────────────────────────────── */

/* Puts what one worker has found into the level that comes next; false where memory ends. */
static bool add_to_level(Search *search, Worker *w)
{
    for (Chunk *chunk = w->next, *next; chunk != NULL; chunk = next) {
        if (search->chunks == search->chunks_room) {
            size_t room = 2 * search->chunks_room + 64;
            Chunk **level = realloc(search->level, room * sizeof *level);
            if (level == NULL)
                return false;
            search->level = level;
            search->chunks_room = room;
        }
        next = chunk->next;
        search->level[search->chunks++] = chunk;
        w->next = next;
    }
    search->level_count += w->found;
    return true;
}

/* Ends a level, and begins the next with what was found; false where memory ends. */
static bool next_level(Search *search)
{
    if (search->levels_known == search->levels_room) {
        size_t room = search->levels_room * 2 + 64;
        uint64_t *levels = realloc(search->levels, room * sizeof *levels);
        if (levels == NULL)
            return false;
        search->levels = levels;
        search->levels_room = room;
    }
    search->chunks = search->level_count = 0;
    for (unsigned i = 0; i < search->workers; i++) {
        Worker *w = &search->worker[i];
        if (!add_to_level(search, w))
            return false;
        w->found = w->expanded = 0;
        w->depth++;
        /* What is known now is of the least depth there is, and the least at that depth. */
        for (unsigned at = 0; at < DECIDED; at++)
            w->undecided[at] &= !w->decided[at].known;
        for (unsigned at = 0; at < BROKEN; at++)
            w->unbroken[at] &= !w->broken[at].known;
    }
    search->levels[search->levels_known++] = search->level_count;
    atomic_store_explicit(&search->next_chunk, 0, memory_order_relaxed);
    return true;
}

static uint64_t states_found(const Search *search)
{
    uint64_t states = atomic_load_explicit(&search->states, memory_order_relaxed);
    for (unsigned i = 0; i < search->workers; i++)
        states += search->worker[i].untold;
    return states;
}

static uint64_t left_to_expand(const Search *search)
{
    uint64_t left = search->level_count;
    for (unsigned i = 0; i < search->workers; i++)
        left -= search->worker[i].expanded;
    return left;
}

/* ── Growth ────────────────────────────────────────────────────────────────────────────────── */

/* Makes the table of a worker larger. What was late is looked up at home again. */
static void grow(Worker *w)
{
    Search *search = w->search;
    uint64_t others = atomic_load_explicit(&search->bytes, memory_order_relaxed);
    uint64_t most = search->budget > others ? (search->budget - others) / search->workers : 0;
    Table *table = &search->table[w - search->worker];
    w->growth = table_grow(table, most);
    for (unsigned i = 0; i < w->late_count; i++)
        w->late[i].distance = 0;
}

static void set_ample(Search *search)
{
    search->ample = 0;
    for (unsigned i = 0; i < search->workers; i++)
        search->ample += search->table[i].homes * SLOTS / 5 * 4;
}

static void end_growth(Search *search)
{
    bool has_grown = false, is_crowded = false, is_lost = false;
    for (unsigned i = 0; i < search->workers; i++) {
        Worker *w = &search->worker[i];
        has_grown |= w->growth == GREW;
        is_lost |= w->growth == LOST;
        is_crowded |= w->is_crowded;
        w->is_crowded = w->is_waiting = false;
    }
    set_ample(search);
    if (!has_grown)
        search->ample = UINT64_MAX; /* so they fill up to the last bucket */
    search->outcome = is_lost || (is_crowded && !has_grown) ? OUT_OF_MEMORY : GO_ON;
}

/* ── Rounds ────────────────────────────────────────────────────────────────────────────────── */

/* Decides how to go on when nobody can, or when somebody has called for a stop. */
static void end_round(Search *search)
{
    uint64_t states = states_found(search);
    bool out_of_memory = false, are_waiting = false, are_late = false;
    for (unsigned i = 0; i < search->workers; i++) {
        const Worker *w = &search->worker[i];
        out_of_memory |= w->out_of_memory;
        are_waiting |= w->is_waiting;
        are_late |= w->late_count > 0;
    }
    search->is_growing = !out_of_memory && are_waiting;
    if (!out_of_memory && !search->is_growing && !are_late && left_to_expand(search) == 0)
        out_of_memory = !next_level(search);
    atomic_store_explicit(&search->stop, false, memory_order_relaxed);
    search->outcome = out_of_memory                                ? OUT_OF_MEMORY
                      : search->is_growing                         ? GO_ON
                      : search->level_count == 0                   ? DONE
                      : search->most != 0 && states > search->most ? ENOUGH
                      : now() >= search->deadline                  ? SLICE_OVER
                                                                   : GO_ON;
}

/* Expands states of the level until there are no more, or somebody calls for a stop. */
static void expand_level(Worker *w)
{
    const atomic_bool *stop = &w->search->stop;
    while (!atomic_load_explicit(stop, memory_order_relaxed) && take_chunk(w)) {
        expand(w, w->chunk->states[w->taken++]);
        w->expanded++;
        make_room(w);
    }
    w->drain(w);
    while (w->late_count > 0 && !w->is_waiting && !w->out_of_memory)
        settle_late(w);
}

/* Works until the search pauses or is over. */
static void work(Worker *w)
{
    Search *search = w->search;
    do {
        expand_level(w);
        meet(search, end_round);
        if (search->is_growing) {
            grow(w);
            meet(search, end_growth);
        }
    } while (search->outcome == GO_ON);
}
