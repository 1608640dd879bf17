import CLibPQ
import Foundation
import MinskySQL

/// Waits for the notifications that the change log sends, on a connection of its own.
final class PostgresSignal: ChangeSignal {
    private let session: PostgresSession

    init(url: String, schema: String) throws {
        session = try PostgresSession(url: url)
        // A channel's name has at most 63 bytes, as a schema's has.
        try session.executeScript("LISTEN \(PostgresSession.quotedIdentifier(schema))")
    }

    func wait(seconds: Double) throws -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        while true {
            if takeNotifications() { return true }
            let rest = end.timeIntervalSinceNow
            guard rest > 0 else { return false }
            var descriptor = pollfd(fd: session.pq.PQsocket(session.connection), events: Int16(POLLIN), revents: 0)
            let milliseconds = Int32(max(1, min(rest * 1000, 3_600_000)))
            guard poll(&descriptor, 1, milliseconds) >= 0 || errno == EINTR else {
                throw SQLError(kind: .connection, message: "the connection to the server cannot be watched")
            }
            guard session.pq.PQconsumeInput(session.connection) == 1, !session.isLost else {
                throw session.failure(nil, sql: "LISTEN")
            }
        }
    }

    /// Takes all notifications that have arrived; several commits are told at once.
    private func takeNotifications() -> Bool {
        var found = false
        while let notification = session.pq.PQnotifies(session.connection) {
            session.pq.PQfreemem(notification)
            found = true
        }
        return found
    }
}
