import MinskyModel
import MinskySQL
import TestSupport
import Testing

@testable import MinskyStore

/// Replicas that each make the next task of a series make one.
struct SyncRecurrenceTests {
    static let kinds: [TestDatabase] = [.sqliteFile, .postgres]
    private let first = "t000000000000001"
    private let part = "v000000000000002"

    /// An upstream with a task that comes every day and has a part, and two people.
    private func sites(_ kind: TestDatabase, _ every: String = "every day") throws -> (
        SyncSites, ada: Store, bob: Store
    ) {
        let sites = try SyncSites(upstream: kind)
        try sites.add(sites.upstream, "owner", first, title: "Water") { task in
            task.recurrence = "\(every) from 2026-11-20 17:00:00 in UTC"
            (task.seriesID, task.seriesDay) = (first, "2026-11-20")
            task.dueAt = Timestamp(iso8601: "2026-11-20T17:00:00Z")
            task.tags = ["plants"]
        }
        try sites.add(sites.upstream, "owner", part, title: "Roses") { $0.parentID = first }
        return (sites, try sites.clone("ada"), try sites.clone("bob"))
    }

    /// Ends a task, and makes the next one.
    @discardableResult
    private func end(_ sites: SyncSites, _ store: Store, _ actor: String, _ id: String, daysLater: Int = 0) throws
        -> String
    {
        var next = ""
        try sites.edit(store, actor) { session in
            try session.lockGraph()
            let old = try session.task(id)
            var new = old
            new.move(to: .done, at: session.operation.now)
            try session.update(old, to: new)
            let made = try session.makeNext(
                after: new, endedAt: session.operation.now.adding(seconds: daysLater * 86_400),
                utcOffset: { _ in { _ in 0 } })
            next = made?.task.id ?? ""
        }
        return next
    }

    private func titles(_ store: Store) throws -> [String] {
        var filter = TaskFilter()
        filter.statuses = [.todo]
        return try store.read { try $0.tasks(filter).map(\.title).sorted() }
    }

    @Test(arguments: kinds)
    func twoThatEndATaskMakeOne(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        let mine = try end(sites, ada, "ada", first)
        #expect(try end(sites, bob, "bob", first) == mine)
        try sites.sync(ada, bob, ada)
        #expect(
            try titles(sites.upstream) == ["Roses", "Roses", "Water"], "the part that stayed open, and the new ones")
        #expect(try sites.task(mine).tags == ["plants"])
        #expect(try sites.task(mine).createdBy == "ada")
        #expect(try sites.conflicts().isEmpty, "they agree")
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    /// What became of the next one in the meantime stays.
    @Test(arguments: kinds)
    func whoComesLateDoesNotBringItBack(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        let second = try end(sites, ada, "ada", first)
        let third = try end(sites, ada, "ada", second)
        #expect(try end(sites, bob, "bob", first) == second)
        try sites.sync(ada, bob, ada)
        #expect(try sites.task(second).status == .done)
        #expect(try sites.task(third).status == .todo)
        #expect(try sites.task(third).dueAt == Timestamp(iso8601: "2026-11-22T17:00:00Z"))
        #expect(try sites.conflicts().isEmpty)
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    /// Counted from the day it was done, that may be two days: it is one task, and the other day is kept as a conflict.
    @Test(arguments: kinds)
    func endedOnTwoDaysItIsStillOne(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind, "every 3 days after done")
        let mine = try end(sites, ada, "ada", first)
        #expect(try end(sites, bob, "bob", first, daysLater: 1) == mine)
        try sites.sync(ada, bob, ada)
        #expect(try titles(sites.upstream).filter { $0 == "Water" }.count == 1)
        #expect(Set(try sites.conflicts().map(\.rowID)).contains(mine))
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    /// One takes the end back, the other has ended it as well.
    @Test(arguments: kinds)
    func anEndTakenBackHereAndMadeThere(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        try end(sites, ada, "ada", first)
        try ada.undo(as: sites.context("ada")) { _, _ in () }
        let next = try end(sites, bob, "bob", first)
        try sites.sync(ada, bob, ada)
        #expect(try sites.task(first).status == .done)
        #expect(try sites.task(next).status == .todo, "who undid their own has not undone bob's")
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    /// Whoever ends what, and whenever they meet, in the end a series has one open task, and each day once.
    @Test(arguments: 0..<12)
    func inWhateverOrderOneIsOpen(seed: Int) throws {
        let (sites, ada, bob) = try sites(.sqliteMemory)
        let people = [(ada, "ada"), (bob, "bob"), (try sites.clone("eve"), "eve")]
        var random = SeededGenerator(seed: UInt64(seed))
        func water(_ store: Store, open: Bool) throws -> [TaskItem] {
            var filter = TaskFilter()
            if open { filter.statuses = [.todo] }
            return try store.read { try $0.tasks(filter) }.filter { $0.recurrence != nil }
        }
        for _ in 0..<40 {
            let (store, name) = people[Int.random(in: 0..<3, using: &random)]
            if Int.random(in: 0..<3, using: &random) == 0 {
                try sites.sync(store)
            } else if let id = try water(store, open: true).first?.id {
                try end(sites, store, name, id)
            }
        }
        for _ in 0..<2 { for (store, _) in people { try sites.sync(store) } }
        #expect(try water(sites.upstream, open: true).count == 1)
        let days = try water(sites.upstream, open: false).compactMap(\.seriesDay)
        #expect(Set(days).count == days.count && days.count > 5)
        #expect(try sites.conflicts().isEmpty)
        #expect(try sites.differences(ada, bob).isEmpty)
    }
}
