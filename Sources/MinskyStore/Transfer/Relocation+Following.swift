import MinskySQL

// Following: what people do at the source is brought to the target while they go on.

extension Relocation {
    /// How much was brought.
    struct Brought {
        var operations = 0
        /// The changes of these.
        var changes = 0

        mutating func add(_ more: Brought) {
            operations += more.operations
            changes += more.changes
        }
    }

    /// A target is close behind when less than so many changes were made while the last ones were brought.
    private static let few = 200
    /// How often a target that comes no closer is brought what is new before the source is fenced all the same.
    private static let rounds = 10

    /// Follows the source until little is left to bring.
    /// - Parameter isWaiting: Whether to go on until nothing is.
    func catchUp(untilNothingIsLeft isWaiting: Bool = false, _ progress: (Progress) throws -> Void) throws -> Brought {
        var total = Brought()
        for round in 1... {
            let brought = try followOnce()
            total.add(brought)
            try progress(
                .following(operations: total.operations, lag: try Self.lag(of: source, behind: target)))
            if isWaiting ? brought.operations == 0 : brought.changes < Self.few { break }
            if round == Self.rounds, !isWaiting, !isPatient { break }
        }
        return total
    }

    /// How many operations of a source are not at the target yet.
    /// - Throws: `SQLError`.
    public static func lag(of source: Store, behind target: any Database) throws -> Int {
        let last = try target.read { try StoreCopy(schema: source.schema).lastSequence($0) }
        let count = try source.database.read { reader in
            try reader.first("SELECT count(*) FROM operations WHERE sequence > \(last) OR sequence IS NULL") {
                try $0.integer(0)
            }
        }
        return Int(count ?? 0)
    }

    /// Brings what has happened since the target's last operation.
    func followOnce() throws -> Brought {
        try source.number()
        return try source.database.read { try follow($0) }
    }

    /// Brings what a view of the source has and the target does not, and makes sure that it arrived.
    func follow(_ reader: any Reader) throws -> Brought {
        let last = try target.read { try copy.lastSequence($0) }
        let touched = try copy.touched(reader, after: last)
        guard !touched.isEmpty else { return Brought() }
        let brought = try target.write { writer in
            try requireFilling(writer)
            return try writer.withoutLogging {
                try copy.follow(writer, from: reader, touched: touched, after: last)
            }
        }
        try requireNone(try target.read { try copy.differences(reader, $0, in: touched) })
        return brought
    }
}
