import MinskyModel
import MinskySQL
import MinskyStore
import TestSupport
import Testing

/// A value in a form that differs when anything in it does: not even texts that look alike are the same.
private func exactly(_ value: some Any) -> ExactText { ExactText(String(reflecting: value)) }

@Suite("Values, from SQLite to PostgreSQL and back")
struct ValueTests {
    @Test(arguments: [1, 2] as [UInt64])
    func everyTaskComesBackFromBothDatabasesAsItWas(seed: UInt64) throws {
        var random = RandomValues(seed: seed)
        var tasks: [TaskItem] = []
        for _ in 0..<100 {
            var task = random.task(parents: tasks.map(\.id))
            task.metadata = task.metadata.canonical
            tasks.append(task)
        }
        func write(_ kind: TestDatabase) throws -> [[ExactText]] {
            let fixture = try StoreFixture(kind)
            for task in tasks { try fixture.store.perform(fixture.operation()) { try $0.insert(task) } }
            let stored = try fixture.store.read { session in try tasks.map { try session.task($0.id) } }
            #expect(zip(stored, tasks).first { exactly($0) != exactly($1) }.map { "\($0) ≠ \($1)" } == nil)
            #expect(try fixture.disagreements().isEmpty)
            return try fixture.store.changes().map { change in
                [change.table, change.rowID, change.kind.rawValue].map(ExactText.init)
                    + [change.before, change.after].map { ExactText(($0 ?? .null).text()) }
            }
        }
        let sqlite = try write(.sqliteFile)
        #expect(sqlite == (try write(.postgres)))
        #expect(sqlite == (try write(.sqliteMemory)))
    }

    /// From one database into the other and back, by what the first one gives.
    @Test func aTaskKeepsItsBitsOnTheWayThroughPostgres() throws {
        var random = RandomValues(seed: 4)
        let (sqlite, postgres, back) = (
            try StoreFixture(.sqliteFile), try StoreFixture(.postgres), try StoreFixture(.sqliteFile)
        )
        for _ in 0..<40 {
            let task = random.task(parents: [])
            try sqlite.store.perform(sqlite.operation()) { try $0.insert(task) }
            let first = try sqlite.store.read { try $0.task(task.id) }
            try postgres.store.perform(postgres.operation()) { try $0.insert(first) }
            let second = try postgres.store.read { try $0.task(task.id) }
            try back.store.perform(back.operation()) { try $0.insert(second) }
            #expect(exactly(try back.store.read { try $0.task(task.id) }) == exactly(first))
        }
        let rows = try RowImages(reading: sqlite.store).tables["tasks"]
        #expect(rows == (try RowImages(reading: postgres.store).tables["tasks"]))
        #expect(rows == (try RowImages(reading: back.store).tables["tasks"]))
    }

    @Test(arguments: TestDatabase.allCases)
    func anEditToATextThatOnlyLooksTheSameIsWritten(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let (composed, decomposed) = ("\u{E9}", "e\u{301}")
        let task = try fixture.add(composed) {
            $0.tags = [composed]
            $0.metadata = ["k": .string(composed)]
        }
        let edited = try fixture.edit(task.id) {
            $0.title = decomposed
            $0.tags = [decomposed]
            $0.metadata = ["k": .string(decomposed)]
        }
        #expect(Array(edited.title.utf8) == Array(decomposed.utf8))
        #expect(edited.tags.map { Array($0.utf8) } == [Array(decomposed.utf8)])
        #expect(edited.metadata["k"].flatMap(\.string).map { Array($0.utf8) } == Array(decomposed.utf8))
        #expect(try fixture.disagreements().isEmpty)
        try fixture.undo()
        let restored = try fixture.store.read { try $0.task(task.id) }
        #expect(Array(restored.title.utf8) == Array(composed.utf8))
        #expect(restored.tags.map { Array($0.utf8) } == [Array(composed.utf8)])
    }

    private static func nested(_ depth: Int) -> JSON { ["k": (1..<depth).reduce(1) { inner, _ in [inner] }] }

    /// Each of these could be written once, and would then have kept the whole list, or the whole log, from being read.
    @Test(arguments: TestDatabase.allCases)
    func metadataThatCouldNotBeReadBackIsRefused(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A")
        let values: [JSON] = [
            Self.nested(1000), Self.nested(257), Self.nested(256), Self.nested(255), Self.nested(201),
            .object([.init("k", 1), .init("k", 2)]), ["deep": ["k": .object([.init("k", 1), .init("k", 2)])]],
            ["k\0": 1], ["k": ["a\0"]],
        ]
        for (index, metadata) in values.enumerated() {
            let error = #expect(throws: SQLError.self, "\(index)") { try fixture.add("B") { $0.metadata = metadata } }
            #expect(error?.kind == .constraint, "\(index)")
            #expect(throws: SQLError.self, "\(index)") { try fixture.edit(task.id) { $0.metadata = metadata } }
        }
        #expect(try fixture.all() == [task])
        #expect(try fixture.disagreements().isEmpty)
    }

    @Test(arguments: TestDatabase.allCases)
    func numbersAndKeysComeBackAsPostgresSpellsThem(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let written = #"{"a":[12345678901234567890,1e2,1.50,1E-7,-0.0,1e400],"e\u0301":1,"\u00e9":2}"#
        let spelled =
            #"{"a":[12345678901234567890,100,1.50,0.0000001,0.0,1"# + String(repeating: "0", count: 400)
            + "],\"e\u{301}\":1,\"\u{E9}\":2}"
        let metadata = try JSON(parsing: written)
        let task = try fixture.add("A") { $0.metadata = metadata }
        #expect(try fixture.store.read { try $0.task(task.id) }.metadata.text() == spelled)
        #expect(try fixture.disagreements().isEmpty)
        try fixture.edit(task.id) { $0.metadata = [:] }
        try fixture.undo()
        #expect(try fixture.store.read { try $0.task(task.id) }.metadata.text() == spelled)
        #expect(try fixture.disagreements().isEmpty)
    }

    /// Any number in any spelling, asked of a server.
    @Test func numbersAreSpelledAsByJsonb() throws {
        var random = RandomValues(seed: 6)
        var numbers: [String] = []
        for _ in 0..<5000 {
            func digits(_ range: ClosedRange<Int>) -> String {
                (0..<random.number(range)).map { _ in random.pick(["0", "0", "1", "5", "9"]) }.joined()
            }
            var text = random.chance(50) ? "-" : ""
            text += random.chance(40) ? "0" : "1" + digits(0...25)
            if random.chance(50) { text += "." + digits(1...12) }
            if random.chance(50) { text += random.pick(["e", "E", "e+", "e-"]) + "\(random.number(0...40))" }
            numbers.append(text)
        }
        let list = "[" + numbers.joined(separator: ", ") + "]"
        let spelled = try StoreFixture(.postgres).store.database.read { connection in
            try connection.first("SELECT (\(unsafeRaw: "'\(list)'")::jsonb)::text") { try $0.text(0) }
        }
        let ours = try #require(try JSON(parsing: list).array)
        let theirs = try #require(spelled).dropFirst().dropLast().split(separator: ", ").map(String.init)
        #expect(ours.count == numbers.count && theirs.count == numbers.count)
        for (number, (ours, theirs)) in zip(numbers, zip(ours, theirs)) {
            try #require(ours.text() == theirs, "\(number)")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func deepMetadataIsKept(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A") { $0.metadata = Self.nested(200) }
        #expect(task.metadata == Self.nested(200))
        #expect(try fixture.disagreements().isEmpty)
        try fixture.undo()
        #expect(try fixture.disagreements().isEmpty)
    }

    @Test(
        arguments: TestDatabase.allCases,
        [.min, -62_135_596_800_000_001, 253_402_300_800_000_000, .max] as [Int64])
    func aTimeOutsideTheYears1To9999IsRefused(kind: TestDatabase, microseconds: Int64) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A")
        let moment = Timestamp(microseconds: microseconds)
        let error = #expect(throws: SQLError.self) { try fixture.edit(task.id) { $0.dueAt = moment } }
        #expect(error?.kind == .constraint)
        #expect(try fixture.all() == [task])
    }

    @Test(arguments: TestDatabase.allCases)
    func anEmbeddingMayHoldAnyBits(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A")
        var random = RandomValues(seed: 5)
        let vector = (0..<3000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: random.generator.next())) }
        try fixture.store.perform(fixture.operation()) {
            try $0.save([StoredEmbedding(ownerID: task.id, model: "m", contentHash: "h", vector: vector)])
        }
        let stored = try fixture.store.read { try $0.embeddings(model: "m", of: [task.id])[task.id]?.vector }
        #expect(stored?.map(\.bitPattern) == vector.map(\.bitPattern))
        #expect(try fixture.disagreements().isEmpty)
    }
}
