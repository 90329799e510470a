/* A breadth-first search by several workers.
 *
 * Each worker takes chunks of the level and expands their states. Where a successor would be kept is
 * prefetched as soon as it is known, and looked up when some more are. All workers put states into
 * the same tables, where no lock is taken. They wait for each other at the end of each level, and
 * where tables have to grow.
 *
 * Where states should go that no longer fit into memory: a level is only ever read and written in
 * order, so its chunks can spill into a file; and a table that can't grow can be written out in the
 * order of its homes, and merged with the next level in that same order (delayed detection of
 * duplicates). Until then a search that runs out of memory says so, and ends. */

#define MOST_WORKERS 64
#define TOLD 256 /* states that a worker finds between two times that it says so */

/* A state, and the least one at some depth that has a step to it. */
typedef struct {
    State target, above, source;
    bool bounded; /* only what is above `above` counts */
    bool found;
} Before;

typedef struct {
    Worker worker; /* expands without noting anything */
    State source;
    Before *before;
    unsigned count;
} Backward;

enum { DONE, SLICE_OVER, ENOUGH, OUT_OF_MEMORY, NO_THREADS, GO_ON };
enum { SHUT, OPEN, CLOSED };

typedef struct Search {
    unsigned workers;
    Worker *worker;
    Table table[MOST_WORKERS];
    Tables tables;
    Backward *back;

    Chunk **level; /* the chunks of the states that are being expanded */
    size_t chunks, chunks_room;
    uint64_t level_count; /* states in them */
    uint64_t *levels; /* states first found at each depth */
    size_t levels_known, levels_room;

    uint64_t ample; /* states at which tables should grow */
    uint64_t deadline; /* nanoseconds */
    uint64_t most; /* states; when there are more, stop; 0 for no such limit */
    uint64_t budget; /* bytes of memory that may be taken */
    int outcome;
    bool is_growing;

    _Alignas(LINE) _Atomic uint64_t states; /* that workers have told of */
    _Alignas(LINE) atomic_bool stop; /* and meet */
    atomic_size_t bytes; /* of memory that are taken, but for tables */
    atomic_size_t next_chunk; /* to be expanded */
    atomic_uint waiting, meetings;
    atomic_int gate; /* where workers wait for each other to be there */
} Search;

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void call_stop(Search *search)
{
    atomic_store_explicit(&search->stop, true, memory_order_relaxed);
}

static void give_up(Worker *w)
{
    w->out_of_memory = true;
    call_stop(w->search);
}

/* Lets all states wait until tables have grown: the fuller these are, the less evenly are they. */
static void wait_for_growth(Worker *w)
{
    w->is_waiting = true;
    call_stop(w->search);
}

/* ── Frontiers ─────────────────────────────────────────────────────────────────────────────── */

/* Makes room behind what was found for the next level, for as many states as are ever looked up
 * together. Where memory ends nothing more is looked up. */
static bool reserve(Worker *w)
{
    if (w->out_of_memory)
        return false;
    if (w->next != NULL && w->next->count < CHUNK)
        return true;
    Chunk *chunk = w->spare;
    if (chunk != NULL)
        w->spare = chunk->next;
    else if ((chunk = malloc(sizeof *chunk)) != NULL)
        atomic_fetch_add_explicit(&w->search->bytes, sizeof *chunk, memory_order_relaxed);
    else {
        give_up(w);
        return false;
    }
    chunk->next = w->next;
    chunk->count = 0;
    w->next = chunk;
    return true;
}

/* Makes room for as many states that are late. They can't be fewer before tables have grown, and a
 * state can have any number of successors. */
static bool reserve_late(Worker *w)
{
    unsigned needed = w->late_count + MOST_SUCCESSORS;
    if (needed > w->late_room) {
        Late *late = realloc(w->late, 2 * needed * sizeof *late);
        if (late == NULL) {
            give_up(w);
            return false;
        }
        atomic_fetch_add_explicit(&w->search->bytes, (2 * needed - w->late_room) * sizeof *late,
                                  memory_order_relaxed);
        w->late = late;
        w->late_room = 2 * needed;
    }
    return true;
}

/* Takes chunks of the level until there is something to expand in one; whether there was. */
static bool take_chunk(Worker *w)
{
    Search *search = w->search;
    while (w->chunk == NULL || w->taken == w->chunk->count) {
        if (w->chunk != NULL) {
            w->chunk->next = w->spare;
            w->spare = w->chunk;
            w->chunk = NULL;
        }
        size_t at = atomic_fetch_add_explicit(&search->next_chunk, 1, memory_order_relaxed);
        if (at >= search->chunks)
            return false;
        w->chunk = search->level[at];
        w->taken = 0;
    }
    return true;
}

static void chunks_free(Chunk *chunk)
{
    while (chunk != NULL) {
        Chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

/* ── Looking up ────────────────────────────────────────────────────────────────────────────── */

/* Looks up a state at some distance from home. It goes to `fresh` if it is new, and is late where
 * the bucket is full. */
static ALWAYS_INLINE State *look_up(Worker *w, const Tables *tables, Mixed m, unsigned distance,
                                    uint8_t mark, State *fresh)
{
    Bucket *bucket = home_in(tables, m) + distance;
    uint32_t low = (uint32_t)m.s.w[0];
    Rest rest = rest_of(m, distance);
    int outcome = tables->count == 1 ? insert(bucket, low, rest, mark)
                                     : insert_shared(bucket, low, rest, mark);
    if (outcome == IS_FULL) {
        prefetch(bucket + 1);
        w->late[w->late_count++] = (Late){m, (uint8_t)(distance + 1)};
    }
    *fresh = m.s;
    return fresh + (outcome == IS_NEW);
}

/* Keeps and judges what is new, up to `end`. */
static void keep(Worker *w, State *end)
{
    State *first = w->next->states + w->next->count;
    for (State *s = first; s < end; s++) {
        *s = unmixed((Mixed){*s});
        judge(w, *s);
    }
    uint64_t fresh = (uint64_t)(end - first);
    w->next->count += (unsigned)fresh;
    w->found += fresh;
    w->untold += fresh;
    if (w->untold < TOLD)
        return;
    Search *search = w->search;
    uint64_t states =
        atomic_fetch_add_explicit(&search->states, w->untold, memory_order_relaxed) + w->untold;
    w->untold = 0;
    if (states > search->ample)
        wait_for_growth(w);
    if (search->most != 0 && states > search->most)
        call_stop(search);
}

/* Looks up some of what is late, each state a bucket farther from home. */
static void settle_some_late(Worker *w, const Late *first, const Late *end)
{
    if (!reserve(w))
        return;
    State *fresh = w->next->states + w->next->count;
    for (const Late *late = first; late < end; late++)
        if (late->distance < REACH && !w->is_waiting)
            fresh = look_up(w, &w->search->tables, late->state, late->distance,
                            mark_of(w->depth + 1), fresh);
        else {
            w->late[w->late_count++] = *late;
            w->is_crowded |= late->distance == REACH;
            wait_for_growth(w);
        }
    keep(w, fresh);
}

/* Looks up what is late; what then is late still goes to the front of what was. */
static void settle_late(Worker *w)
{
    unsigned count = w->late_count;
    w->late_count = 0;
    for (unsigned at = 0; at < count; at += MOST_SUCCESSORS) {
        unsigned left = count - at, some = left < MOST_SUCCESSORS ? left : MOST_SUCCESSORS;
        settle_some_late(w, w->late + at, w->late + at + some);
    }
}

/* Looks up states, which were prefetched; keeps and judges what is new. */
static ALWAYS_INLINE void settle(Worker *w, const Mixed *first, const Mixed *last,
                                 const Tables *tables)
{
    uint8_t mark = mark_of(w->depth + 1);
    State *end = w->next->states + w->next->count;
    for (const Mixed *m = first; m < last; m++)
        end = look_up(w, tables, *m, 0, mark, end);
    keep(w, end);
}

/* Looks up all successors. */
static void settle_successors(Worker *w)
{
    Search *search = w->search;
    const Mixed *last = w->out;
    w->out = w->successors;
    if (!reserve(w) || !reserve_late(w))
        return;
    if (w->is_waiting)
        for (const Mixed *m = w->successors; m < last; m++)
            w->late[w->late_count++] = (Late){*m, 0};
    else if (search->workers == 1) /* what is known then makes faster code */
        settle(w, w->successors, last, &(const Tables){search->table, 1});
    else
        settle(w, w->successors, last, &search->tables);
    while (w->late_count > LATE && !w->is_waiting && !w->out_of_memory)
        settle_late(w);
    if (w->has_clock && ++w->drained % 16 == 0 && now() >= search->deadline)
        call_stop(search);
}
