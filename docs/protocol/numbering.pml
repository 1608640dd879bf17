/*
 * How PostgreSQL numbers operations when the log is read (docs/decisions/0001): writers that draw positions, hold the
 * locks of rows and commit in any order; readers that number what they see. See README.md.
 *
 * Writer 0 is a push: two operations in one transaction, whose changes are written in any order that keeps the order of
 * each row. The others are transactions of one operation.
 */
#ifndef WRITERS
#define WRITERS 3
#endif
#ifndef CHANGES /* of each transaction, at most; of the push, one more */
#define CHANGES 2
#endif
#ifndef ROWS
#define ROWS 2
#endif
#ifndef READERS
#define READERS 1
#endif
#ifndef MOST /* operations that get a sequence at once */
#define MOST 2
#endif

#define POSITIONS (WRITERS * CHANGES + 1)
#define OPERATIONS (WRITERS + 1)
#define BIT(i) (1 << (i))
/* Operations have ids from 1: those of the push are 1 and 2, writer w's is w + 2. */
#define WRITER(o) ((o) <= 2 -> 0 : (o) - 2)

/* The tables, with what is not committed yet. */
byte row_of[POSITIONS + 1];
byte operation_of[POSITIONS + 1];
byte number[OPERATIONS + 1];
byte sequence[OPERATIONS + 1];

byte positions; /* the sequences of the database: never given back */
byte numbers;
byte lock[ROWS]; /* writer + 1 */
byte committed;  /* operations, one bit each */
byte head;
byte head_lock;  /* reader + 1 */
byte running = WRITERS;

hidden byte p, q, o, k, x, y, best;

/* What decides the order, into x: the last position of the operation's transaction, then its own number. */
inline key(id) {
    x = 0;
    for (p : 1 .. positions) {
        if
#if defined(MUTANT_FIRST_POSITION)
        :: operation_of[p] != 0 && WRITER(operation_of[p]) == WRITER(id) && x == 0 -> x = p
#elif defined(MUTANT_OWN_LAST_POSITION)
        :: operation_of[p] == id -> x = p
#elif defined(MUTANT_OWN_NUMBER)
#else
        :: operation_of[p] != 0 && WRITER(operation_of[p]) == WRITER(id) -> x = p
#endif
        :: else
        fi
    }
    x = x * 16 + number[id]
}

proctype Writer(byte w) {
    byte left = (w == 0 -> CHANGES + 1 : CHANGES), mine, row, id, seen[ROWS];
    bool ended;

    /* The operations of a push are staged in their order; another one is made by its first change. */
    if
    :: w == 0 -> d_step { number[1] = numbers + 1; number[2] = numbers + 2; numbers = numbers + 2 }
    :: else
    fi;
    do
    :: left > 0 ->
        atomic {
            select (row : 0 .. ROWS - 1);
            if
            :: w != 0 -> id = w + 2
            :: w == 0 && seen[row] != 2 -> id = 1
            :: w == 0 -> id = 2
            fi
        }
        if
        :: atomic { lock[row] == 0 || lock[row] == w + 1 -> lock[row] = w + 1 }
        :: break /* gives up: a deadlock, or a crash */
        fi;
        atomic {
            if
            :: number[id] == 0 -> numbers++; number[id] = numbers
            :: else
            fi;
            positions++;
            row_of[positions] = row;
            operation_of[positions] = id;
            seen[row] = id;
            mine = mine | BIT(id);
            left--
        }
    :: mine != 0 -> ended = true; break
    od;
    skip;
    d_step {
        if
        :: ended -> committed = committed | mine
        :: else -> /* rolled back: the positions are gone */
            for (p : 1 .. positions) {
                if
                :: operation_of[p] != 0 && WRITER(operation_of[p]) == w -> operation_of[p] = 0; row_of[p] = 0
                :: else
                fi
            }
        fi;
        for (k : 0 .. ROWS - 1) {
            if
            :: lock[k] == w + 1 -> lock[k] = 0
            :: else
            fi;
            seen[k] = 0
        }
        left = 0; mine = 0; row = 0; id = 0; ended = 0;
        running--
    }
}

/* Numbers the operations of `snapshot` that have no sequence yet, at most MOST. */
inline number_operations(snapshot, most) {
    k = 0;
    do
    :: k < most ->
        best = 0;
        for (o : 1 .. OPERATIONS) {
            if
            :: (snapshot & BIT(o)) && sequence[o] == 0 ->
                key(o);
                if
                :: best == 0 || x < y -> best = o; y = x
                :: else
                fi
            :: else
            fi
        }
        if
        :: best == 0 -> break
        :: else -> head++; sequence[best] = head
        fi;
        k++
    :: else -> break
    od
}

#define FOLLOWS(q, p) (operation_of[p] != 0 && operation_of[q] != 0 && row_of[p] == row_of[q] && \
                       operation_of[p] != operation_of[q])

/* Of two changes of a row, the operation of the later one has the later sequence. */
inline check_order() {
    for (p : 1 .. positions) {
        for (q : p + 1 .. positions) {
            if
            :: FOLLOWS(q, p) && sequence[operation_of[q]] != 0 ->
                assert(sequence[operation_of[p]] != 0 && sequence[operation_of[p]] < sequence[operation_of[q]])
            :: else
            fi
        }
    }
}

/* One more read: all operations after the cursor, without a gap. */
inline read(cursor, got) {
#ifdef MUTANT_POSITION_AS_CURSOR
    x = cursor;
    for (p : cursor + 1 .. positions) {
        if
        :: operation_of[p] != 0 && (committed & BIT(operation_of[p])) -> got = got | BIT(operation_of[p]); x = p
        :: else
        fi
    }
    cursor = x
#else
    for (x : cursor + 1 .. head) {
        best = 0;
        for (o : 1 .. OPERATIONS) {
            if
            :: sequence[o] == x ->
                assert(best == 0 && (committed & BIT(o)) && !(got & BIT(o))); /* nothing twice */
                best = o
            :: else
            fi
        }
        assert(best != 0); /* dense */
        got = got | BIT(best)
    }
    cursor = head
#endif
}

#ifdef MUTANT_POSITION_AS_CURSOR
#define BEHIND (cursor < positions)
#else
#define BEHIND (cursor < head)
#endif

proctype Reader(byte r) {
    byte cursor, got, snapshot;
end:
    do
    :: atomic { head_lock == 0 && (committed & ~got) -> head_lock = r + 1 }
        /* the statement that numbers sees what had been committed when it began */
        d_step { snapshot = committed }
        if
        :: d_step { number_operations(snapshot, MOST); check_order(); snapshot = 0; head_lock = 0 }
        :: atomic { snapshot = 0; head_lock = 0 } /* crash */
        fi
    :: atomic { BEHIND -> d_step { read(cursor, got); skip } }
    :: atomic {
            running == 0 && head_lock == 0 ->
            d_step {
                /* once all is quiet, some more calls number the rest, and nothing was missed */
                number_operations(committed, OPERATIONS);
                check_order();
                read(cursor, got);
                assert(got == committed);
                cursor = 0; got = 0
            }
            break
        }
    od
}

init {
    byte i;
    atomic {
        for (i : 0 .. WRITERS - 1) { run Writer(i) }
        for (i : 0 .. READERS - 1) { run Reader(i) }
        i = 0
    }
}
