import MinskyModel

/// One field of a record: its key in minsky's JSON, and how it is got and set.
///
/// `RecordField.all` is the one list of them. JSON, CSV, what other formats carry along (`Carried`), merging and the table in
/// docs/formats.md go by it.
public struct RecordField: Sendable {
    public let key: String
    /// The value as JSON; `null` for none, and for an empty list or object.
    public let value: @Sendable (TaskRecord) -> JSON
    /// Sets the field, `null` to none; false when the value is not of its kind, and then the record is as before.
    let set: @Sendable (inout TaskRecord, JSON) -> Bool

    private init(
        _ key: String, _ value: @escaping @Sendable (TaskRecord) -> JSON,
        set: @escaping @Sendable (inout TaskRecord, JSON) -> Bool
    ) {
        self.key = key
        self.value = value
        self.set = set
    }

    /// The field of a key, or nil when there is none.
    public static func named(_ key: String) -> RecordField? { byKey[key] }

    private static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

    /// Every field, in the order of the documented JSON.
    public static let all: [RecordField] = [
        RecordField(
            "id", { .string($0.reference.description) },
            set: { record, value in
                guard let reference = reference(value) else { return false }
                record.reference = reference
                return true
            }),
        RecordField(
            "title", { .string($0.title) },
            set: { record, value in
                guard let text = value.string, !text.trimmingSpace.isEmpty else { return false }
                record.title = text
                return true
            }),
        text("description", \.description),
        RecordField(
            "status", { .string($0.status.rawValue) },
            set: { record, value in
                guard let status = value.string.flatMap(TaskStatus.init) else { return false }
                record.status = status
                return true
            }),
        RecordField(
            "priority", { .optional($0.priority?.rawValue) },
            set: { record, value in
                let priority = value.string.flatMap { TaskPriority(phrase: $0) }
                guard value == .null || priority != nil else { return false }
                record.priority = priority
                return true
            }),
        link("parentId", \.parent),
        RecordField(
            "tags", { list($0.tags.map(JSON.string)) },
            set: { record, value in
                guard let tags = texts(value) else { return false }
                record.tags = tags.unrepeatedTexts()
                return true
            }),
        RecordField(
            "dependsOn", { list($0.dependsOn.map { .string($0.description) }) },
            set: { record, value in
                let all = (value.array ?? []).map(reference)
                let found = all.compactMap { $0 }
                guard value == .null || value.array != nil, found.count == all.count else { return false }
                record.dependsOn = found.unrepeated()
                return true
            }),
        number("estimateMinutes", 1...100_000_000, \.estimateMinutes),
        number("complexity", 1...10, \.complexity),
        text("complexityReason", \.complexityReason),
        text("project", \.project),
        text("assignee", \.assignee),
        moment("dueAt", \.dueAt),
        moment("waitUntil", \.waitUntil),
        moment("scheduledAt", \.scheduledAt),
        moment("untilAt", \.untilAt),
        text("recurrence", \.recurrence),
        moment("createdAt", \.createdAt),
        text("createdBy", \.createdBy),
        moment("updatedAt", \.updatedAt),
        moment("startedAt", \.startedAt),
        moment("completedAt", \.completedAt),
        link("externalRef", \.externalRef),
        RecordField(
            "notes", { list($0.notes.map(\.json)) },
            set: { record, value in
                let all = (value.array ?? []).map(TaskNote.init(json:))
                let notes = all.compactMap { $0 }
                guard value == .null || value.array != nil, notes.count == all.count else { return false }
                record.notes = notes
                return true
            }),
        RecordField(
            "metadata", { $0.metadata.isEmpty ? .null : JSON.object($0.metadata).canonical },
            set: { record, value in
                guard value == .null || value.members != nil else { return false }
                record.metadata = value.members ?? []
                return true
            }),
    ]

    private static func text(
        _ key: String, _ path: WritableKeyPath<TaskRecord, String?> & Sendable
    ) -> RecordField {
        RecordField(
            key, { .optional($0[keyPath: path]) },
            set: { record, value in
                guard value == .null || value.string != nil else { return false }
                record[keyPath: path] = value.string
                return true
            })
    }

    private static func moment(
        _ key: String, _ path: WritableKeyPath<TaskRecord, Timestamp?> & Sendable
    ) -> RecordField {
        RecordField(
            key, { .optional($0[keyPath: path]?.iso8601) },
            set: { record, value in
                let moment = value.string.flatMap { Timestamp(iso8601: $0) }
                guard value == .null || moment != nil else { return false }
                record[keyPath: path] = moment
                return true
            })
    }

    private static func number(
        _ key: String, _ range: ClosedRange<Int>, _ path: WritableKeyPath<TaskRecord, Int?> & Sendable
    ) -> RecordField {
        RecordField(
            key, { .optional($0[keyPath: path]) },
            set: { record, value in
                let number = value.integer.flatMap { Int(exactly: $0) }
                guard value == .null || number.map(range.contains) == true else { return false }
                record[keyPath: path] = number
                return true
            })
    }

    private static func link(
        _ key: String, _ path: WritableKeyPath<TaskRecord, Reference?> & Sendable
    ) -> RecordField {
        RecordField(
            key, { .optional($0[keyPath: path]?.description) },
            set: { record, value in
                let link = reference(value)
                guard value == .null || link != nil else { return false }
                record[keyPath: path] = link
                return true
            })
    }

    private static func reference(_ value: JSON) -> Reference? {
        value.string.flatMap { Reference($0, defaultSource: "json") }
    }

    private static func list(_ elements: [JSON]) -> JSON { elements.isEmpty ? .null : .array(elements) }

    private static func texts(_ value: JSON) -> [String]? {
        if value == .null { return [] }
        guard let elements = value.array else { return nil }
        let texts = elements.compactMap(\.string)
        return texts.count == elements.count ? texts : nil
    }
}

extension TaskNote {
    /// The note as an object; absent members are left out.
    var json: JSON {
        var members = [JSON.Member("text", .string(text))]
        if let author { members.append(JSON.Member("author", .string(author))) }
        if let createdAt { members.append(JSON.Member("createdAt", .string(createdAt.iso8601))) }
        if let id { members.append(JSON.Member("id", .string(id))) }
        return .object(members)
    }

    /// Reads what `json` writes, or a text alone; nil for anything else.
    init?(json: JSON) {
        guard let text = json.string ?? json["text"]?.string else { return nil }
        let moment = json["createdAt"]?.string.flatMap { Timestamp(iso8601: $0) }
        self.init(text, author: json["author"]?.string, createdAt: moment, id: json["id"]?.string)
    }
}

extension Array where Element: Hashable {
    /// The elements without those that were there before.
    func unrepeated() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

extension [String] {
    /// The texts without those whose bytes were there before; `é` may be spelled in two ways.
    func unrepeatedTexts() -> [String] {
        var seen: Set<ExactText> = []
        return filter { seen.insert(ExactText($0)).inserted }
    }
}
