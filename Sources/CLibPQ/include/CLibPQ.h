// libpq, loaded when a PostgreSQL database is first opened, so that no other command pays for it at start-up.

#ifndef MINSKY_CLIBPQ_H
#define MINSKY_CLIBPQ_H

// Debian keeps the header in a folder of its own.
#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else
#include <postgresql/libpq-fe.h>
#endif

#define MINSKY_PQ_FUNCTIONS(F)                                                                                       \
    F(PQbackendPID) F(PQcancel) F(PQclear) F(PQcmdStatus) F(PQcmdTuples) F(PQconnectdbParams) F(PQconsumeInput)      \
    F(PQenterPipelineMode) F(PQerrorMessage) F(PQexec) F(PQexitPipelineMode) F(PQfinish) F(PQflush) F(PQfreeCancel)  \
    F(PQfreemem) F(PQftype) F(PQgetCancel)                                                                           \
    F(PQgetisnull) F(PQgetlength) F(PQgetResult) F(PQgetvalue) F(PQnotifies) F(PQntuples) F(PQpass)                  \
    F(PQpipelineSync) F(PQputCopyData) F(PQputCopyEnd) F(PQreset) F(PQresultErrorField) F(PQresultStatus) F(PQsendQuery)               \
    F(PQsendQueryParams) F(PQsetNoticeProcessor) F(PQsetSingleRowMode) F(PQsocket) F(PQstatus)                       \
    F(PQtransactionStatus)

/// The functions of libpq that minsky calls, under their own names.
typedef struct {
#define F(name) __typeof__(&name) _Null_unspecified name;
    MINSKY_PQ_FUNCTIONS(F)
#undef F
} minsky_pq;

/// Loads libpq once. Returns its functions, all present, or NULL with a message in *error.
const minsky_pq *_Nullable minsky_pq_load(const char *_Nullable *_Nonnull error);

/// Keeps the server's notices off standard error.
void minsky_pq_silence(PGconn *_Nonnull connection);

#endif
