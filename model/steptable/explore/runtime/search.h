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

#define EXPORT __attribute__((visibility("default")))

#define BLOCK 128

typedef struct {
    unsigned count, round;
    State states[BLOCK];
} Block;

/* One way from one worker to another. */
typedef struct {
    Block *blocks;
    unsigned size; /* in blocks */
    _Alignas(64) atomic_uint written; /* blocks, ever */
    _Alignas(64) atomic_uint read;
    _Alignas(64) atomic_uint closed[2]; /* by parity of the round: 4 times the round, and flags */
} Ring;

#define MOST_WORKERS 64

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
    uint64_t most; /* states, when to stop; 0 for no such limit */
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

static bool frontier_add(Worker *w, Frontier *f, State s)
{
    if (f->last == NULL || f->last->count == CHUNK) {
        Chunk *chunk = w->spare;
        if (chunk != NULL)
            w->spare = chunk->next;
        else if ((chunk = malloc(sizeof *chunk)) != NULL)
            w->chunks++;
        else
            return false;
        chunk->next = NULL;
        chunk->count = 0;
        if (f->last != NULL)
            f->last->next = chunk;
        else
            f->first = chunk;
        f->last = chunk;
    }
    f->last->states[f->last->count++] = s;
    f->count++;
    return true;
}

/* Takes the oldest state; there must be one. */
static inline State frontier_take(Worker *w, Frontier *f)
{
    State s = f->first->states[f->taken++];
    if (--f->count == 0 || f->taken == CHUNK) {
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

/* Looks up what is in a batch, whose places are prefetched; keeps and judges what is new. */
static void settle(Worker *w, Batch *batch, uint64_t depth)
{
    uint8_t mark = mark_of(depth);
    for (unsigned i = 0; i < batch->count; i++) {
        State s = batch->state[i];
        int outcome = table_add(&w->table, s, batch->hash[i], mark);
        if (outcome == ADDED) {
            w->table.states++;
            judge(w, s);
            if (!frontier_add(w, &w->next, s))
                give_up(w);
        } else if (outcome == NO_ROOM)
            give_up(w);
    }
    batch->count = 0;
    uint64_t frontiers = w->chunks * sizeof(Chunk);
    if (w->table.states + BATCH > w->table.ample) {
        uint64_t whole = w->table.budget;
        w->table.budget = whole > frontiers ? whole - frontiers : 0;
        (void)table_grow(&w->table); /* if not, it fills up to the last bucket */
        w->table.budget = whole;
    }
    atomic_store_explicit(&w->search->found[8 * w->number], w->table.states,
                          memory_order_relaxed);
}

/* Puts a state of this worker's own into the batch that is being filled. */
static inline void gather(Worker *w, State s, uint64_t hash)
{
    Batch *batch = &w->batches[w->turn];
    prefetch(home_of(&w->table, hash));
    batch->state[batch->count] = s;
    batch->hash[batch->count++] = hash;
    if (batch->count == BATCH) {
        /* The other one was filled before, so that its places have arrived meanwhile. */
        w->turn ^= 1;
        settle(w, &w->batches[w->turn], w->depth + 1);
    }
}

static void settle_all(Worker *w)
{
    for (int i = 0; i < 2; i++) {
        w->turn ^= 1;
        settle(w, &w->batches[w->turn], w->depth + 1);
    }
}
