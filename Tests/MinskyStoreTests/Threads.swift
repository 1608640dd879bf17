import Foundation
import MinskyModel
import MinskyPostgres
import MinskySQL
import MinskyStore
import Synchronization
import TestSupport

/// Runs a body in several threads at once, waits for all of them and returns what they threw.
func inThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) -> [any Error] {
    let errors = Shared<[any Error]>([])
    let running = DispatchGroup()
    for index in 0..<count {
        running.enter()
        let thread = Thread {
            defer { running.leave() }
            do { try body(index) } catch { errors.update { $0.append(error) } }
        }
        thread.stackSize = 4 << 20
        thread.start()
    }
    running.wait()
    return errors.value
}

/// A value that several threads read and write.
final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value { state.withLock { $0 } }

    func update(_ change: (inout Value) -> Void) {
        state.withLock { value in
            var changed = value
            change(&changed)
            value = changed
        }
    }
}

/// A place where a number of threads wait until all of them have come.
final class MeetingPoint: @unchecked Sendable {
    private let condition = NSCondition()
    private var missing: Int

    init(_ count: Int) { missing = count }

    /// Waits for the others, but not for ever: whoever never comes has failed and says why.
    func meet() {
        condition.lock()
        defer { condition.unlock() }
        missing -= 1
        condition.broadcast()
        let end = Date(timeIntervalSinceNow: 20)
        while missing > 0, condition.wait(until: end) {}
    }
}

extension StoreFixture {
    /// Another connection to the store in PostgreSQL, whose server looks for deadlocks after 10 ms instead of a second.
    func impatient(lockTimeout: Int = 10) throws -> Store {
        let url = try TestStorage.postgresURL() + "&options=-c%20deadlock_timeout%3D10ms"
        let database = try PostgresDatabase(url: url, schema: storage.location, lockTimeout: lockTimeout)
        return try Store(opening: database)
    }

    /// Adds tasks in one operation and returns their ids.
    func addTasks(_ count: Int) throws -> [String] {
        let ids = (0..<count).map { _ in newID() }
        try store.perform(operation()) { session in
            for (index, id) in ids.enumerated() {
                try session.insert(
                    TaskItem(id: id, title: "Task \(index)", rank: "i", createdAt: session.operation.now))
            }
        }
        return ids
    }
}

extension WriteSession {
    /// Gives a task another title.
    func rename(_ id: String, to title: String) throws {
        let old = try task(id)
        var new = old
        new.title = title
        try update(old, to: new)
    }
}
