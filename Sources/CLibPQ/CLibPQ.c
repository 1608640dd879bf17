#include "CLibPQ.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static minsky_pq functions;
static char failure[512];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
#ifdef __APPLE__
    const char *name = "libpq.5.dylib";
#else
    const char *name = "libpq.so.5";
#endif
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        snprintf(failure, sizeof failure, "%s", dlerror());
        return;
    }
#define F(symbol)                                                                                                    \
    functions.symbol = (__typeof__(functions.symbol))dlsym(library, #symbol);                                        \
    if (!functions.symbol) {                                                                                         \
        snprintf(failure, sizeof failure, "%s has no function " #symbol, name);                                      \
        return;                                                                                                      \
    }
    MINSKY_PQ_FUNCTIONS(F)
#undef F
}

const minsky_pq *minsky_pq_load(const char **error) {
    pthread_once(&once, load);
    *error = failure[0] ? failure : NULL;
    return failure[0] ? NULL : &functions;
}

static void discard(void *context, const char *message) {
    (void)context;
    (void)message;
}

void minsky_pq_silence(PGconn *connection) { functions.PQsetNoticeProcessor(connection, discard, NULL); }
