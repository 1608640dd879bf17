import Foundation
import MinskyModel
import TestSupport
import Testing

/// Two people with a workspace each, and the upstream at which they meet: real processes throughout.
final class SyncPair {
    let ada: Minsky
    let grace: Minsky
    let upstream: Storage
    /// What stands after `--remote-db` and `--clone`.
    let place: [String]

    /// - Parameter url: The server, when it is reached some other way.
    init(_ upstream: Storage, url: String? = nil) throws {
        self.upstream = upstream
        ada = try Minsky(.sqlite)
        grace = try Minsky()
        switch upstream {
        case .sqlite: place = [ada.scratch.path + "/upstream.db"]
        case .postgres: place = [try url ?? TestStorage.postgresURL(), "--schema", ada.schema]
        }
        try ada.ok("config", "set", "sync.auto", "off")
        try ada.ok(["sync", "enable", "--remote-db"] + place)
        try grace.ok(["init", "--clone"] + place)
        try grace.ok("config", "set", "sync.auto", "off")
    }

    /// Has both edit something without having seen the other, Ada first, and sync until both know of it.
    func bothEdit(_ ada: [String], _ grace: [String]) throws {
        for (minsky, words, name) in [(self.ada, ada, "ada"), (self.grace, grace, "grace")] {
            try minsky.ok(words, environment: ["MINSKY_ACTOR": name])
        }
        for minsky in [self.ada, self.grace, self.ada] { try minsky.ok("sync") }
    }

    deinit {
        if upstream == .postgres {
            _ = try? Process.output(
                "psql", [TestStorage.postgresURL(), "-AtqX", "-c", "DROP SCHEMA IF EXISTS \(ada.schema) CASCADE"])
        }
    }

    var both: [Minsky] { [ada, grace] }

    /// Runs SQL at the upstream by hand.
    @discardableResult
    func atUpstream(_ sql: String) throws -> String {
        switch upstream {
        case .sqlite: try Process.output("sqlite3", ["-cmd", ".timeout 10000", place[0], sql])
        case .postgres:
            try Process.output(
                "psql",
                [
                    TestStorage.postgresURL(), "-AtqX", "-v", "ON_ERROR_STOP=1", "-c",
                    "SET search_path = \(ada.schema); \(sql)",
                ])
        }
    }
}

extension Minsky {
    func id(of title: String) throws -> String {
        let found = (try json("list", "--all").array ?? []).first { $0["title"]?.string == title }
        return try #require(found?["id"]?.string)
    }

    var titles: [String] {
        get throws { (try json("list", "--all").array ?? []).compactMap { $0["title"]?.string }.sorted() }
    }
}
