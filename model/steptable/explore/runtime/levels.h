/* How workers go through a level together, and who gets which successor. */

static inline unsigned owner_of(const Search *search, uint64_t hash)
{
    return (unsigned)((hash >> 32) * search->workers >> 32);
}

static Ring *ring(const Search *search, unsigned from, unsigned to)
{
    return &search->rings[from * search->workers + to];
}

/* ── Between workers ───────────────────────────────────────────────────────────────────────── */

/* Takes in what others have sent in this round; whether there was anything. */
static bool receive(Worker *w)
{
    bool any = false;
    for (unsigned from = 0; from < w->search->workers; from++) {
        if (from == w->number)
            continue;
        Ring *r = ring(w->search, from, w->number);
        unsigned at = atomic_load_explicit(&r->read, memory_order_relaxed);
        while (at != atomic_load_explicit(&r->written, memory_order_acquire)) {
            const Block *block = &r->blocks[at % r->size];
            if (block->round != w->round)
                break; /* of somebody who is a level ahead */
            gather_all(w, block->states, block->states + block->count);
            atomic_store_explicit(&r->read, ++at, memory_order_release);
            any = true;
        }
    }
    return any;
}

/* Lets others work, where there is nothing to do but to wait for them. */
static void relax(unsigned *waited)
{
    if (++*waited > 256)
        sched_yield();
}

/* Hands over the block that is being filled for a worker, and begins the next. */
static void hand_over(Worker *w, unsigned to)
{
    Block *block = w->open[to];
    if (to == w->number) {
        gather_all(w, block->states, block->states + block->count);
        block->count = 0;
        return;
    }
    Ring *r = ring(w->search, w->number, to);
    unsigned at = atomic_load_explicit(&r->written, memory_order_relaxed) + 1, waited = 0;
    block->round = w->round;
    atomic_store_explicit(&r->written, at, memory_order_release);
    while (at - atomic_load_explicit(&r->read, memory_order_acquire) >= r->size)
        if (!receive(w)) /* they may wait for room as well */
            relax(&waited);
    w->open[to] = &r->blocks[at % r->size];
    w->open[to]->count = 0;
}

/* Sends every successor on its way. Whose it is can't be foretold, so that what is one's own takes
 * the same way as what is another's. */
static void distribute(Worker *w)
{
    const State *end = w->out;
    if (w->search->workers == 1)
        gather_all(w, w->successors, end);
    else
        for (const State *s = w->successors; s < end; s++) {
            unsigned to = owner_of(w->search, hash_of(*s));
            Block *block = w->open[to];
            block->states[block->count++] = *s;
            if (block->count == BLOCK)
                hand_over(w, to);
        }
    w->out = w->successors;
}

/* Says that nothing more comes from here in this round, waits for the same of all others, and
 * gives the flags of everybody. */
static unsigned close_round(Worker *w, unsigned flags)
{
    const Search *search = w->search;
    unsigned said = w->round * 4 + flags, waited = 0;
    for (unsigned to = 0; to < search->workers; to++) {
        if (w->open[to]->count > 0)
            hand_over(w, to);
        if (to != w->number)
            atomic_store_explicit(&ring(search, w->number, to)->closed[w->round % 2], said,
                                  memory_order_release);
    }
    for (unsigned from = 0; from < search->workers; from++) {
        if (from == w->number)
            continue;
        Ring *r = ring(search, from, w->number);
        unsigned heard;
        while ((heard = atomic_load_explicit(&r->closed[w->round % 2], memory_order_acquire)) / 4 !=
               w->round)
            if (!receive(w))
                relax(&waited);
        flags |= heard % 4;
    }
    while (receive(w))
        ;
    settle_all(w);
    w->round++;
    return flags;
}

/* ── Levels ────────────────────────────────────────────────────────────────────────────────── */

static void next_level(Worker *w)
{
    if (w->levels_known == w->levels_room) {
        size_t room = w->levels_room * 2 + 64;
        uint64_t *levels = realloc(w->levels, room * sizeof *levels);
        if (levels == NULL) {
            give_up(w);
            return;
        }
        w->levels = levels;
        w->levels_room = room;
    }
    w->levels[w->levels_known++] = w->next.count;
    if (w->now.first != NULL) { /* room was made for states that did not come */
        w->now.first->next = w->spare;
        w->spare = w->now.first;
    }
    w->now = w->next;
    memset(&w->next, 0, sizeof w->next);
    w->busy = w->now.count > 0;
    /* What is known now is of the least depth there is, and the least at that depth. */
    for (unsigned i = 0; i < DECIDED; i++)
        w->undecided[i] &= !w->decided[i].known;
    for (unsigned i = 0; i < BROKEN; i++)
        w->unbroken[i] &= !w->broken[i].known;
}

/* Whether the search should pause; one worker looks at the clock for all. */
static bool should_pause(Worker *w)
{
    Search *search = w->search;
    if (w->number == 0) {
        uint64_t found = 0;
        for (unsigned i = 0; i < search->workers; i++)
            found += atomic_load_explicit(&search->found[8 * i], memory_order_relaxed);
        if (now() >= search->deadline || (search->most != 0 && found > search->most))
            atomic_store_explicit(&search->stop, true, memory_order_relaxed);
    }
    return atomic_load_explicit(&search->stop, memory_order_relaxed);
}

/* Expands levels until the search pauses or there are no more. */
static void work(Worker *w)
{
    for (;;) {
        bool paused = false;
        unsigned expanded = 0;
        while (w->now.count > 0 && !paused) {
            expand(w, frontier_take(w, &w->now));
            distribute(w);
            if (++expanded % 128 == 0) {
                if (w->search->workers > 1)
                    receive(w);
                paused = should_pause(w);
            }
        }
        /* The clock is asked between small levels, too. */
        paused |= should_pause(w);
        unsigned flags = close_round(w, (paused ? PAUSED : 0) | (w->busy ? BUSY : 0));
        if (flags & PAUSED)
            return;
        w->depth++;
        next_level(w);
        if (!(flags & BUSY))
            return;
    }
}
