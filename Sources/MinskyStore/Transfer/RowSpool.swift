import Foundation
import MinskyModel
import MinskySQL

/// Rows of some tables, kept in a file without a name until they are wanted: what is read over a network is read whole before
/// anything here is locked, however much it is. Nothing stays of it when the process ends, however it does.
final class RowSpool {
    private let file: UnsafeMutablePointer<FILE>
    private var tables: [String: (start: Int, rows: Int)] = [:]

    /// Makes the file, for this process's user alone.
    /// - Throws: `SQLError` of kind `.storage`.
    init() throws {
        var path = Array((FileManager.default.temporaryDirectory.path + "/minsky-XXXXXX").utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw Self.failure("made") }
        unlink(path)
        guard let file = fdopen(descriptor, "w+") else {
            close(descriptor)
            throw Self.failure("opened")
        }
        self.file = file
    }

    deinit { fclose(file) }

    /// Adds the rows of a table.
    /// - Parameter rows: Calls its argument with the values of each.
    /// - Throws: `SQLError` of kind `.storage`, or of kind `.constraint` for a value that no database holds; what the closure
    ///   throws.
    func add(_ table: String, rows: (_ add: ([SQLValue]) throws -> Void) throws -> Void) throws {
        guard fseek(file, 0, SEEK_END) == 0 else { throw Self.failure("written") }
        let start = ftell(file)
        var count = 0
        try rows { values in
            count += 1
            try write(Int64(values.count))
            for value in values { try write(value) }
        }
        guard fflush(file) == 0 else { throw Self.failure("written") }
        tables[table] = (start, count)
    }

    /// Passes the rows of a table, as they were added, to a closure; none when it was not.
    /// - Throws: `SQLError` of kind `.storage`, or what the closure throws.
    func rows(of table: String, _ each: ([SQLValue]) throws -> Void) throws {
        guard let (start, count) = tables[table] else { return }
        guard fseek(file, start, SEEK_SET) == 0 else { throw Self.failure("read") }
        for _ in 0..<count {
            let values = try (0..<readNumber()).map { _ in try readValue() }
            try each(values)
        }
    }

    // MARK: Values

    /// What stands before a value, and says which kind it is.
    private enum Mark: Int64 { case null, integer, timestamp, text, storedJSON, rawText, blob }

    private func write(_ value: SQLValue) throws {
        switch value {
        case .null: try write(Mark.null.rawValue)
        case .integer(let number): try write(.integer, number)
        case .timestamp(let moment): try write(.timestamp, moment.microseconds)
        case .text(let text): try write(.text, Array(text.utf8))
        case .json(let json): try write(.storedJSON, Array(try json.storedText().utf8))
        case .storedJSON(let text): try write(.storedJSON, Array(text.utf8))
        case .rawText(let bytes): try write(.rawText, bytes)
        case .blob(let bytes): try write(.blob, bytes)
        case .texts: throw SQLError(kind: .constraint, message: "a row holds no lists")
        }
    }

    private func readValue() throws -> SQLValue {
        switch Mark(rawValue: try readNumber()) {
        case .null: .null
        case .integer: .integer(try readNumber())
        case .timestamp: .timestamp(Timestamp(microseconds: try readNumber()))
        case .text: .text(String(decoding: try readBytes(), as: UTF8.self))
        case .storedJSON: .storedJSON(String(decoding: try readBytes(), as: UTF8.self))
        case .rawText: .rawText(try readBytes())
        case .blob: .blob(try readBytes())
        case nil: throw SQLError(kind: .storage, message: "the file that rows were kept in does not hold them")
        }
    }

    private func write(_ mark: Mark, _ number: Int64) throws {
        try write(mark.rawValue)
        try write(number)
    }

    private func write(_ mark: Mark, _ bytes: [UInt8]) throws {
        try write(mark, Int64(bytes.count))
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Self.failure("written") }
    }

    private func write(_ number: Int64) throws {
        var number = number
        guard fwrite(&number, MemoryLayout<Int64>.size, 1, file) == 1 else { throw Self.failure("written") }
    }

    private func readNumber() throws -> Int64 {
        var number: Int64 = 0
        guard fread(&number, MemoryLayout<Int64>.size, 1, file) == 1 else { throw Self.failure("read") }
        return number
    }

    private func readBytes() throws -> [UInt8] {
        let count = Int(try readNumber())
        guard count >= 0 else { throw Self.failure("read") }
        return try [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            length = fread(buffer.baseAddress, 1, count, file)
            guard length == count else { throw Self.failure("read") }
        }
    }

    private static func failure(_ what: String) -> SQLError {
        let reason = String(cString: strerror(errno))
        return SQLError(
            kind: .storage,
            message:
                "rows cannot be kept: a file cannot be \(what) in \(FileManager.default.temporaryDirectory.path): \(reason)"
        )
    }
}
