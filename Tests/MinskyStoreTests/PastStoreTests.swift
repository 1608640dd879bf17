import MinskyModel
import MinskySQL
import MinskyStore
import TestSupport
import Testing

@Suite("The store of another day")
struct PastStoreTests {
    /// A connection that is lost at the end of a transaction has it read again, into another empty database.
    @Test(arguments: TestDatabase.shared)
    func readingThatBeginsAgainFillsAnotherDatabase(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A")
        let store = try Store(opening: ReadingTwice(base: try fixture.storage.open()))
        let targets = Shared(0)
        let (past, leftOut) = try store.past(at: Timestamp(microseconds: 4_000_000_000_000_000)) {
            targets.update { $0 += 1 }
            return try TestDatabase.sqliteMemory.make().open()
        }
        #expect(targets.value == 2 && leftOut.isEmpty)
        #expect(try past.read { try $0.task(task.id) }.title == "A")
    }
}

/// A database whose readers are lost at their end, once.
private struct ReadingTwice: Database {
    let base: any Database

    var dialect: Dialect { base.dialect }
    var schemaName: String? { base.schemaName }
    var place: String? { base.place }

    func read<Result>(_ body: (any Reader) throws -> Result) throws -> Result {
        _ = try base.read(body)
        return try base.read(body)
    }

    func write<Result>(_ body: (any Writer) throws -> Result) throws -> Result { try base.write(body) }
    func signal() throws -> any ChangeSignal { try base.signal() }
    func interrupt() { base.interrupt() }
}
