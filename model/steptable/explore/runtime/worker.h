/* What generated code sees of a worker: where successors go, and what is noted of them. */

#define BATCH 24 /* successors that are looked up together */
#define CHUNK 4096 /* states of a frontier that are stored together */

/* The first of a kind: of the least depth, then the least state, then the least case. */
typedef struct {
    bool known;
    int32_t number; /* of the case; -1 where nothing can happen */
    uint64_t depth;
    State state;
    int64_t choices[CHOICES];
} Note;

typedef struct Chunk {
    struct Chunk *next;
    unsigned count;
    State states[CHUNK + BATCH];
} Chunk;

typedef struct {
    Chunk *first, *last;
    State *end; /* of the last chunk, where the next state goes */
    unsigned taken; /* states of the first chunk that are used up */
    uint64_t count;
} Frontier;

/* States that wait to be looked up, each with the bucket that comes next. */
typedef struct {
    State state[BATCH];
    Bucket *bucket[BATCH];
    unsigned count;
} Batch;

#define BLOCK 128 /* states that are handed over together */
#define MOST_WORKERS 64

typedef struct {
    unsigned count, round;
    State states[BLOCK];
} Block;

typedef struct Worker {
    State *out; /* where the next successor goes */
    uint64_t hits[CASES];
    bool unmet[MET], undecided[DECIDED], unbroken[BROKEN];
    Note decided[DECIDED], broken[BROKEN];
    uint64_t depth; /* of the states that are expanded */
    State successors[BATCH + CASES + 1];
#ifdef LISTING
    uint32_t via[BATCH + CASES + 1]; /* the case that each of them comes of */
#endif
    void (*drain)(struct Worker *); /* takes what is in `successors` away */

    Table table;
    Frontier now, next;
    Chunk *spare;
    uint64_t chunks;
    Batch batches[2];
    Batch *filling;
    Block *open[MOST_WORKERS]; /* what is being filled for each worker */
    uint64_t *levels; /* states first found at each depth */
    size_t levels_known, levels_room;
    bool out_of_memory;
    bool busy; /* had something to expand when the level began */

    struct Search *search;
    unsigned number;
    unsigned round;
} Worker;

/* Makes room for one successor more, where a state can have any number of them. */
static inline void make_room(Worker *w)
{
    if (w->out >= w->successors + BATCH)
        w->drain(w);
}

/* Puts a successor where the next one goes; where the one after that goes. Steps that lead nowhere
 * else are passed over, unless it is the steps themselves that are looked for. */
static inline State *give(Worker *w, State *out, State n, State s, unsigned at)
{
    *out = n;
#ifdef LISTING
    (void)s;
    w->via[out - w->successors] = at;
    return out + 1;
#else
    (void)w;
    (void)at;
    return out + !is_same(n, s);
#endif
}

static void note(Note *kept, State s, uint64_t depth, int32_t number, const int64_t *choices)
{
    if (kept->known) {
        int by_state = order(s, kept->state);
        if (depth > kept->depth || by_state > 0 || (by_state == 0 && number >= kept->number))
            return;
    }
    kept->known = true;
    kept->depth = depth;
    kept->state = s;
    kept->number = number;
    memcpy(kept->choices, choices, sizeof kept->choices);
}

static const int64_t no_choices[CHOICES];

static inline void note_broken(Worker *w, unsigned which, State s, int32_t number,
                               const int64_t *choices)
{
    note(&w->broken[which], s, w->depth, number, choices);
}

/* `s` is a state that has just been found, a step behind those that are expanded. */
static inline void note_decided(Worker *w, unsigned which, State s)
{
    note(&w->decided[which], s, w->depth + 1, 0, no_choices);
}

/* ── Plain cases ───────────────────────────────────────────────────────────────────────────── */

/* What a case does at one value of the variable that it depends on. */
typedef struct {
    uint64_t keep[WORDS], put[WORDS];
} PlainRow;

typedef struct {
    uint64_t mask[WORDS]; /* of what is moved */
    uint8_t rotate[WORDS];
    uint8_t word, shift, by; /* where the variable is, and the mask of its values */
    uint32_t row;
} Plain;

static inline uint64_t rotated(uint64_t word, unsigned right)
{
    return word >> right % 64 | word << (64 - right) % 64;
}

/* Takes each of some cases, told by bits, that can be taken in a state. */
static inline void take_plain(Worker *w, State s, uint64_t cases, unsigned first,
                              const Plain *plain, const PlainRow *rows)
{
    State *out = w->out;
    for (; cases != 0; cases &= cases - 1) {
        unsigned at = first + (unsigned)__builtin_ctzll(cases);
        const Plain *p = &plain[at];
        const PlainRow *row = &rows[p->row + (s.w[p->word] >> p->shift & p->by)];
        State n;
        for (int i = 0; i < WORDS; i++)
            n.w[i] = (s.w[i] & row->keep[i]) | row->put[i] |
                     (rotated(s.w[i], p->rotate[i]) & p->mask[i]);
        w->hits[at]++;
        out = give(w, out, n, s, at);
    }
    w->out = out;
}

/* The place of a value among those that a variable can have; it is one of them. */
static inline uint64_t position(const int64_t *values, uint64_t count, int64_t value)
{
    uint64_t at = 0;
    while (at + 1 < count && values[at] != value)
        at++;
    return at;
}
