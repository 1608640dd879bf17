import MinskyModel

/// Something to report about what was read or written.
public struct Finding: Sendable, Hashable, CustomStringConvertible {
    /// The line it is about, from 1; 0 when there is none.
    public var line: Int
    /// The task it is about, as its file calls it.
    public var reference: String?
    /// The field it is about, as its file calls it.
    public var field: String?
    /// What is wrong and what was done about it. Quotes from the file are short and safe to print.
    public var reason: String

    /// Creates a finding.
    public init(line: Int, reference: String? = nil, field: String? = nil, reason: String) {
        self.line = line
        self.reference = reference
        self.field = field
        self.reason = reason
    }

    public var description: String {
        let place = [line > 0 ? "line \(line)" : nil, reference?.quoted, field?.quoted].compactMap { $0 }
        return place.isEmpty ? reason : place.joined(separator: ", ") + ": " + reason
    }
}

/// What a reader has to say while it reads.
public enum ReadingEvent: Sendable {
    /// A task. Its links may lead to tasks that come later or never; `RecordCollector` settles that.
    case record(TaskRecord)
    /// Fields, by key, of a task that is described elsewhere.
    case amendment(Reference, fields: [JSON.Member], line: Int)
    /// Something that should have been a task and could not be read; nothing of it is kept.
    case skipped(Finding)
    /// Something that was read differently from how it was written, or not kept.
    case warning(Finding)
}

/// Reads one format from bytes that arrive in pieces of any size, and keeps no more of them than one record needs.
///
/// No input makes it fail: what cannot be read is an event, and the rest is read.
public protocol FormatReader: Sendable {
    /// Reads the next bytes.
    mutating func read(_ bytes: ArraySlice<UInt8>) -> [ReadingEvent]
    /// Reads what is left once all bytes have been given.
    mutating func finish() -> [ReadingEvent]
}

/// Writes one format, record by record. Parents may come before or after what is below them.
public protocol FormatWriter: Sendable {
    /// The bytes that can be written once this record is known.
    mutating func write(_ record: TaskRecord) -> [UInt8]
    /// The rest of the bytes.
    mutating func finish() -> [UInt8]
    /// What could not be written, so far.
    var losses: [Finding] { get }
}

/// What a format needs to know besides the bytes.
public struct FormatOptions: Sendable {
    /// The local zone's seconds east of UTC at a moment, for dates without a time.
    public var utcOffset: @Sendable (Timestamp) -> Int
    /// The list of a Task Master complexity report, which does not name it.
    public var taskMasterTag: String

    /// Creates options.
    public init(
        utcOffset: @escaping @Sendable (Timestamp) -> Int = { _ in 0 }, taskMasterTag: String = TaskMaster.defaultTag
    ) {
        self.utcOffset = utcOffset
        self.taskMasterTag = taskMasterTag
    }
}

extension String {
    /// The text as a message quotes it: at most 60 characters, safe to print, in quotation marks.
    var quoted: String {
        let start = unicodeScalars.prefix(60)
        let isWhole = start.endIndex == unicodeScalars.endIndex
        return "“" + String(String.UnicodeScalarView(start)).terminalSafe() + (isWhole ? "”" : "…”")
    }
}
