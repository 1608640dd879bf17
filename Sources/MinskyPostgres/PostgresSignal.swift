import CLibPQ
import Foundation
import MinskySQL

/// Waits for the notifications that the change log sends, on a connection of its own.
final class PostgresSignal: ChangeSignal {
    private let session: PostgresSession

    /// Begins to listen to a channel; its name has at most 63 bytes, as a schema's has.
    /// - Throws: `SQLError`.
    init(_ session: PostgresSession, channel: String) throws {
        self.session = session
        try session.executeScript("LISTEN \(PostgresSession.quotedIdentifier(channel))")
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

/// Asks the server again and again whether any transaction that writes has ended, in whichever schema, where notifications do
/// not come through.
final class PostgresPolling: ChangeSignal {
    /// Seconds between two questions.
    private static let interval = 1.0

    private let session: PostgresSession
    private var last: String

    /// Notes what has been committed so far.
    /// - Throws: `SQLError`.
    init(_ session: PostgresSession) throws {
        self.session = session
        last = try Self.snapshot(session)
    }

    func wait(seconds: Double) throws -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        while true {
            let found = try Self.snapshot(session)
            if found != last {
                last = found
                return true
            }
            let rest = end.timeIntervalSinceNow
            guard rest > 0 else { return false }
            Thread.sleep(forTimeInterval: min(rest, Self.interval))
        }
    }

    /// The transactions that are seen as ended (PostgreSQL's manual, 9.27.7): it is another one after every commit.
    private static func snapshot(_ session: PostgresSession) throws -> String {
        try session.first("SELECT pg_current_snapshot()::text") { try $0.text(0) } ?? ""
    }
}
