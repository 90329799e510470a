/* The benchmark model mirror(N, P, K), as one writes it for SPIN: a process for each agent, one for
 * each copy, a channel between them. N, P and K are given with -D; every step is one step of SPIN's.
 *
 * SPIN counts one further state: its own start, before the policies are chosen.
 */

mtype:state = { Pending, Activating, Soaking, Converged, Failed, Reverted };
mtype:closure = { none, prior, target };
mtype:probe = { unknown, pass, fail };
mtype:policy = { halt, rollback };
mtype:told = { Ack, Completed, ActFailed, Probe, Ended, Failing, RolledBack };

typedef Side {
    mtype:state st = Pending;
    mtype:closure cur = none;
    mtype:probe p[P] = unknown
};

Side agent[N];
Side copy[N];
mtype:policy policy[N];
bit soak[N];
chan queue[N] = [K] of { mtype:told, byte, mtype:probe };

/* What a message says, only within the step that takes it: always the same between steps. */
mtype:told told;
byte i;
mtype:probe v;

#if P == 1
#define each(s, v) s.p[0] = v
#define some_fails(s) (s.p[0] == fail)
#elif P == 2
#define each(s, v) s.p[0] = v; s.p[1] = v
#define some_fails(s) (s.p[0] == fail || s.p[1] == fail)
#elif P == 3
#define each(s, v) s.p[0] = v; s.p[1] = v; s.p[2] = v
#define some_fails(s) (s.p[0] == fail || s.p[1] == fail || s.p[2] == fail)
#elif P == 4
#define each(s, v) s.p[0] = v; s.p[1] = v; s.p[2] = v; s.p[3] = v
#define some_fails(s) (s.p[0] == fail || s.p[1] == fail || s.p[2] == fail || s.p[3] == fail)
#endif

#define room(h) nfull(queue[h])
#define keeps(h) \
    ((copy[h].st != Converged || (agent[h].st == Converged && copy[h].cur == target)) && \
     (agent[h].st != Converged || agent[h].cur == target))

#define report(i, v) \
    :: d_step { a.st == Soaking && room(h) -> a.p[i] = v; queue[h]!Probe, i, v }

#define a agent[h]
#define c copy[h]

proctype Agent(byte h) {
    do
    :: d_step { a.st == Pending && room(h) -> a.st = Activating; queue[h]!Ack, 0, unknown }
    :: d_step { a.st == Activating && room(h) ->
        a.st = Soaking; a.cur = target; each(a, unknown); queue[h]!Completed, 0, unknown }
    :: d_step { a.st == Activating && room(h) -> a.st = Failed; queue[h]!ActFailed, 0, unknown }
    report(0, pass)
    report(0, fail)
#if P > 1
    report(1, pass)
    report(1, fail)
#endif
#if P > 2
    report(2, pass)
    report(2, fail)
#endif
#if P > 3
    report(3, pass)
    report(3, fail)
#endif
    :: d_step { a.st == Soaking && !soak[h] -> soak[h] = 1 }
    :: d_step { a.st == Soaking && soak[h] && !some_fails(a) && room(h) ->
        a.st = Converged; queue[h]!Ended, 0, unknown; assert(keeps(h)) }
    :: d_step { a.st == Soaking && some_fails(a) && room(h) ->
        a.st = Failed; queue[h]!Failing, 0, unknown }
    :: d_step { a.st == Failed && policy[h] == rollback && room(h) ->
        a.st = Reverted; a.cur = prior; queue[h]!RolledBack, 0, unknown }
    od
}

proctype Copy(byte h) {
    do
    :: d_step { nempty(queue[h]) -> queue[h]?told, i, v;
        if
        :: told == Ack && c.st == Pending -> c.st = Activating
        :: told == Completed && c.st == Activating ->
            c.st = Soaking; c.cur = target; each(c, unknown)
        :: told == ActFailed && c.st == Activating -> c.st = Failed
        :: told == Probe && c.st == Soaking -> c.p[i] = v
        :: told == Ended && c.st == Soaking && !some_fails(c) -> c.st = Converged
        :: told == Failing && c.st == Soaking && some_fails(c) -> c.st = Failed
        :: told == RolledBack && c.st == Failed && policy[h] == rollback ->
            c.st = Reverted; c.cur = prior
        :: else
        fi;
        told = 0; i = 0; v = 0;
        assert(keeps(h)) }
    od
}

init {
    byte h = 0;
    atomic {
        do
        :: h < N ->
            if
            :: policy[h] = halt
            :: policy[h] = rollback
            fi;
            run Agent(h);
            run Copy(h);
            h++
        :: else -> break
        od
    }
}
