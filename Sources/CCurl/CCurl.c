#define CURL_DISABLE_TYPECHECK
#include "CCurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define SYMBOLS(X) \
    X(curl_global_init) \
    X(curl_easy_init) \
    X(curl_easy_cleanup) \
    X(curl_easy_strerror) \
    X(curl_easy_setopt) \
    X(curl_easy_getinfo) \
    X(curl_slist_append) \
    X(curl_slist_free_all) \
    X(curl_multi_init) \
    X(curl_multi_cleanup) \
    X(curl_multi_add_handle) \
    X(curl_multi_remove_handle) \
    X(curl_multi_perform) \
    X(curl_multi_poll) \
    X(curl_multi_wakeup) \
    X(curl_multi_info_read) \
    X(curl_multi_strerror)

// The signatures are those of <curl/curl.h>, so they cannot drift.
#define FIELD(name) __typeof__(&name) name;
static struct { SYMBOLS(FIELD) } curl;

static char load_error[512];
static pthread_once_t load_once = PTHREAD_ONCE_INIT;

static void *open_library(void) {
#ifdef __APPLE__
    static const char *const names[] = {"libcurl.4.dylib"};
#else
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
#endif
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        if (library) return library;
        if (i == 0) {
            const char *reason = dlerror();
            snprintf(load_error, sizeof load_error, "libcurl could not be loaded: %s", reason ? reason : names[i]);
        }
    }
    return NULL;
}

static void load(void) {
    void *library = open_library();
    if (!library) return;
    load_error[0] = 0;
#define FIND(name) \
    *(void **)&curl.name = dlsym(library, #name); \
    if (!curl.name) { \
        snprintf(load_error, sizeof load_error, "libcurl is older than 7.68: it has no %s", #name); \
        return; \
    }
    SYMBOLS(FIND)
    CURLcode code = curl.curl_global_init(CURL_GLOBAL_ALL);
    if (code != CURLE_OK) {
        snprintf(load_error, sizeof load_error, "libcurl could not start: %s", curl.curl_easy_strerror(code));
    }
}

const char *minsky_curl_load(void) {
    pthread_once(&load_once, load);
    return load_error[0] ? load_error : NULL;
}

struct minsky_curl_thread {
    pthread_t thread;
    void (*body)(void *);
    void *context;
};

static void *run_thread(void *argument) {
    struct minsky_curl_thread *thread = argument;
    thread->body(thread->context);
    return NULL;
}

struct minsky_curl_thread *minsky_curl_thread_start(void (*body)(void *), void *context) {
    struct minsky_curl_thread *thread = calloc(1, sizeof *thread);
    if (!thread) return NULL;
    thread->body = body;
    thread->context = context;

    // A new thread inherits the mask. SIGPIPE is the one that matters: a TLS library may write to a closed socket.
    // Signals that report a fault of the thread itself stay open, for whoever prints a backtrace.
    sigset_t blocked, previous;
    sigfillset(&blocked);
    const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) sigdelset(&blocked, faults[i]);
    pthread_sigmask(SIG_BLOCK, &blocked, &previous);
    int error = pthread_create(&thread->thread, NULL, run_thread, thread);
    pthread_sigmask(SIG_SETMASK, &previous, NULL);
    if (!error) return thread;
    free(thread);
    return NULL;
}

void minsky_curl_thread_join(struct minsky_curl_thread *thread) {
    if (!thread) return;
    pthread_join(thread->thread, NULL);
    free(thread);
}

CURL *minsky_curl_easy_init(void) { return curl.curl_easy_init(); }
void minsky_curl_easy_cleanup(CURL *easy) { curl.curl_easy_cleanup(easy); }
const char *minsky_curl_easy_strerror(CURLcode code) { return curl.curl_easy_strerror(code); }

CURLcode minsky_curl_restrict(CURL *easy) {
    CURLcode code = curl.curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations" // its successor is unknown before 7.85
    if (code == CURLE_OK) {
        code = curl.curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    }
#pragma GCC diagnostic pop
#if LIBCURL_VERSION_NUM >= 0x075700
    // Unknown to a loaded library before 7.87, which then waits for the resolver at clean-up: slower, not wrong.
    if (code == CURLE_OK) (void)curl.curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    return code;
}

CURLcode minsky_curl_setopt_long(CURL *easy, CURLoption option, long value) {
    return curl.curl_easy_setopt(easy, option, value);
}

CURLcode minsky_curl_setopt_off(CURL *easy, CURLoption option, curl_off_t value) {
    return curl.curl_easy_setopt(easy, option, value);
}

CURLcode minsky_curl_setopt_string(CURL *easy, CURLoption option, const char *value) {
    return curl.curl_easy_setopt(easy, option, value);
}

CURLcode minsky_curl_setopt_pointer(CURL *easy, CURLoption option, const void *value) {
    return curl.curl_easy_setopt(easy, option, value);
}

CURLcode minsky_curl_setopt_write(CURL *easy, curl_write_callback callback, void *context) {
    CURLcode code = curl.curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, callback);
    return code == CURLE_OK ? curl.curl_easy_setopt(easy, CURLOPT_WRITEDATA, context) : code;
}

CURLcode minsky_curl_setopt_header(CURL *easy, curl_write_callback callback, void *context) {
    CURLcode code = curl.curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, callback);
    return code == CURLE_OK ? curl.curl_easy_setopt(easy, CURLOPT_HEADERDATA, context) : code;
}

CURLcode minsky_curl_getinfo_long(CURL *easy, CURLINFO info, long *value) {
    return curl.curl_easy_getinfo(easy, info, value);
}

CURLcode minsky_curl_getinfo_off(CURL *easy, CURLINFO info, curl_off_t *value) {
    return curl.curl_easy_getinfo(easy, info, value);
}

struct curl_slist *minsky_curl_slist_append(struct curl_slist *list, const char *line) {
    return curl.curl_slist_append(list, line);
}
void minsky_curl_slist_free(struct curl_slist *list) { curl.curl_slist_free_all(list); }

CURLM *minsky_curl_multi_init(void) { return curl.curl_multi_init(); }
void minsky_curl_multi_cleanup(CURLM *multi) { (void)curl.curl_multi_cleanup(multi); }
CURLMcode minsky_curl_multi_add(CURLM *multi, CURL *easy) { return curl.curl_multi_add_handle(multi, easy); }
CURLMcode minsky_curl_multi_remove(CURLM *multi, CURL *easy) { return curl.curl_multi_remove_handle(multi, easy); }
CURLMcode minsky_curl_multi_wakeup(CURLM *multi) { return curl.curl_multi_wakeup(multi); }
const char *minsky_curl_multi_strerror(CURLMcode code) { return curl.curl_multi_strerror(code); }

CURLMcode minsky_curl_multi_perform(CURLM *multi) {
    int running;
    return curl.curl_multi_perform(multi, &running);
}

CURLMcode minsky_curl_multi_poll(CURLM *multi, int milliseconds) {
    return curl.curl_multi_poll(multi, NULL, 0, milliseconds, NULL);
}

int minsky_curl_multi_result(CURLM *multi, CURLcode *code) {
    int left;
    CURLMsg *message;
    while ((message = curl.curl_multi_info_read(multi, &left))) {
        if (message->msg == CURLMSG_DONE) {
            *code = message->data.result;
            return 1;
        }
    }
    return 0;
}
