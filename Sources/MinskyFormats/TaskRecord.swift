// MinskyFormats: reads and writes the task lists of other programs.
//
// Pure: bytes in, records out, and back. Knows no store, file or terminal. May import MinskyModel and nothing else.

import MinskyModel

/// The name a task has in one place: the place and the id there. Written `taskwarrior:<uuid>`, or the id alone for a task
/// of minsky.
///
/// Compared by bytes, as in the databases.
public struct Reference: Sendable, Hashable, CustomStringConvertible {
    /// The source of minsky's own ids.
    public static let ownSource = "minsky"

    /// The kind of place, such as `taskwarrior`; never holds a colon.
    public var source: String
    /// The id there; never empty.
    public var id: String

    /// Creates a reference.
    public init(source: String, id: String) {
        self.source = source
        self.id = id
    }

    /// Creates the reference of a task of minsky.
    public init(minsky id: String) { self.init(source: Self.ownSource, id: id) }

    /// Reads `source:id`, or an id of minsky; any other text is an id in the source that is given. Nil for empty text.
    public init?(_ text: String, defaultSource: String) {
        if Identifier.bits(of: text) != nil {
            self.init(minsky: text)
        } else if let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), colon != text.startIndex,
            text.utf8.index(after: colon) != text.endIndex, text[..<colon].utf8.allSatisfy(Self.isSourceByte)
        {
            self.init(source: String(text[..<colon]), id: String(text[text.utf8.index(after: colon)...]))
        } else if !text.isEmpty {
            self.init(source: defaultSource, id: text)
        } else {
            return nil
        }
    }

    /// The reference as `Reference.init(_:defaultSource:)` reads it.
    public var description: String { isOwn ? id : "\(source):\(id)" }

    /// Whether it is an id of minsky.
    public var isOwn: Bool { source == Self.ownSource && Identifier.bits(of: id) != nil }

    private static func isSourceByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "-")
    }

    public static func == (left: Reference, right: Reference) -> Bool {
        left.id.utf8.elementsEqual(right.id.utf8) && left.source.utf8.elementsEqual(right.source.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        JSON.string(source).hash(into: &hasher)
        JSON.string(id).hash(into: &hasher)
    }
}

/// Something that was said about a task.
public struct TaskNote: Sendable {
    public var text: String
    public var author: String?
    public var createdAt: Timestamp?
    /// The id it has where it comes from.
    public var id: String?

    /// Creates a note.
    public init(_ text: String, author: String? = nil, createdAt: Timestamp? = nil, id: String? = nil) {
        self.text = text
        self.author = author
        self.createdAt = createdAt
        self.id = id
    }
}

/// A task as it travels between minsky and other programs: what any of the formats can say of one.
///
/// `RecordField.all` is the one list of what it holds. Two records are equal when the JSON of all fields is.
public struct TaskRecord: Sendable, Hashable {
    /// What the task is called where it comes from, or its id when it comes from minsky.
    public var reference: Reference
    /// What other records of the same file call it, when that is something else.
    public var alias: Reference?
    /// Another name the task has, besides `reference`.
    public var externalRef: Reference?
    /// The line of the file on which it begins, from 1; 0 when it does not come from a file.
    public var line = 0

    public var title: String
    public var description: String?
    public var status: TaskStatus = .todo
    public var priority: TaskPriority?
    public var parent: Reference?
    /// The tasks that must be done first.
    public var dependsOn: [Reference] = []
    public var tags: [String] = []
    /// A dotted name, as in Taskwarrior.
    public var project: String?
    public var assignee: String?
    public var dueAt: Timestamp?
    public var waitUntil: Timestamp?
    public var scheduledAt: Timestamp?
    /// When the task expires.
    public var untilAt: Timestamp?
    /// In the words of the program it comes from.
    public var recurrence: String?
    /// Estimated work, in minutes.
    public var estimateMinutes: Int?
    /// 1 (trivial) to 10 (hardest).
    public var complexity: Int?
    public var complexityReason: String?
    public var createdAt: Timestamp?
    public var createdBy: String?
    public var updatedAt: Timestamp?
    public var startedAt: Timestamp?
    public var completedAt: Timestamp?
    public var notes: [TaskNote] = []
    /// Everything that has no other place, by the name it had; keys appear once.
    public var metadata: [JSON.Member] = []

    /// Creates a task that is to do.
    public init(reference: Reference, title: String) {
        self.reference = reference
        self.title = title
    }

    /// Puts a value into the metadata, or takes it out for nil.
    public subscript(metadata key: String) -> JSON? {
        get { metadata.first { $0.key.utf8.elementsEqual(key.utf8) }?.value }
        set {
            let index = metadata.firstIndex { $0.key.utf8.elementsEqual(key.utf8) }
            if let index, let newValue {
                metadata[index].value = newValue
            } else if let index {
                metadata.remove(at: index)
            } else if let newValue {
                metadata.append(JSON.Member(key, newValue))
            }
        }
    }

    /// Makes the times agree with the status, as the store wants it: a finished task has an end and no other has one, and of
    /// open tasks exactly those that are being done have a start. What has no place then goes to the metadata.
    mutating func settleTimes() {
        if status.isOpen, let end = completedAt {
            self[metadata: "originalCompletedAt"] = .string(end.iso8601)
            completedAt = nil
        }
        if status == .todo, let start = startedAt {
            self[metadata: "originalStartedAt"] = .string(start.iso8601)
            startedAt = nil
        }
        if !status.isOpen { completedAt = completedAt ?? updatedAt ?? createdAt }
        if status == .doing { startedAt = startedAt ?? updatedAt ?? createdAt }
    }

    public static func == (left: TaskRecord, right: TaskRecord) -> Bool {
        RecordField.all.allSatisfy { $0.value(left) == $0.value(right) }
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(reference) }
}
