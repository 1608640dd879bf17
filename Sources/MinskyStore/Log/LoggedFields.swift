import MinskyModel
import MinskySQL

/// Fields of a row as the log gives them, as values to bind.
struct LoggedFields {
    let table: Table
    /// The key, from the row's id.
    let key: [(name: String, value: SQLValue)]
    private(set) var fields: [(name: String, value: SQLValue)] = []

    /// Reads the fields of a change. Those of columns that are not known here are passed over.
    /// - Parameter whole: The table as it was when the change was made, if the fields are all of the row: one that is absent
    ///   was null then, and one of a column that was added later had its default.
    /// - Throws: `StoreError` with code `.corrupt`.
    init(_ fields: JSON?, of rowID: String, in table: Table, whole: Table? = nil) throws {
        self.table = table
        // By scalars, not by characters: a part may begin with an accent, which would join the slash before it.
        let parts = rowID.unicodeScalars
            .split(separator: "/", maxSplits: table.key.count - 1, omittingEmptySubsequences: false)
        guard parts.count == table.key.count else {
            throw StoreError(.corrupt, "the change log holds the malformed row id '\(rowID)' of \(table.name)")
        }
        key = zip(table.key, parts).map { ($0, .text(String($1))) }
        guard fields != nil || whole != nil else { return }
        for column in table.loggedColumns {
            if let value = fields?[column.name] {
                self.fields.append((column.name, try column.value(fromLog: value, table: table.name)))
            } else if let whole {
                let wasThere = whole.column(column.name) != nil
                self.fields.append((column.name, wasThere ? .null : try column.valueWhenAdded()))
            }
        }
    }

    /// Sets a field, or replaces what it was.
    mutating func set(_ name: String, to value: SQLValue) {
        fields.removeAll { $0.name == name }
        fields.append((name, value))
    }

    func removing(_ names: [String]) -> LoggedFields {
        var copy = self
        copy.fields.removeAll { names.contains($0.name) }
        return copy
    }

    var keyCondition: SQL { Self.conditions(key) }

    var assignments: SQL {
        SQL.joined(fields.map { "\(unsafeRaw: $0.name) = \($0.value)" }, separator: ", ")
    }

    static func conditions(_ fields: [(name: String, value: SQLValue)]) -> SQL {
        SQL.joined(
            fields.map { $0.value == .null ? "\(unsafeRaw: $0.name) IS NULL" : "\(unsafeRaw: $0.name) = \($0.value)" },
            separator: " AND ")
    }
}

extension Column {
    /// The value a logged field stands for: integers are logged as strings, blobs as hex digits.
    func value(fromLog json: JSON, table: String) throws -> SQLValue {
        if json == .null { return .null }
        switch (kind, json) {
        case (.text, .string(let text)): return .text(text)
        case (.integer, .string(let text)):
            if let value = Int64(text) { return .integer(value) }
        case (.timestamp, .string(let text)):
            if let moment = Timestamp(iso8601: text) { return .timestamp(moment) }
        case (.json, _): return .json(json)
        case (.blob, .string(let hex)):
            if let bytes = Self.bytes(hex: hex) { return .blob(bytes) }
        default: break
        }
        throw StoreError(.corrupt, "the change log holds a value that does not fit \(table).\(name)")
    }

    /// The value that rows which were there before have in a column that was added.
    func valueWhenAdded() throws -> SQLValue {
        guard let literal = defaultValue else { return .null }
        if let number = Int64(literal) { return .integer(number) }
        let text = String(literal.dropFirst().dropLast())
        do {
            return kind == .json ? .json(try JSON(parsing: text)) : .text(text)
        } catch {
            throw StoreError(.corrupt, "the default of \(name) is not JSON")
        }
    }

    /// A stored value in the form it has in the log.
    func read(_ row: any Row, _ column: Int) throws -> SQLValue {
        if row.isNull(column) { return .null }
        return switch kind {
        case .text: .text(try row.text(column))
        case .integer: .integer(try row.integer(column))
        case .timestamp: .timestamp(try row.timestamp(column))
        case .json: .json(try row.json(column))
        case .blob: .blob(try row.blob(column))
        }
    }

    /// A stored value, or nil when it cannot be read, or not every store could hold it.
    func readable(_ row: any Row, _ column: Int) -> SQLValue? {
        guard let value = try? read(row, column), (try? value.requireStorable()) != nil else { return nil }
        return value
    }

    private static func bytes(hex: String) -> [UInt8]? {
        let digits = hex.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == hex.utf8.count, digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
