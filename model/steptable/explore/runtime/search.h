/* A breadth-first search by several workers, each of which owns the states of a share of hashes.
 *
 * A worker expands its own states of a level and sends each successor to its owner: into its own
 * batch, or through a ring of blocks that one worker alone writes and one alone reads. Successors
 * are gathered, and their places in the table prefetched, before they are looked up. A level ends
 * for a worker when it has what every other one sent it in this round; no lock is ever taken.
 *
 * Where states should go that no longer fit into memory: a level is only ever read and written in
 * order, so `Frontier` can spill its chunks into a file; and a table that can't grow can be written
 * out in the order of its homes, and merged with the next level in that same order (delayed
 * detection of duplicates). Until then a search that runs out of memory says so, and ends. */

/* One way from one worker to another. */
typedef struct {
    Block *blocks;
    unsigned size; /* in blocks */
    _Alignas(64) atomic_uint written; /* blocks, ever */
    _Alignas(64) atomic_uint read;
    _Alignas(64) atomic_uint closed[2]; /* by parity of the round: 4 times the round, and flags */
} Ring;

enum { PAUSED = 1, BUSY = 2 };
enum { SHUT, OPEN, CLOSED };

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

typedef struct Search {
    unsigned workers;
    Worker *worker;
    Ring *rings; /* from worker i to worker j: number i * workers + j */
    atomic_bool stop;
    atomic_int gate; /* where workers wait for each other to be there */
    Backward *back;
    uint64_t deadline; /* nanoseconds */
    uint64_t most; /* states; when there are more, stop; 0 for no such limit */
    _Atomic uint64_t *found; /* by each worker; a cache line each */
} Search;

enum { DONE, SLICE_OVER, ENOUGH, OUT_OF_MEMORY, NO_THREADS };

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* ── Frontiers ─────────────────────────────────────────────────────────────────────────────── */

/* Makes room for a batch behind the last state. */
static bool frontier_reserve(Worker *w, Frontier *f)
{
    if (f->last != NULL && f->end < f->last->states + CHUNK)
        return true;
    Chunk *chunk = w->spare;
    if (chunk != NULL)
        w->spare = chunk->next;
    else if ((chunk = malloc(sizeof *chunk)) != NULL)
        w->chunks++;
    else
        return false;
    chunk->next = NULL;
    if (f->last != NULL) {
        f->last->count = (unsigned)(f->end - f->last->states);
        f->last->next = chunk;
    } else
        f->first = chunk;
    f->last = chunk;
    f->end = chunk->states;
    return true;
}

/* Takes the oldest state; there must be one. */
static inline State frontier_take(Worker *w, Frontier *f)
{
    State s = f->first->states[f->taken++];
    if (--f->count == 0 || (f->first != f->last && f->taken == f->first->count)) {
        Chunk *chunk = f->first;
        f->first = chunk->next;
        if (f->first == NULL)
            f->last = NULL;
        f->taken = 0;
        chunk->next = w->spare;
        w->spare = chunk;
    }
    return s;
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

static void give_up(Worker *w)
{
    w->out_of_memory = true;
    atomic_store_explicit(&w->search->stop, true, memory_order_relaxed);
}

/* Makes the table larger; whether that was possible. */
static bool grow(Worker *w)
{
    Table *table = &w->table;
    uint64_t frontiers = w->chunks * sizeof(Chunk), budget = table->budget;
    table->budget = budget > frontiers ? budget - frontiers : 0;
    int outcome = table_grow(table);
    table->budget = budget;
    if (outcome == TOO_LARGE) {
        table->ample = UINT64_MAX; /* so it fills up to the last bucket */
        return false;
    }
    if (outcome == LOST)
        give_up(w);
    for (int i = 0; i < 2; i++)
        for (unsigned at = 0; at < w->batches[i].count; at++)
            w->batches[i].bucket[at] = home_of(table, hash_of(w->batches[i].state[at]));
    return true;
}

/* Looks up what is in a batch; keeps and judges what is new. What waits behind a full bucket stays
 * in the batch, for the next time.
 *
 * Whether a state is new can't be foretold, so what is done with a new one is done with every one,
 * but to no effect. */
static void settle(Worker *w, Batch *batch)
{
    uint8_t mark = mark_of(w->depth + 1), nowhere[SLOTS + 1];
    State nothing;
    bool crowded = false; /* some state has no place within its reach */
    unsigned waiting = 0, count = batch->count;
    if (!frontier_reserve(w, &w->next)) {
        give_up(w);
        batch->count = 0;
        return;
    }
    State *first = w->next.end, *end = first;
    for (unsigned i = 0; i < count; i++) {
        State s = batch->state[i];
        Bucket *bucket = batch->bucket[i];
        unsigned used = USED(bucket);
        bool is_new = !bucket_has(bucket, s);
        if (is_new && used == SLOTS) {
            crowded |= bucket + 1 == home_of(&w->table, hash_of(s)) + REACH;
            prefetch(bucket + 1);
            batch->state[waiting] = s;
            batch->bucket[waiting++] = bucket + 1;
            continue;
        }
        *(is_new ? &bucket->key[used] : &nothing) = s;
        uint8_t *marks = is_new ? bucket->mark : nowhere;
        marks[used] = mark;
        marks[SLOTS] = (uint8_t)(used + 1);
        *end = s;
        end += is_new;
    }
    batch->count = waiting;
    w->next.end = end;
    w->next.count += (uint64_t)(end - first);
    w->table.states += (uint64_t)(end - first);
    for (const State *s = first; s < end; s++)
        judge(w, *s);
    if ((crowded || w->table.states + 2 * BATCH > w->table.ample) && !grow(w) && crowded) {
        give_up(w);
        batch->count = 0;
    }
    atomic_store_explicit(&w->search->found[8 * w->number], w->table.states,
                          memory_order_relaxed);
}

/* Looks up the batch that was filled before, whose buckets have arrived meanwhile; it is filled
 * next, and so on until there is one with room. */
static void turn(Worker *w)
{
    do {
        w->filling = &w->batches[w->filling == &w->batches[0]];
        settle(w, w->filling);
    } while (w->filling->count == BATCH);
}

/* Puts states of this worker's own into the batch that is being filled. */
static inline void gather_all(Worker *w, const State *first, const State *end)
{
    for (;;) {
        Batch *batch = w->filling;
        Table table = w->table;
        unsigned count = batch->count;
        for (; first < end && count < BATCH; first++, count++) {
            Bucket *bucket = home_of(&table, hash_of(*first));
            prefetch(bucket);
            batch->state[count] = *first;
            batch->bucket[count] = bucket;
        }
        batch->count = count;
        if (count < BATCH)
            return;
        turn(w);
    }
}

/* Looks up everything that waits. */
static void settle_all(Worker *w)
{
    while (w->batches[0].count + w->batches[1].count > 0) {
        settle(w, &w->batches[0]);
        settle(w, &w->batches[1]);
    }
}
