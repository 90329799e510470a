/* The benchmark model mirror(N, P, K) with its state packed by hand, two words a host, in one
 * process: the least that SPIN can be asked to store. N, P and K (5 at most) are given with -D;
 * every step is one step of SPIN's, and SPIN counts one further state, its own start.
 */

/* Of a host, from the lowest bit: the agent's state (3), closure (2) and probes (2 each, P of
 * them), the same of the copy, then soak and policy (1 each). */
int bits[N];
/* Messages of 4 bits, the oldest lowest; from bit 20 on their number. */
int queue[N];

#define SIDE (5 + 2 * P)
#define SOAK (1 << (2 * SIDE))
#define ROLLBACK (2 << (2 * SIDE))

#define PENDING 0
#define ACTIVATING 1
#define SOAKING 2
#define CONVERGED 3
#define FAILED 4
#define REVERTED 5

#define PRIOR 1
#define TARGET 2

#define ACK 0
#define COMPLETED 1
#define ACT_FAILED 2
#define ENDED 3
#define FAILING 4
#define ROLLED_BACK 5
#define PROBE(i, v) (6 + 2 * (i) + (v) - 1)

#define ALL_PROBES ((1 << (2 * P)) - 1)
/* Of each probe the bit that only a failure has (unknown 0, pass 1, fail 2), in binary 10101010. */
#define FAILS (170 & ALL_PROBES)

#define agent(h) (bits[h] & ((1 << SIDE) - 1))
#define copy(h) ((bits[h] >> SIDE) & ((1 << SIDE) - 1))
#define state(side) ((side) & 7)
#define closure(side) (((side) >> 3) & 3)
#define some_fails(side) (((side) >> 5) & FAILS)
#define is_rollback(h) (bits[h] & ROLLBACK)

#define set_state(at, s) bits[h] = (bits[h] & ~(7 << (at))) | ((s) << (at))
#define set_closure(at, s, c) bits[h] = (bits[h] & ~(31 << (at))) | ((s) << (at)) | ((c) << ((at) + 3))
#define soaks(at) \
    bits[h] = (bits[h] & ~(((1 << SIDE) - 1) << (at))) | ((SOAKING | TARGET << 3) << (at))
#define set_probe(at, i, v) \
    bits[h] = (bits[h] & ~(3 << ((at) + 5 + 2 * (i)))) | ((v) << ((at) + 5 + 2 * (i)))

#define in(s) (state(agent(h)) == s)
#define room ((queue[h] >> 20) < K)
#define push(m) queue[h] = (queue[h] + (1 << 20)) | ((m) << (4 * (queue[h] >> 20)))
#define keeps \
    ((state(copy(h)) != CONVERGED || (in(CONVERGED) && closure(copy(h)) == TARGET)) && \
     (!in(CONVERGED) || closure(agent(h)) == TARGET))

#define report(i, v) :: d_step { in(SOAKING) && room -> set_probe(0, i, v); push(PROBE(i, v)) }

#if P > 1
#define REPORT1 report(1, 1) report(1, 2)
#else
#define REPORT1
#endif
#if P > 2
#define REPORT2 report(2, 1) report(2, 2)
#else
#define REPORT2
#endif
#if P > 3
#define REPORT3 report(3, 1) report(3, 2)
#else
#define REPORT3
#endif

#define told (queue[h] & 15)

#define steps \
    :: d_step { in(PENDING) && room -> set_state(0, ACTIVATING); push(ACK) } \
    :: d_step { in(ACTIVATING) && room -> soaks(0); push(COMPLETED) } \
    :: d_step { in(ACTIVATING) && room -> set_state(0, FAILED); push(ACT_FAILED) } \
    report(0, 1) report(0, 2) REPORT1 REPORT2 REPORT3 \
    :: d_step { in(SOAKING) && !(bits[h] & SOAK) -> bits[h] = bits[h] | SOAK } \
    :: d_step { in(SOAKING) && (bits[h] & SOAK) && !some_fails(agent(h)) && room -> \
        set_state(0, CONVERGED); push(ENDED); assert(keeps) } \
    :: d_step { in(SOAKING) && some_fails(agent(h)) && room -> set_state(0, FAILED); push(FAILING) } \
    :: d_step { in(FAILED) && is_rollback(h) && room -> \
        set_closure(0, REVERTED, PRIOR); push(ROLLED_BACK) } \
    :: d_step { queue[h] >> 20 -> \
        if \
        :: told == ACK && state(copy(h)) == PENDING -> set_state(SIDE, ACTIVATING) \
        :: told == COMPLETED && state(copy(h)) == ACTIVATING -> soaks(SIDE) \
        :: told == ACT_FAILED && state(copy(h)) == ACTIVATING -> set_state(SIDE, FAILED) \
        :: told >= 6 && state(copy(h)) == SOAKING -> \
            set_probe(SIDE, (told - 6) / 2, 1 + (told & 1)) \
        :: told == ENDED && state(copy(h)) == SOAKING && !some_fails(copy(h)) -> \
            set_state(SIDE, CONVERGED) \
        :: told == FAILING && state(copy(h)) == SOAKING && some_fails(copy(h)) -> \
            set_state(SIDE, FAILED) \
        :: told == ROLLED_BACK && state(copy(h)) == FAILED && is_rollback(h) -> \
            set_closure(SIDE, REVERTED, PRIOR) \
        :: else \
        fi; \
        queue[h] = ((queue[h] & 1048575) >> 4) | ((queue[h] >> 20) - 1) << 20; \
        assert(keeps) }

active proctype mirror() {
    atomic {
        if
        :: true
        :: bits[0] = ROLLBACK
        fi;
#if N > 1
        if
        :: true
        :: bits[1] = ROLLBACK
        fi;
#endif
    }
    do
#define h 0
    steps
#undef h
#if N > 1
#define h 1
    steps
#undef h
#endif
    od
}
