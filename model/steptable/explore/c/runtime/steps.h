/* Lists every step out of states that are given in ascending order, by their places in it. */

typedef struct {
    Worker worker; /* expands without noting anything */
    const State *states;
    uint64_t count;
    const uint16_t *action; /* of each case */
    uint64_t *key; /* of the steps out of one state: the target, then the action in 16 bits */
    uint64_t keys, room;
    bool failed;
} Lister;

/* The place of a state; it is among them. */
static uint64_t place_of(const Lister *l, State s)
{
    uint64_t low = 0, high = l->count;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (order(l->states[middle], s) <= 0)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static void keep_steps(Worker *w)
{
    Lister *l = (Lister *)w;
    uint64_t more = (uint64_t)(w->out - w->successors);
    if (l->keys + more > l->room) {
        uint64_t room = 2 * (l->keys + more);
        uint64_t *key = realloc(l->key, room * sizeof *key);
        if (key == NULL) {
            l->failed = true;
            w->out = w->successors;
            return;
        }
        l->key = key;
        l->room = room;
    }
    for (uint64_t i = 0; i < more; i++)
        l->key[l->keys++] = place_of(l, unmixed(w->successors[i])) << 16 | l->action[w->via[i]];
    w->out = w->successors;
}

static int compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Lists the steps out of the states from `first` on, each once and in order, as long as there is
 * room for them; the number of states that were done, or -1 where memory ends. `ends` takes for
 * each state how many steps there are up to its last one. */
EXPORT int64_t steps_list(const State *states, uint64_t count, uint64_t first, uint64_t most,
                          const uint16_t *action, int32_t *targets, uint16_t *actions,
                          uint64_t room, int64_t *ends)
{
    Lister *l = room_for(sizeof *l);
    if (l == NULL)
        return -1;
    l->worker.out = l->worker.successors;
    l->worker.drain = keep_steps;
    l->states = states;
    l->count = count;
    l->action = action;
    uint64_t written = 0, done = 0;
    for (; done < most && first + done < count && !l->failed; done++) {
        l->keys = 0;
        expand(&l->worker, states[first + done]);
        keep_steps(&l->worker);
        if (l->keys > room - written)
            break;
        if (l->keys > 0)
            qsort(l->key, l->keys, sizeof *l->key, compare_keys);
        for (uint64_t i = 0; i < l->keys; i++) {
            if (i > 0 && l->key[i] == l->key[i - 1])
                continue;
            targets[written] = (int32_t)(l->key[i] >> 16);
            actions[written++] = (uint16_t)l->key[i];
        }
        ends[done] = (int64_t)written;
    }
    bool failed = l->failed;
    free(l->key);
    free(l);
    return failed ? -1 : (int64_t)done;
}
