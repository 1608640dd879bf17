// CCurl loads libcurl on first use and offers the few functions MinskyHTTP needs, none of them variadic.
//
// libcurl is not linked: together with its TLS library it would cost every command its start-up time.
// <curl/curl.h> is included for types and constants only; calling one of its functions does not link.
// minsky_curl_load must have succeeded before any other function here is called, but for those on threads.

#ifndef MINSKY_CCURL_H
#define MINSKY_CCURL_H

#include <curl/curl.h>

/// Loads libcurl and initialises it, once in the life of the process; safe from any thread.
/// Returns NULL, or a message that lives as long as the process.
const char *minsky_curl_load(void);

/// A thread of its own for a blocking transfer.
struct minsky_curl_thread;

/// Runs `body(context)` on a new thread to which no asynchronous signal is delivered.
/// Returns NULL when there can be no such thread; else the thread must be joined, once.
struct minsky_curl_thread *minsky_curl_thread_start(void (*body)(void *), void *context);
/// Waits until the thread has ended and frees it; nothing happens for NULL.
void minsky_curl_thread_join(struct minsky_curl_thread *thread);

// One transfer.
CURL *minsky_curl_easy_init(void);
void minsky_curl_easy_cleanup(CURL *easy);
const char *minsky_curl_easy_strerror(CURLcode code);

/// Restricts a transfer to http and https, and keeps it from using signals and from waiting at clean-up for a
/// name that is still being resolved.
CURLcode minsky_curl_restrict(CURL *easy);

CURLcode minsky_curl_setopt_long(CURL *easy, CURLoption option, long value);
CURLcode minsky_curl_setopt_off(CURL *easy, CURLoption option, curl_off_t value);
CURLcode minsky_curl_setopt_string(CURL *easy, CURLoption option, const char *value);
CURLcode minsky_curl_setopt_pointer(CURL *easy, CURLoption option, const void *value);
CURLcode minsky_curl_setopt_write(CURL *easy, curl_write_callback callback, void *context);
CURLcode minsky_curl_setopt_header(CURL *easy, curl_write_callback callback, void *context);

CURLcode minsky_curl_getinfo_long(CURL *easy, CURLINFO info, long *value);
CURLcode minsky_curl_getinfo_off(CURL *easy, CURLINFO info, curl_off_t *value);

struct curl_slist *minsky_curl_slist_append(struct curl_slist *list, const char *line);
void minsky_curl_slist_free(struct curl_slist *list);

// What drives transfers: perform, then poll, until there is a result.
CURLM *minsky_curl_multi_init(void);
void minsky_curl_multi_cleanup(CURLM *multi);
CURLMcode minsky_curl_multi_add(CURLM *multi, CURL *easy);
CURLMcode minsky_curl_multi_remove(CURLM *multi, CURL *easy);
CURLMcode minsky_curl_multi_perform(CURLM *multi);
CURLMcode minsky_curl_multi_poll(CURLM *multi, int milliseconds);
/// Ends a running or the next poll early; the one function that may be called from another thread.
CURLMcode minsky_curl_multi_wakeup(CURLM *multi);
/// Returns 1 and sets `code` when a transfer has ended, else 0.
int minsky_curl_multi_result(CURLM *multi, CURLcode *code);
const char *minsky_curl_multi_strerror(CURLMcode code);

#endif
