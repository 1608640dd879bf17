import Foundation
import MinskyModel
import TestSupport
import Testing

/// A workspace in a file, with a schema to go to.
final class Movable {
    let minsky: Minsky
    let url: String
    var schema: String { minsky.schema }

    /// - Parameter isAlone: Whether no other test has a workspace of the same id.
    init(isAlone: Bool = false) throws {
        minsky = isAlone ? try Minsky() : try Minsky(.sqlite)
        if isAlone { try minsky.ok("init") }
        url = try TestStorage.postgresURL()
    }

    deinit { _ = try? psql("DROP SCHEMA IF EXISTS \(schema) CASCADE") }

    @discardableResult
    func psql(_ sql: String) throws -> String {
        try Process.output("psql", [url, "-AtqX", "-v", "ON_ERROR_STOP=1", "-c", sql])
    }

    func sqlite(_ sql: String) throws -> String {
        try Process.output("sqlite3", [minsky.workspace + "/tasks.db", sql])
    }

    var upgrade: [String] { ["upgrade", "to-postgres", "--db-url", url, "--schema", schema] }
    var rollback: [String] { ["migrate", "rollback"] }

    var titles: [String] {
        get throws {
            (try minsky.json("list", "--all").array ?? []).compactMap { $0["title"]?.string }.sorted()
        }
    }

    /// How many of the two stores are open to writers; asked of the databases, not of the program.
    var openStores: Int {
        get throws {
            let phases = ["active", "copying", "following"]
            var count = phases.contains(try sqlite("SELECT phase FROM store_state").trimmed) ? 1 : 0
            let isThere = try psql("SELECT to_regclass('\(schema).store_state') IS NOT NULL").trimmed == "t"
            if isThere, phases.contains(try psql("SELECT phase FROM \(schema).store_state").trimmed) { count += 1 }
            return count
        }
    }
}

extension String {
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}

extension Minsky {
    /// The whole id of a task.
    func fullID(_ short: String) throws -> String {
        try #require(try json("show", short)["id"]?.string)
    }
}
