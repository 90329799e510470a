/* What generated code sees of a worker: where successors go, and what is noted of them. */

#define ROOM 64 /* for successors, before they are drained away */
#define CHUNK 1024 /* states of a frontier that are stored together */
#define LATE 32 /* states that may wait until they are looked up farther from home */

#define MOST_SUCCESSORS (ROOM + CASES + 1)

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
    State states[CHUNK + MOST_SUCCESSORS];
} Chunk;

/* A state whose buckets are full up to some distance from home. */
typedef struct {
    Mixed state;
    uint8_t distance;
} Late;

typedef struct Worker {
    _Alignas(2 * LINE) Mixed *out; /* where the next successor goes */
    void (*drain)(struct Worker *); /* takes what is in `successors` away */
    const Tables *tables; /* that successors are prefetched from */
    bool unmet[MET], undecided[DECIDED], unbroken[BROKEN];
    uint64_t depth; /* of the states that are expanded */
    uint64_t hits[CASES];
    Mixed successors[MOST_SUCCESSORS];
#ifdef LISTING
    uint32_t via[MOST_SUCCESSORS]; /* the case that each of them comes of */
#endif
    Note decided[DECIDED], broken[BROKEN];

    struct Search *search;
    Chunk *chunk;   /* that is being expanded */
    unsigned taken; /* states of it that are expanded already */
    uint64_t expanded; /* states of this level */
    Chunk *next;    /* what was found for the next level; the first of them is being filled */
    uint64_t found; /* states of the next level */
    uint64_t untold; /* states that were found and are not in the sum of all yet */
    Chunk *spare;
    Late *late;
    unsigned late_count, late_room;
    bool is_crowded; /* some state has no place within its reach */
    bool is_waiting; /* for tables to grow */
    bool out_of_memory;
    bool has_clock;
    int growth; /* what came of the last try */
    unsigned drained; /* times */
} Worker;

/* Zeroed memory that shares no cache line with any other; workers need that. */
static void *room_for(size_t bytes)
{
    bytes = (bytes + 2 * LINE - 1) / (2 * LINE) * (2 * LINE);
    void *place = aligned_alloc(2 * LINE, bytes);
    return place == NULL ? NULL : memset(place, 0, bytes);
}

/* Makes room for one successor more, where a state can have any number of them. */
static inline void make_room(Worker *w)
{
    if (w->out >= w->successors + ROOM)
        w->drain(w);
}

/* Puts a successor where the next one goes, or the state that stands for it; where the one after that
 * goes. Steps that lead nowhere else are passed over, unless it is the steps themselves that are
 * looked for. */
static inline Mixed *give(Worker *w, Mixed *out, State n, State s, unsigned at)
{
    n = canonical(n);
    Mixed m = mixed(n);
    *out = m;
#ifdef LISTING
    (void)s;
    w->via[out - w->successors] = at;
    return out + 1;
#else
    (void)at;
    prefetch(home_in(w->tables, m));
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
    Mixed *out = w->out;
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

/* What is left over of a division: never negative, and 0 where there is nothing to divide by. */
static inline int64_t left_over(int64_t number, int64_t divisor)
{
    if (divisor < 1)
        return 0;
    const int64_t rest = number % divisor;
    return rest < 0 ? rest + divisor : rest;
}
