/*
 * The sync protocol: REPLICAS stores that work alone, and a hub that decides. See README.md.
 *
 * A step of a process is one transaction or one message. A transaction that did not commit leaves nothing, so a crash
 * inside of one is the step not taken; what a process only has in memory is gone after a crash. Messages are lost, come
 * late, come twice and overtake each other; all of it at any time and any number of times.
 */
#ifndef REPLICAS
#define REPLICAS 2
#endif
#ifndef ROWS
#define ROWS 2
#endif
#ifndef FIELDS
#define FIELDS 1
#endif
#ifndef EDITS /* of each replica */
#define EDITS 2
#endif
#ifndef INFLIGHT /* pushes of a replica that the network holds at once */
#define INFLIGHT 1
#endif

#define CELLS (ROWS * FIELDS)
#define OPERATIONS (REPLICAS * EDITS)
#define BIT(i) (1 << (i))

/* Operations have ids from 1; 0 is the value that all stores begin with. A field's value is the id of its writer. */
#define ID(r, n) ((r) * EDITS + (n))
#define OWNER(o) (((o) - 1) / EDITS)
#define NUMBER(o) (((o) - 1) % EDITS + 1)

/* What an operation says: written once, when the edit is made. A push carries it unchanged. */
typedef Operation {
    byte writes; /* cells, one bit each */
    byte before[CELLS]; /* what it replaced: the values that its author had in the row */
    byte hlc;
    int saw      /* not of the protocol: the values that its author had been shown, see SHOWN */
}
Operation operation[OPERATIONS + 1];

/* The hub: rows, and the log with what took effect and what was lost. */
byte value[CELLS];
byte log[OPERATIONS + 1];
byte head;
byte sequence[OPERATIONS + 1];
byte effect[OPERATIONS + 1];
byte lost[OPERATIONS + 1];
byte replaced[OPERATIONS + 1]; /* not of the protocol: overwritten by one who had been shown it */

typedef Replica {
    byte row[CELLS];   /* what its user sees */
    byte image[CELLS]; /* the base image: the hub's rows at the cursor */
    byte cursor;
    byte made;         /* own operations */
    byte acknowledged; /* of these; the rest is pending */
    byte clock;
#ifdef BATCHES
    byte answered;     /* memory only: the last operation whose push was answered */
#endif
    byte applied;      /* not of the protocol: operations whose changes are in the image, one bit each */
    int shown          /* not of the protocol */
}
Replica replica[REPLICAS];

#define SHOWN(o, c) BIT(((o) - 1) * CELLS + (c))

/* The network: pushes (first and last operation), and for each replica an answer to a pull (from, to). */
typedef Wire {
    byte first[INFLIGHT];
    byte last[INFLIGHT];
    byte from;
    byte to
}
Wire wire[REPLICAS];

byte strategy; /* 0: the higher (hlc, replica) wins, 1: the pusher, 2: the hub */
bool over;

/* The merge, the same at the hub and where pending edits are laid over. It goes by values: o knows w in a field when that is
   what it replaced, or when it is the author's own. */
#define KNOWS(o, w, c) (operation[o].before[c] == (w) || ((w) != 0 && OWNER(w) == OWNER(o)))
#define HIGHER(o, w) (operation[o].hlc > operation[w].hlc || \
                      (operation[o].hlc == operation[w].hlc && OWNER(o) > OWNER(w)))
#define WINS(o, w) (strategy == 1 || (strategy == 0 && HIGHER(o, w)))
/* HUB_DIFFERS, no mutant: the hub holds the clock of replica 1 to be fast, and decides against it where that replica does
   not. */
#ifdef HUB_DIFFERS
#define WINS_AT_HUB(o, w) (WINS(o, w) && OWNER(o) != 1)
#else
#define WINS_AT_HUB(o, w) WINS(o, w)
#endif

/* The answer continues where the replica is. */
#ifdef MUTANT_STALE_PULL
#define CURRENT(r) (wire[r].to != 0)
#else
#define CURRENT(r) (wire[r].to != 0 && wire[r].from == replica[r].cursor)
#endif

/* With BATCHES the next push goes on where the answer to the last one ended; else a pull comes in between. */
#ifdef BATCHES
#define SENT(r) replica[r].answered
#else
#define SENT(r) replica[r].acknowledged
#endif

hidden byte i, c, n, o, w, r1, s1, ended; /* scratch of a step; always set before use */

inline remember(r) {
    for (c : 0 .. CELLS - 1) {
        if
        :: replica[r].row[c] != 0 && OWNER(replica[r].row[c]) != r && value[c] == replica[r].row[c] ->
            replica[r].shown = replica[r].shown | SHOWN(replica[r].row[c], c)
        :: else
        fi
    }
}

/* A value that is no longer current is never written over again: who was shown it makes no difference any more. */
inline forget(v) {
    for (s1 : 0 .. REPLICAS - 1) { replica[s1].shown = replica[s1].shown & ~SHOWN(v, c) }
    for (s1 : 1 .. OPERATIONS) { operation[s1].saw = operation[s1].saw & ~SHOWN(v, c) }
}

inline edit(r, mask) {
    replica[r].made++;
    o = ID(r, replica[r].made);
    operation[o].writes = mask;
    if
    :: strategy == 0 -> replica[r].clock++; operation[o].hlc = replica[r].clock
    :: else
    fi;
    operation[o].saw = replica[r].shown;
    for (c : 0 .. CELLS - 1) {
        if
        :: mask & BIT(c) -> operation[o].before[c] = replica[r].row[c]; replica[r].row[c] = o
        :: else
        fi
    }
    remember(r)
}

/* The push at the hub: one transaction. */
inline take(r, oldest, newest) {
    for (n : oldest .. newest) {
        o = ID(r, n);
        if
#ifndef MUTANT_NO_DEDUP
        :: sequence[o] != 0 /* already there */
#endif
        :: else ->
            assert(sequence[o] == 0); /* nothing twice */
            assert(n == 1 || sequence[o - 1] != 0); /* in the replica's order, none left out */
            head++;
            log[head] = o;
            for (c : 0 .. CELLS - 1) {
                w = value[c];
                if
                :: !(operation[o].writes & BIT(c))
                :: else ->
                    if
#ifdef MUTANT_BEFORE_IGNORED
                    :: true ->
#else
                    :: KNOWS(o, w, c) ->
#endif
                        effect[o] = effect[o] | BIT(c)
#ifndef MUTANT_BEFORE_IGNORED
                    :: else ->
                        if
                        :: WINS_AT_HUB(o, w) -> effect[o] = effect[o] | BIT(c); lost[w] = lost[w] | BIT(c)
                        :: else -> lost[o] = lost[o] | BIT(c)
                        fi
#endif
                    fi;
                    if
                    :: effect[o] & BIT(c) ->
                        if
                        :: w != 0 && (OWNER(w) == r || (operation[o].saw & SHOWN(w, c))) ->
                            replaced[w] = replaced[w] | BIT(c)
                        :: else
                        fi;
                        value[c] = o;
                        if
                        :: w != 0 -> forget(w)
                        :: else
                        fi
                    :: else
                    fi
                fi
            }
            sequence[o] = head;
            operation[o].saw = 0
        fi
    }
}

/* The parts of a pull, after sequence `since` and up to `until`: one transaction. */
inline apply_rows(r, since, until) {
    for (i : since + 1 .. until) {
        o = log[i];
        assert(!(replica[r].applied & BIT(o - 1))); /* nothing twice */
        replica[r].applied = replica[r].applied | BIT(o - 1);
        for (c : 0 .. CELLS - 1) {
            if
            :: effect[o] & BIT(c) -> replica[r].image[c] = o
            :: else
            fi
        }
        if
        :: operation[o].hlc > replica[r].clock -> replica[r].clock = operation[o].hlc
        :: else
        fi;
        if
#ifdef MUTANT_ACKNOWLEDGED_EARLY
        :: OWNER(o) == r && replica[r].acknowledged >= NUMBER(o)
#endif
        :: OWNER(o) == r ->
            assert(NUMBER(o) == replica[r].acknowledged + 1);
            replica[r].acknowledged = NUMBER(o);
            for (c : 0 .. CELLS - 1) { operation[o].before[c] = 0 }
        :: else
        fi
    }
    lay_over(r)
}

inline lay_over(r) {
    for (c : 0 .. CELLS - 1) {
        replica[r].row[c] = replica[r].image[c]
    }
    for (n : replica[r].acknowledged + 1 .. replica[r].made) {
        o = ID(r, n);
        for (c : 0 .. CELLS - 1) {
            w = replica[r].row[c];
            if
            :: (operation[o].writes & BIT(c)) && (KNOWS(o, w, c) || WINS(o, w)) ->
#ifdef MUTANT_BEFORE_REWRITTEN
                operation[o].before[c] = w;
#endif
                replica[r].row[c] = o
            :: else
            fi
        }
    }
    remember(r)
}

/* The cursor never passes what was applied. */
inline check_cursor(r) {
    for (i : 1 .. replica[r].cursor) {
        assert(replica[r].applied & BIT(log[i] - 1))
    }
}

inline pull(r, until) {
    apply_rows(r, replica[r].cursor, until);
    replica[r].cursor = until;
#ifdef BATCHES
    if
    :: replica[r].answered < replica[r].acknowledged -> replica[r].answered = replica[r].acknowledged
    :: else
    fi;
#endif
#ifndef MUTANT_STALE_PULL
    /* An answer that does not continue here will never be taken: one state for all of them. */
    if
    :: wire[r].from != replica[r].cursor || wire[r].to == wire[r].from -> wire[r].from = 0; wire[r].to = 0
    :: else
    fi;
#endif
    check_cursor(r)
}

proctype User(byte r) {
    byte mask;
end:
    do
    :: atomic {
            !over && replica[r].made < EDITS ->
            select (mask : 1 .. BIT(CELLS) - 1);
            if /* fields are alike: 0 is one that the first edit of replica 0 writes */
            :: r == 0 && replica[r].made == 0 -> mask = mask | 1
            :: else
            fi;
            d_step { edit(r, mask); mask = 0 }
        }
    od
}

proctype Sync(byte r) {
    byte to, slot;
end:
    do
    /* send a push: all that is pending and not answered, or the first of it */
    :: atomic {
            !over && SENT(r) < replica[r].made ->
            select (slot : 0 .. INFLIGHT - 1);
            wire[r].first[slot] = SENT(r) + 1;
            if
            :: wire[r].last[slot] = replica[r].made
            :: wire[r].last[slot] = SENT(r) + 1
            fi;
            slot = 0
        }
#ifdef ANSWERS
    /* the hub answers a pull: the log as it is at this moment */
    :: d_step { !over && replica[r].cursor < head -> wire[r].from = replica[r].cursor; wire[r].to = head }
    /* an answer is taken, all of it or its first entry; it may come again */
    :: atomic {
            !over && CURRENT(r) ->
            if
            :: to = wire[r].to
            :: to = wire[r].from + 1
            fi;
#else
    /* the log never changes: an answer that comes late is one that ends earlier */
    :: atomic {
            !over && replica[r].cursor < head ->
            if
            :: to = head
            :: to = replica[r].cursor + 1
            fi;
            wire[r].from = replica[r].cursor;
#endif
#ifdef MUTANT_CURSOR_FIRST
            replica[r].cursor = to
        }
        if
        :: atomic { !over -> d_step { apply_rows(r, wire[r].from, to); to = 0 } }
        :: atomic { !over -> to = 0 } /* crash */
        fi;
        atomic {
            d_step { !over -> check_cursor(r); skip }
        }
#elif defined(MUTANT_STALE_PULL)
            d_step { apply_rows(r, wire[r].from, to); replica[r].cursor = to; to = 0 }
        }
#else
            d_step { pull(r, to); to = 0 }
        }
#endif
#ifdef BATCHES
    /* crash: what was in memory is gone */
    :: d_step { !over && replica[r].answered != replica[r].acknowledged ->
            replica[r].answered = replica[r].acknowledged }
#endif
    od
}

/* The network and the hub, for the pushes of a replica. */
proctype Push(byte r) {
    byte slot;
end:
    do
    :: atomic {
            !over ->
            select (slot : 0 .. INFLIGHT - 1);
            if
            :: wire[r].first[slot] != 0 ->
                if
                :: true -> /* lost, and the hub's crash before it commits */
#ifdef MUTANT_ACKNOWLEDGED_EARLY
                    if
                    :: replica[r].acknowledged < wire[r].last[slot] ->
                        replica[r].acknowledged = wire[r].last[slot]
                    :: else
                    fi;
#endif
                    wire[r].first[slot] = 0; wire[r].last[slot] = 0
                :: true -> /* taken; may come again; the answer arrives or does not */
                    d_step { take(r, wire[r].first[slot], wire[r].last[slot]); skip }
#ifdef BATCHES
                    if
                    :: replica[r].answered < wire[r].last[slot] -> replica[r].answered = wire[r].last[slot]
                    :: true
                    fi
#endif
                fi
            :: else
            fi;
            slot = 0
        }
    od
}

/* At quiet all stores are in one state, and each edit is current, replaced by one who had seen it, or kept as lost. */
inline check_quiet() {
    for (r1 : 0 .. REPLICAS - 1) {
        assert(replica[r1].cursor == head && replica[r1].acknowledged == replica[r1].made);
        for (c : 0 .. CELLS - 1) {
            assert(replica[r1].row[c] == value[c]);
            assert(replica[r1].image[c] == value[c])
        }
        for (n : 1 .. replica[r1].made) {
            o = ID(r1, n);
            assert(sequence[o] != 0 && log[sequence[o]] == o);
            for (c : 0 .. CELLS - 1) {
                assert(!(operation[o].writes & BIT(c)) || value[c] == o
                    || (replaced[o] & BIT(c)) || (lost[o] & BIT(c)))
            }
        }
    }
}

inline sync_once(r) {
    if
    :: replica[r].cursor < head -> pull(r, head)
    :: else
    fi;
    if
    :: replica[r].acknowledged < replica[r].made -> take(r, replica[r].acknowledged + 1, replica[r].made)
    :: else
    fi;
    if
    :: replica[r].cursor < head -> pull(r, head)
    :: else
    fi
}

/* All ends are one state. */
inline clear() {
    for (r1 : 0 .. REPLICAS - 1) {
        for (c : 0 .. CELLS - 1) { replica[r1].row[c] = 0; replica[r1].image[c] = 0; value[c] = 0 }
        replica[r1].cursor = 0; replica[r1].made = 0; replica[r1].acknowledged = 0; replica[r1].clock = 0;
        replica[r1].applied = 0; replica[r1].shown = 0; wire[r1].from = 0; wire[r1].to = 0;
#ifdef BATCHES
        replica[r1].answered = 0;
#endif
        for (i : 0 .. INFLIGHT - 1) { wire[r1].first[i] = 0; wire[r1].last[i] = 0 }
    }
    for (o : 1 .. OPERATIONS) {
        operation[o].writes = 0; operation[o].hlc = 0; operation[o].saw = 0;
        for (c : 0 .. CELLS - 1) { operation[o].before[c] = 0 }
        log[o] = 0; sequence[o] = 0; effect[o] = 0; lost[o] = 0; replaced[o] = 0
    }
    head = 0
}

/*
 * From any state that faults may have led to: when they stop, one sync of each replica and one more bring quiet, and
 * what the network still holds changes nothing then.
 */
inline finish() {
    over = true;
    for (r1 : 0 .. REPLICAS - 1) { sync_once(r1) }
    for (r1 : 0 .. REPLICAS - 1) { sync_once(r1) }
    check_quiet();
    ended = head;
    for (r1 : 0 .. REPLICAS - 1) {
        for (i : 0 .. INFLIGHT - 1) {
            if
            :: wire[r1].first[i] != 0 -> take(r1, wire[r1].first[i], wire[r1].last[i])
            :: else
            fi
        }
    }
    assert(head == ended);
    clear()
}

init {
    byte x;
    atomic {
#ifdef STRATEGY
        strategy = STRATEGY;
#else
        select (x : 0 .. 2);
        strategy = x;
#endif
        for (x : 0 .. REPLICAS - 1) {
            run User(x); run Sync(x); run Push(x)
        }
        x = 0
    }
    d_step { finish() }
}
