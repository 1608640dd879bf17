import MinskyModel
import MinskySQL

/// The operations of a replica that wait to be pushed and touch rows which others have changed: they are taken back, newest
/// first, and laid over what the others did.
struct Rebase {
    /// The rows that are not what they were.
    let keys: Set<RowKey>
    /// Oldest first, as they are in the log.
    private let waiting: [LoggedOperation]

    /// Finds what is concerned.
    /// - Parameters:
    ///   - operations: What is brought.
    ///   - isWhole: Whether all that waits is, as rows that refer to others may stand only together with these.
    init(_ session: some StoreSession, bringing operations: [LoggedOperation], isWhole: Bool = false) throws {
        var keys = Set(operations.flatMap(\.changes).map { RowKey($0) })
        guard !operations.isEmpty || isWhole else {
            self.keys = []
            waiting = []
            return
        }
        var rows: [Int64: Set<RowKey>] = [:]
        try session.reader.query(
            """
            SELECT operation, table_name, row_id FROM changes
            WHERE operation IN (SELECT number FROM operations WHERE sequence IS NULL)
            """
        ) { rows[try $0.integer(0), default: []].insert(RowKey(try $0.text(1), try $0.text(2))) }
        var left = rows
        var chosen = Set<Int64>()
        func choose(_ isWanted: (Set<RowKey>) -> Bool) {
            for (number, own) in left where isWanted(own) {
                chosen.insert(number)
                keys.formUnion(own)
                left[number] = nil
            }
        }
        func load() throws -> [LoggedOperation] {
            var count: Int
            repeat {
                count = chosen.count
                choose { !$0.isDisjoint(with: keys) }
            } while chosen.count > count
            return try session.operations(
                where: "number IN (\(session.reader.listed(chosen.sorted())))", orderedBy: "number", changes: .max)
        }
        // How tasks hang together is one thing: a circle may go through rows that nobody else has touched, and what one edit
        // takes another one may have freed.
        func chooseStructure() { choose { $0.contains { ["tasks", "task_dependencies"].contains($0.table) } } }
        let isStructural = operations.contains(where: \.isStructural)
        if isWhole { choose { _ in true } } else if isStructural { chooseStructure() }
        var found = try load()
        if !isStructural, found.contains(where: \.isStructural) {
            chooseStructure()
            found = try load()
        }
        self.keys = keys
        waiting = found
    }

    /// The changes of one of the waiting operations, as they are in the log.
    func changes(of id: String) -> [Change] { waiting.first { $0.id == id }?.changes ?? [] }

    /// The rows of changes that cannot be read: nobody can say from the log what they were before.
    var unreadable: Set<RowKey> { Set(waiting.flatMap(\.changes).filter { !$0.isReadable }.map { RowKey($0) }) }

    /// Makes the rows what they were before what waits: what the upstream had.
    func takeBack(on rows: WorkingRows) throws {
        try rows.load(keys)
        for operation in waiting.reversed() {
            for change in operation.changes.reversed() {
                let key = RowKey(change)
                rows[key] = RowFields.takeBack(change, from: rows[key])
            }
        }
    }

    /// The rows as they are.
    func rows(_ writer: any Writer, _ schema: Schema) throws -> WorkingRows {
        let rows = WorkingRows(writer, schema)
        try rows.load(keys)
        return rows
    }

    /// Lays what waits over the rows, as the upstream will when it is pushed, and has the log say what it does here.
    /// - Parameter acknowledged: Operations that wait no longer.
    /// - Throws: `CareNeeded` when the rows may not stand together.
    func layOver(_ rows: WorkingRows, except acknowledged: Set<String>, _ care: inout Care) throws {
        let left = waiting.filter { !acknowledged.contains($0.id) }
        guard !left.isEmpty else { return }
        let writer = rows.writer
        let intended = left.map { $0.asIntended() }
        let merger = Merger(
            rows,
            others: OtherEdits(
                writer, besides: left,
                floor: try writer.first("SELECT floor FROM store_state") { try $0.integer(0) } ?? 0),
            strategies: try writer.strategies(), now: try writer.moment(), care: care)
        try merger.prepare(intended)
        var rewritten: [(Int64, [Change])] = []
        for (operation, intended) in zip(left, intended) {
            care.current = intended.id
            let outcome = try merger.merge(intended)
            if care.isNeeded { try rows.writeStanding(intended) }
            let changes = outcome.changes.enumerated().map { place, change in
                guard place < intended.changes.count else { return change.with { $0.original = .object([]) } }
                let original = intended.changes[place]
                guard change != original else { return change }
                return change.with {
                    $0.original = ["kind": .string(original.kind.rawValue), "fields": original.fields]
                }
            }
            // Where positions tell the order (`arrangeWaiting`), what comes later stays later.
            if changes != operation.changes || writer.dialect == .postgres && !rewritten.isEmpty {
                rewritten.append((operation.number, changes))
            }
        }
        try rows.write(isAwaited: false)
        if !care.isNeeded { try rows.requireNoCircles(intended) }
        for (number, _) in rewritten { try writer.execute("DELETE FROM changes WHERE operation = \(number)") }
        try writer.appendChanges(of: rewritten)
    }
}
