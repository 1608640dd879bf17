import MinskyModel

/// How Taskwarrior writes one task: an object of the attributes that its documents list, and user-defined ones.
///
/// Source: the list of attributes in Taskwarrior's "Taskwarrior JSON Format".
enum TaskwarriorTask {
    static let source = "taskwarrior"

    /// Attributes that are never user-defined. `id` and `urgency` are made anew whenever Taskwarrior shows a task.
    private static let attributes: Set<String> = [
        "id", "uuid", "description", "status", "project", "priority", "recur", "entry", "modified", "modification",
        "start",
        "end", "due", "wait", "scheduled", "until", "urgency", "tags", "depends", "annotations", Carried.key,
    ]

    // MARK: Reading

    static func record(
        of members: [JSON.Member], line: Int, names: inout TextReferences
    ) -> (record: TaskRecord?, findings: [Finding]) {
        var object = ObjectReader(members, line: line)
        _ = (object.take("id"), object.take("urgency"))
        let uuid = object.text("uuid")?.lowercased()
        object.reference = uuid
        guard let title = object.text("description"), !title.trimmingSpace.isEmpty else {
            return (nil, [Finding(line: line, reference: uuid, field: "description", reason: "the task has none")])
        }
        if uuid == nil { object.warn("uuid", "the task has none; it is known by its description") }
        var record = TaskRecord(reference: uuid.map(reference) ?? reference(names.next(title)), title: title)
        record.line = line
        record.createdAt = moment("entry", &object)
        // `modification` is the name in old versions.
        let modification = moment("modification", &object)
        record.updatedAt = moment("modified", &object) ?? modification
        record.startedAt = moment("start", &object)
        record.completedAt = moment("end", &object)
        record.dueAt = moment("due", &object)
        record.waitUntil = moment("wait", &object)
        record.scheduledAt = moment("scheduled", &object)
        record.untilAt = moment("until", &object)
        record.recurrence = object.text("recur")
        record.project = object.text("project")
        record.tags = object.texts("tags")
        readStatus(&object, &record)
        record.priority = object.take("priority", "H, M or L") { priority($0.string ?? "") }
        record.dependsOn = depends(&object)
        record.notes = annotations(&object)
        let carried = object.take(Carried.key).flatMap { $0.string.flatMap { try? JSON(parsing: $0) } ?? $0 }
        record.metadata = object.rest
        record.settleTimes()
        if let carried { Carried.apply(carried, to: &record) { JSON.object(native($0)) } }
        return (record, object.warnings)
    }

    private static func readStatus(_ object: inout ObjectReader, _ record: inout TaskRecord) {
        let value = object.take("status")
        let text = value?.string ?? "pending"
        record.status = status(text, isStarted: record.startedAt != nil) ?? .todo
        switch text {
        case "pending", "completed", "deleted": break
        case "waiting", "recurring": object.keepOriginal("status", .string(text))
        default:
            object.warn("status", "\(text.quoted) is none of Taskwarrior's; read as pending and kept in the metadata")
            object.keepOriginal("status", .string(text))
        }
    }

    private static func status(_ text: String, isStarted: Bool) -> TaskStatus? {
        switch text {
        case "pending", "waiting", "recurring": isStarted ? .doing : .todo
        case "completed": .done
        case "deleted": .dropped
        default: nil
        }
    }

    private static func priority(_ text: String) -> TaskPriority? {
        switch text.uppercased() {
        case "H": .high
        case "M": .medium
        case "L": .low
        default: nil
        }
    }

    /// Dates are written as in iCalendar; epoch seconds, as in data files, are accepted too.
    private static func moment(_ key: String, _ object: inout ObjectReader) -> Timestamp? {
        object.take(key, "a date", moment)
    }

    private static func moment(_ value: JSON) -> Timestamp? {
        if let seconds = value.integer { return ForeignDate.epoch(seconds: seconds) }
        guard let text = value.string else { return nil }
        return Int64(text).flatMap(ForeignDate.epoch) ?? ForeignDate.moment(text)
    }

    /// A list, a text with commas, or a list written into a text.
    private static func depends(_ object: inout ObjectReader) -> [Reference] {
        let texts = object.take("depends", "a list of tasks") { value -> [String]? in
            var value = value
            if let text = value.string, text.trimmingSpace.hasPrefix("["), let inner = try? JSON(parsing: text) {
                value = inner
            }
            if let text = value.string {
                return text.split(separator: ",").map { String($0).trimmingSpace }.filter { !$0.isEmpty }
            }
            guard let elements = value.array else { return nil }
            let texts = elements.compactMap(\.string)
            return texts.count == elements.count ? texts.filter { !$0.isEmpty } : nil
        }
        return (texts ?? []).map { reference($0.lowercased()) }.unrepeated()
    }

    private static func annotations(_ object: inout ObjectReader) -> [TaskNote] {
        object.take("annotations", "a list of annotations") { value -> [TaskNote]? in
            guard let elements = value.array else { return nil }
            let notes = elements.compactMap { element -> TaskNote? in
                guard let text = element["description"]?.string ?? element.string else { return nil }
                return TaskNote(text, createdAt: element["entry"].flatMap(moment))
            }
            return notes.count == elements.count ? notes : nil
        } ?? []
    }

    // MARK: Writing

    /// A task as Taskwarrior imports it, or nil when its name cannot be a uuid.
    static func object(_ record: TaskRecord) -> JSON? {
        guard uuid(record.reference) != nil else { return nil }
        var members = native(record)
        var names = TextReferences()
        if let readBack = Self.record(of: members, line: 0, names: &names).record,
            let carried = Carried.object(of: record, readBack: readBack)
        {
            members.append(JSON.Member(Carried.key, .string(carried.text())))
        }
        return .object(members)
    }

    /// What Taskwarrior has words for.
    private static func native(_ record: TaskRecord) -> [JSON.Member] {
        var members: [JSON.Member] = []
        func add(_ key: String, _ value: JSON) {
            if value != .null { members.append(JSON.Member(key, value)) }
        }
        add("uuid", .optional(uuid(record.reference)))
        add("description", .string(record.title))
        add("status", .string(status(record)))
        add("project", .optional(record.project))
        let letters: [TaskPriority: String] = [.critical: "H", .high: "H", .medium: "M", .low: "L"]
        add("priority", .optional(record.priority.flatMap { letters[$0] }))
        add("recur", .optional(record.recurrence))
        add("entry", date(record.createdAt))
        add("modified", date(record.updatedAt))
        add("start", date(record.status == .doing ? record.startedAt ?? record.updatedAt : record.startedAt))
        add("end", date(record.completedAt))
        add("due", date(record.dueAt))
        add("wait", date(record.waitUntil))
        add("scheduled", date(record.scheduledAt))
        add("until", date(record.untilAt))
        if !record.tags.isEmpty { add("tags", .array(record.tags.map(JSON.string))) }
        let uuids = record.dependsOn.compactMap(uuid)
        if !uuids.isEmpty { add("depends", .array(uuids.map(JSON.string))) }
        if !record.notes.isEmpty { add("annotations", .array(record.notes.map(annotation))) }
        for member in record.metadata where !attributes.contains(member.key) {
            if member.key == ObjectReader.originalKey("status"), member.value.string == status(record) { continue }
            if member.value.string != nil || member.value.number != nil { members.append(member) }
        }
        return members
    }

    /// A status that was kept in the metadata holds as long as it means the present one.
    private static func status(_ record: TaskRecord) -> String {
        if let kept = record[metadata: ObjectReader.originalKey("status")]?.string,
            status(kept, isStarted: record.status == .doing) == record.status
        {
            return kept
        }
        switch record.status {
        case .todo, .doing: return "pending"
        case .done: return "completed"
        case .dropped: return "deleted"
        }
    }

    private static func annotation(_ note: TaskNote) -> JSON {
        var members = [JSON.Member("description", .string(note.text))]
        if note.createdAt != nil { members.insert(JSON.Member("entry", date(note.createdAt)), at: 0) }
        return .object(members)
    }

    /// `20261201T100000Z`; Taskwarrior knows no part of a second.
    private static func date(_ moment: Timestamp?) -> JSON {
        .optional(moment.map { $0.iso8601.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z" })
    }

    // MARK: Names

    /// The first four bytes of the uuids that stand for minsky's ids: "mins".
    private static let marker = "6d696e73"

    /// The reference of a uuid, which may be an id of minsky in disguise.
    static func reference(_ uuid: String) -> Reference {
        let digits = Array(uuid.utf8).filter { $0 != UInt8(ascii: "-") }
        if uuid.utf8.count == 36, digits.count == 32, uuid.hasPrefix(marker + "-"), digits[12] == UInt8(ascii: "8"),
            digits[16..<19].elementsEqual("800".utf8)
        {
            let hex = digits[8..<12] + digits[13..<16] + digits[19...]
            let bytes = stride(from: 0, to: 20, by: 2).compactMap { index in
                UInt8(String(decoding: Array(hex)[index..<index + 2], as: UTF8.self), radix: 16)
            }
            if bytes.count == 10 { return Reference(minsky: Identifier.text(ofBits: bytes)) }
        }
        return Reference(source: source, id: uuid)
    }

    /// The uuid of a task: its own, or one of version 8 (RFC 9562, section 5.8) that holds the 80 bits of minsky's id.
    static func uuid(_ reference: Reference) -> String? {
        if reference.source == source { return reference.id }
        guard reference.isOwn, let bits = Identifier.bits(of: reference.id) else { return nil }
        let hex = bits.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let digits = Array(hex)
        return "\(marker)-\(String(digits[0..<4]))-8\(String(digits[4..<7]))-800\(digits[7])-\(String(digits[8...]))"
    }
}
