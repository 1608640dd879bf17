import MinskyModel
import MinskySQL
import MinskyStore
import Synchronization
import TestSupport
import Testing

/// A new store on one of the databases, with ids, times and an actor.
final class StoreFixture: Sendable {
    let storage: TestStorage
    let store: Store
    private let count = Mutex(0)

    static let start = Timestamp(microseconds: 1_790_000_000_123_456)

    init(_ kind: TestDatabase, schema: Schema = .current, isPooled: Bool = false) throws {
        storage = try kind.make(isPooled: isPooled)
        let database = try storage.open()
        store = try Store(
            creatingIn: database, schema: schema,
            identity: StoreIdentity(workspaceID: "workspace0000000", replicaID: "replica000000000"), now: Self.start)
    }

    /// Another connection to the same store.
    func reopened() throws -> Store {
        try Store(opening: try storage.open())
    }

    var kind: TestDatabase { storage.kind }

    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }

    func newID() -> String { StoreFixture.id(next()) }

    /// A valid id made from a number.
    static func id(_ number: Int) -> String {
        var generator = SplitMix(state: UInt64(number))
        return Identifier.random(using: &generator)
    }

    func operation(_ actor: String = "ada") -> OperationContext {
        let number = next()
        return OperationContext(
            id: "op\(number)", actor: actor, command: "test", now: Self.start.adding(seconds: number))
    }

    /// Adds a task in an operation of its own.
    @discardableResult
    func add(
        _ title: String, actor: String = "ada", _ change: (inout TaskItem) -> Void = { _ in }
    ) throws -> TaskItem {
        let id = newID()
        return try store.perform(operation(actor)) { session in
            var task = TaskItem(
                id: id, title: title, rank: Rank.between(try session.lastRank(under: nil), nil),
                createdAt: session.operation.now, createdBy: actor)
            change(&task)
            try session.insert(task)
            return try session.task(task.id)
        }
    }

    /// Changes a task in an operation of its own.
    @discardableResult
    func edit(_ id: String, actor: String = "ada", _ change: (inout TaskItem) -> Void) throws -> TaskItem {
        try store.perform(operation(actor)) { session in
            let old = try session.task(id)
            var new = old
            change(&new)
            try session.update(old, to: new)
            return try session.task(id)
        }
    }

    /// Takes back the last operation of an actor, or a certain one.
    @discardableResult
    func undo(operation id: String? = nil, by actor: String = "ada") throws -> LoggedOperation {
        try store.undo(id.map { .operation($0) } ?? .last, as: operation(actor)) { undone, _ in undone }
    }

    /// The id of the latest operation.
    func last() throws -> String {
        try #require(try store.read { try $0.history(limit: 1) }.last?.id)
    }

    func all() throws -> [TaskItem] { try store.read { try $0.tasks() } }
}

/// A generator whose numbers follow from its seed (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators").
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

func code(_ body: () throws -> Void) -> StoreError.Code? {
    do {
        try body()
        return nil
    } catch {
        return (error as? StoreError)?.code
    }
}
