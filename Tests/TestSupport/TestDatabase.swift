// TestSupport: the real parts tests run against: databases, an HTTP server, processes, scratch folders.

import Foundation
import MinskyModel
import MinskyPostgres
import MinskySQL
import MinskySQLite

/// The databases every store test runs on.
public enum TestDatabase: String, CaseIterable, Sendable {
    case sqliteMemory, sqliteFile, postgres

    /// The databases of which several connections can be open at once.
    public static let shared: [TestDatabase] = [.sqliteFile, .postgres]

    /// A new, empty database; the value owns what it is made of and removes it when it goes away.
    /// - Parameter isPooled: Whether connections to PostgreSQL go by way of a pooler.
    public func make(isPooled: Bool = false) throws -> TestStorage {
        switch self {
        case .sqliteMemory: TestStorage(kind: self, location: "")
        case .sqliteFile: TestStorage(kind: self, location: try ScratchFolder().path + "/tasks.db")
        case .postgres:
            TestStorage(kind: self, location: "test_\(UInt64.random(in: 0...UInt64.max))", isPooled: isPooled)
        }
    }
}

/// A place for one database.
public final class TestStorage: Sendable {
    public let kind: TestDatabase
    /// The file's path, or the name of the PostgreSQL schema.
    public let location: String
    /// Whether connections to PostgreSQL go by way of a pooler.
    public let isPooled: Bool

    init(kind: TestDatabase, location: String, isPooled: Bool = false) {
        self.kind = kind
        self.location = location
        self.isPooled = isPooled
    }

    /// Opens a connection; in memory, each is a database of its own.
    public func open() throws -> any Database {
        switch kind {
        case .sqliteMemory: try SQLiteDatabase(path: nil)
        case .sqliteFile: try SQLiteDatabase(path: location)
        case .postgres: try PostgresDatabase(url: try url, schema: location)
        }
    }

    /// The URL of the server, or of the pooler before it.
    public var url: String { get throws { try isPooled ? Self.poolerURL() : Self.postgresURL() } }

    /// The URL of the server that the test command has started.
    public static func postgresURL() throws -> String {
        guard let url = ProcessInfo.processInfo.environment["MINSKY_TEST_POSTGRES_URL"], !url.isEmpty else {
            throw SQLError(
                kind: .connection, message: "MINSKY_TEST_POSTGRES_URL is not set: run the tests with make test")
        }
        return url
    }

    /// The URL of the same server by way of pgbouncer in transaction mode.
    public static func poolerURL() throws -> String {
        guard let url = ProcessInfo.processInfo.environment["MINSKY_TEST_PGBOUNCER_URL"], !url.isEmpty else {
            throw SQLError(
                kind: .connection, message: "pgbouncer is not installed: run the tests with make test")
        }
        return url
    }

    /// The folder of the server's socket and of its certificate, `server.crt`.
    public static func postgresFolder() throws -> String { try parameter("host") }

    /// The server's port.
    public static func postgresPort() throws -> String { try parameter("port") }

    /// The address at which the server speaks TLS, at its one port.
    public static func postgresAddress() throws -> String {
        let words = ProcessInfo.processInfo.environment["MINSKY_TEST_POSTGRES_TLS"]?.split(separator: " ")
        guard let address = words?.first else { throw ProcessFailure("MINSKY_TEST_POSTGRES_TLS is not set") }
        return String(address)
    }

    private static func parameter(_ name: String) throws -> String {
        let url = try postgresURL()
        let parameters = url.split(separator: "?").last?.split(separator: "&") ?? []
        guard let found = parameters.first(where: { $0.hasPrefix(name + "=") }) else {
            throw ProcessFailure("\(url) does not tell the \(name)")
        }
        return String(found.dropFirst(name.count + 1))
    }

    /// Runs SQL as a person would by hand, with `sqlite3` or `psql`, and returns what it prints.
    public func runShell(_ sql: String) throws -> String {
        switch kind {
        case .sqliteMemory: ""
        case .sqliteFile: try Process.output("sqlite3", [location, sql])
        case .postgres:
            try Process.output("psql", [try Self.postgresURL(), "-AtqX", "-v", "ON_ERROR_STOP=1", "-c", sql])
        }
    }

    /// The name of a table as a shell session, which has no search path, must write it.
    public func table(_ name: String) -> String { kind == .postgres ? "\(location).\(name)" : name }

    deinit {
        switch kind {
        case .sqliteMemory: break
        case .sqliteFile: try? FileManager.default.removeItem(atPath: (location as NSString).deletingLastPathComponent)
        case .postgres: _ = try? runShell("DROP SCHEMA IF EXISTS \(location) CASCADE")
        }
    }
}
