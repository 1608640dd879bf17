import Foundation
import MinskyModel
import MinskySQL
import TestSupport

@testable import MinskyStore

/// What should not have happened.
struct Violation: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Some replicas and their upstream, on which a schedule is carried out.
final class Simulation {
    final class Site {
        let storage: TestStorage
        let database: FaultyDatabase
        let store: Store
        /// Transactions in shells that have not ended.
        var shells: [Int: ShellWriter] = [:]
        var saved: SavedStore?

        init(_ storage: TestStorage, _ database: FaultyDatabase, _ store: Store) {
            (self.storage, self.database, self.store) = (storage, database, store)
        }

        /// Whether it follows the upstream.
        var isJoined: Bool { get throws { try store.database.read { try $0.base() } != nil } }
        var policies: SyncPolicies { get throws { try store.read { try $0.policies() } } }
    }

    let kinds: [TestDatabase]
    let upstream: Site
    var replicas: [Site] = []
    /// What everybody wrote.
    var written: [Written] = []
    /// Texts of notes that must not leave a replica, by its place.
    var secrets: [Int: Set<String>] = [:]
    var sent: [(replica: Int, operations: [LoggedOperation])] = []
    var count = 0
    let start = Timestamp(microseconds: 1_790_000_000_000_000)
    /// Later than whatever anybody waits for.
    let late = Timestamp(microseconds: 4_000_000_000_000_000)
    static let place = DatabasePlace(url: "/upstream", schema: nil)

    init(_ schedule: Schedule, on kinds: [TestDatabase]) throws {
        self.kinds = kinds
        let storage = try kinds[0].make()
        let database = FaultyDatabase(try storage.open())
        let store = try Store(
            creatingIn: database,
            identity: StoreIdentity(workspaceID: "workspace0000000", replicaID: "upstream00000000"),
            now: start)
        upstream = Site(storage, database, store)
        try store.perform(context("upstream")) { session in
            for (table, strategy) in schedule.strategies {
                try session.writer.execute(
                    "INSERT INTO sync_strategies (table_name, strategy) VALUES (\(table), \(strategy)) ON CONFLICT DO NOTHING"
                )
            }
        }
        for _ in 0..<2 { try edit(upstream, .add, 0, 0, name: "upstream", clock: 0) }
        for _ in 0..<schedule.replicas { try join() }
    }

    // MARK: Steps

    func run(_ step: Schedule.Step) throws {
        switch step {
        case .edit(let number, let edit, let task, let other, let clock):
            let place = number % replicas.count
            try self.edit(replicas[place], edit, task, other, name: "ada\(place)", clock: clock)
        case .editUpstream(let edit, let task, let other):
            try self.edit(upstream, edit, task, other, name: "upstream", clock: 0)
        case .hand(let number, let writer, let edit, let task, let other):
            try editByHand(site(number), writer, edit, task, other)
        case .end(let number, let writer, let commits): try end(site(number), writer, commits: commits)
        case .push(let number, let batch, let crash):
            let (site, replica) = replica(number, batch)
            guard try site.isJoined else { return }
            try noteSent(number % replicas.count, replica)
            try stopping(upstream, after: crash) { _ = try replica.push() }
        case .pull(let number, let batch, let crash):
            let (site, replica) = replica(number, batch)
            guard try site.isJoined else { return }
            try stopping(site, after: crash) { _ = try replica.pull() }
        case .sync(let number): try sync(number)
        case .repeatPush(let number):
            guard !sent.isEmpty else { return }
            let (place, operations) = sent[number % sent.count]
            guard try replicas[place].isJoined else { return }
            try meanwhile { _ = try self.replica(place, 100).replica.send(operations) }
        case .policy(let number, let table, let policy): try setPolicy(policy, of: table, at: number % replicas.count)
        case .compact(let number, let percent, let isLate): try compact(site(number), percent, isLate: isLate)
        case .snapshot(let number, let crash):
            let (site, replica) = replica(number, 100)
            guard try site.isJoined else { return }
            try stopping(site, after: crash) { try replica.takeSnapshot(keepsWaiting: true) }
        case .join: if replicas.count < 6 { try join() }
        case .leave(let number):
            let site = replicas[number % replicas.count]
            guard try site.isJoined else { return }
            try meanwhile { try site.store.leaveUpstream() }
        case .rejoin(let number): try rejoin(number % replicas.count)
        case .save(let number):
            let site = replicas[number % replicas.count]
            if site.shells.isEmpty { site.saved = try SavedStore(site.store) }
        case .restore(let number): try restore(number % replicas.count)
        }
    }

    private func site(_ number: Int) -> Site {
        let place = number % (replicas.count + 1)
        return place == 0 ? upstream : replicas[place - 1]
    }

    func replica(_ number: Int, _ batch: Int) -> (site: Site, replica: Replica) {
        let site = replicas[number % replicas.count]
        var replica = Replica(site.store, upstream: upstream.store)
        replica.batch = batch
        return (site, replica)
    }

    /// Does something whose user is stopped in a transaction of a store, while transactions in shells are open.
    private func stopping(_ site: Site, after statements: Int?, _ body: @escaping () throws -> Void) throws {
        site.database.crash(after: statements)
        defer { site.database.crash(after: nil) }
        do { try meanwhile(body) } catch is Crash {}
    }

    /// Notes what a push is going to send.
    private func noteSent(_ place: Int, _ replica: Replica) throws {
        let unpushed = try replicas[place].policies.unpushed(replica.store.schema)
        let waiting = try replica.store.read { session in
            try session.operations(
                where: session.reader.isWaiting(replica.store.schema), orderedBy: "number", changes: replica.batch)
        }
        if !waiting.isEmpty {
            sent.append((place, waiting.map { $0.asIntended().leaving(out: unpushed) }))
        }
    }

    func sync(_ number: Int) throws {
        let (site, replica) = replica(number, 100)
        guard try site.isJoined else { return }
        try meanwhile {
            _ = try replica.sync()
            try replica.introduce(as: "ada")
        }
    }

    private func join() throws {
        let storage = try kinds[(replicas.count + 1) % kinds.count].make()
        let database = FaultyDatabase(try storage.open())
        let id = "replica00000000\(replicas.count)"
        try meanwhile {
            try Replica.clone(
                self.upstream.store, at: Self.place, into: database, replicaID: id, now: self.start)
        }
        replicas.append(Site(storage, database, try Store(opening: database)))
    }

    func rejoin(_ place: Int) throws {
        let (site, replica) = replica(place, 100)
        guard try !site.isJoined else { return }
        try meanwhile { try replica.join(at: Self.place, now: self.start) }
    }

    func setPolicy(_ policy: SyncPolicy, of table: String, at place: Int) throws {
        let site = replicas[place]
        do {
            let operation = context("ada\(place)")
            try meanwhile { _ = try site.store.setPolicy(policy, of: table, as: operation) }
        } catch is StoreError {
            return
        }
        // From now on they may go.
        if table == "notes", policy == .both || policy == .push { secrets[place] = nil }
    }

    private func compact(_ site: Site, _ percent: Int, isLate: Bool) throws {
        // What a store on its own has forgotten it can never bring to an upstream.
        guard try site === upstream || site.isJoined else { return }
        let (moment, now) = try site.store.database.write { writer in
            let count = try writer.first("SELECT count(*) FROM operations") { try $0.integer(0) } ?? 0
            let moment = try writer.first(
                "SELECT recorded_at FROM operations ORDER BY number LIMIT 1 OFFSET \(count * Int64(percent) / 100)"
            ) { try $0.timestamp(0) }
            return (moment, try writer.moment())
        }
        try meanwhile {
            _ = try site.store.compact(before: moment ?? self.late, now: isLate ? self.late : now)
        }
    }

    /// The replica is what it was when it was saved; what nobody else has got since is gone.
    private func restore(_ place: Int) throws {
        let site = replicas[place]
        guard let saved = site.saved, site.shells.isEmpty else { return }
        try saved.restore(to: site.store)
        sent.removeAll { $0.replica == place }
        func known(_ store: Store) throws -> Set<String> {
            Set(try store.database.read { try $0.rows("SELECT id FROM operations") { try $0.text(0) } })
        }
        let left = try known(site.store).union(known(upstream.store))
        written.removeAll { edit in edit.site == place && edit.operation.map { !left.contains($0) } ?? false }
    }
}

/// What a store held at some moment, as a copy of its file would.
struct SavedStore {
    private let tables: [(table: Table, columns: [Column], rows: [[SQLValue]])]

    init(_ store: Store) throws {
        let dialect = store.database.dialect
        let tables = store.schema.tables.filter { $0.dialect == nil && $0.name != "schema_migrations" }
        self.tables = try store.database.read { reader in
            try tables.map { table in
                let columns = table.columns.filter {
                    $0.dialect == nil || $0.dialect == .postgres && dialect == .postgres
                }
                let names = columns.map(\.name).joined(separator: ", ")
                let rows = try reader.rows("SELECT \(unsafeRaw: names) FROM \(unsafeRaw: table.name)") { row in
                    try columns.enumerated().map { try $1.read(row, $0) }
                }
                return (table, columns, rows)
            }
        }
    }

    func restore(to store: Store) throws {
        try store.database.write { writer in
            try writer.withoutLogging {
                if writer.dialect == .sqlite { try writer.executeScript("PRAGMA ignore_check_constraints = ON") }
                for entry in tables.reversed() { try writer.execute("DELETE FROM \(unsafeRaw: entry.table.name)") }
                for entry in tables {
                    try writer.load(into: entry.table.name, columns: entry.columns.map(\.name)) { add in
                        for row in entry.rows { try add(row) }
                    }
                }
                if writer.dialect == .sqlite { try writer.executeScript("PRAGMA ignore_check_constraints = OFF") }
            }
            try writer.numberOn(store.schema)
            // A file brings its triggers along.
            try writer.dropTriggers { $0.hasPrefix("policy_") }
            let policies = try writer.policies()
            for table in store.schema.domainTables where policies[table.name] == .pull {
                try writer.refuseChanges(of: table, naming: "policy", because: "from the upstream only")
            }
        }
    }
}
