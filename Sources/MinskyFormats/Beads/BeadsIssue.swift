import MinskyModel

/// How beads writes one issue in `issues.jsonl`.
enum BeadsIssue {
    static let source = "beads"

    /// Members with a meaning of their own, which metadata of the same name must not take the place of.
    private static let ownMembers: Set<String> = [
        "id", "title", "description", "status", "priority", "assignee", "estimated_minutes", "created_at", "created_by",
        "updated_at", "started_at", "closed_at", "due_at", "defer_until", "metadata", "labels", "dependencies",
        "comments",
        "_type",
    ]
    /// Members of an issue that minsky keeps in the metadata, and writes back where they were.
    private static let keptMembers: Set<String> = [
        "design", "acceptance_criteria", "notes", "issue_type", "owner", "close_reason", "external_ref",
    ]

    // MARK: Reading

    static func record(
        of members: [JSON.Member], line: Int, names: inout TextReferences
    ) -> (record: TaskRecord?, findings: [Finding]) {
        var object = ObjectReader(members, line: line)
        _ = object.take("_type")
        let id = object.text("id")
        object.reference = id
        guard let title = object.text("title"), !title.trimmingSpace.isEmpty else {
            return (nil, [Finding(line: line, reference: id, field: "title", reason: "the issue has none")])
        }
        if id == nil { object.warn("id", "the issue has none; it is known by its title") }
        var record = TaskRecord(reference: reference(id ?? names.next(title)), title: title)
        record.line = line
        record.description = object.text("description")
        record.assignee = object.text("assignee")
        record.createdBy = object.text("created_by")
        record.createdAt = object.moment("created_at")
        record.updatedAt = object.moment("updated_at")
        record.startedAt = object.moment("started_at")
        record.completedAt = object.moment("closed_at")
        record.dueAt = object.moment("due_at")
        record.waitUntil = object.moment("defer_until")
        record.tags = object.texts("labels")
        record.estimateMinutes = object.take("estimated_minutes", "a number of minutes") { value in
            value.integer.flatMap { (0...100_000_000).contains($0) ? Int($0) : nil }
        }
        if record.estimateMinutes == 0 { record.estimateMinutes = nil }
        if let value = object.take("status") {
            let text = value.string ?? value.text()
            record.status = status(text) ?? .todo
            if !["open", "in_progress", "closed"].contains(text) { object.keepOriginal("status", value) }
            if status(text) == nil { object.warn("status", "\(text.quoted) is read as open and kept in the metadata") }
        }
        // beads leaves out a zero when it writes, and zero is the highest.
        let priority = object.take("priority") ?? .integer(0)
        if let number = priority.integer, (0...4).contains(number) {
            record.priority = self.priority(number)
        } else {
            object.warn("priority", "\(priority.text().quoted) is not 0 to 4; kept in the metadata")
            object.keepOriginal("priority", priority)
        }
        readDependencies(&object, &record)
        // What every issue is that says nothing else.
        if object.peek("issue_type") == "task" { _ = object.take("issue_type") }
        record.notes =
            object.take("comments", "a list of comments") { value in
                let notes = (value.array ?? []).compactMap(note)
                return notes.count == value.array?.count ? notes : nil
            } ?? []
        readMetadata(&object, &record)
        return (record, object.warnings)
    }

    /// Metadata of the issue joins the members that have no other place, unless two of them have one name.
    private static func readMetadata(_ object: inout ObjectReader, _ record: inout TaskRecord) {
        let metadata = object.take("metadata")
        var carried: JSON?
        record.metadata = object.rest
        if let members = metadata?.members {
            carried = metadata?[Carried.key]
            let others = members.filter { $0.key != Carried.key }
            let taken = Set(record.metadata.map { JSON.string($0.key) })
            if others.contains(where: { taken.contains(.string($0.key)) }) {
                record[metadata: "metadata"] = .object(others)
            } else {
                record.metadata += others
            }
        } else if let metadata {
            record[metadata: "metadata"] = metadata
        }
        record.settleTimes()
        if let carried { Carried.apply(carried, to: &record) { JSON.object(native($0)) } }
    }

    private static func status(_ text: String) -> TaskStatus? {
        switch text {
        case "open", "blocked", "deferred", "pinned": .todo
        case "in_progress", "hooked": .doing
        case "closed": .done
        case "tombstone": .dropped
        default: nil
        }
    }

    /// 4 is for what is put off, and every issue has a number: it is the one without a priority.
    private static func priority(_ number: Int64) -> TaskPriority? {
        [0: .critical, 1: .high, 2: .medium, 3: .low][number]
    }

    private enum Link {
        case parent(Reference)
        case dependency(Reference)
        case other
    }

    private static func link(_ json: JSON, of issue: Reference) -> Link {
        guard let target = json["depends_on_id"]?.string.flatMap({ $0.isEmpty ? nil : reference($0) }) else {
            return .other
        }
        if let owner = json["issue_id"]?.string, !owner.isEmpty, reference(owner) != issue { return .other }
        let type = String((json["type"]?.string ?? "blocks").map { $0 == "_" ? "-" : $0 })
        switch type {
        case "parent-child": return .parent(target)
        case "blocks", "blocked-by", "conditional-blocks", "waits-for": return .dependency(target)
        default: return .other
        }
    }

    /// What is said about a link besides its target is kept in the metadata, with the links that block nothing.
    private static func readDependencies(_ object: inout ObjectReader, _ record: inout TaskRecord) {
        guard let value = object.take("dependencies") else { return }
        guard let elements = value.array else {
            object.warn("dependencies", "not a list; kept in the metadata")
            return object.keepOriginal("dependencies", value)
        }
        (record.parent, record.dependsOn) = links(elements, of: record.reference)
        let others = elements.filter { if case .other = link($0, of: record.reference) { true } else { false } }.count
        if others > 0 { object.warn("dependencies", "\(others) block nothing; kept in the metadata") }
        let parents = elements.filter { if case .parent = link($0, of: record.reference) { true } else { false } }.count
        if parents > 1 {
            object.warn("dependencies", "more than one parent; the first is taken, all are kept in the metadata")
        }
        if JSON.array(elements).canonical != JSON.array(plainDependencies(record)).canonical {
            object.keepOriginal("dependencies", value)
        }
    }

    private static func links(_ elements: [JSON], of issue: Reference) -> (parent: Reference?, dependsOn: [Reference]) {
        var parent: Reference?
        var dependsOn: [Reference] = []
        for element in elements {
            switch link(element, of: issue) {
            case .parent(let target): parent = parent ?? target
            case .dependency(let target): dependsOn.append(target)
            case .other: break
            }
        }
        return (parent, dependsOn.unrepeated())
    }

    private static func note(_ json: JSON) -> TaskNote? {
        guard let text = json["text"]?.string else { return nil }
        let id = json["id"].flatMap { $0.string ?? $0.number?.text }
        let moment = json["created_at"]?.string.flatMap(ForeignDate.moment)
        return TaskNote(text, author: json["author"]?.string, createdAt: moment, id: id)
    }

    // MARK: Writing

    /// The issue as beads imports it, or nil when its name is one of another program.
    static func object(_ record: TaskRecord) -> JSON? {
        guard id(record.reference) != nil else { return nil }
        var members = native(record)
        var names = TextReferences()
        if let readBack = Self.record(of: members, line: 0, names: &names).record,
            let carried = Carried.object(of: record, readBack: readBack)
        {
            let own = JSON.Member(Carried.key, carried)
            if let index = members.firstIndex(where: { $0.key == "metadata" }) {
                members[index].value = .object((members[index].value.members ?? []) + [own])
            } else {
                members.append(JSON.Member("metadata", .object([own])))
            }
        }
        return .object(members)
    }

    private static func native(_ record: TaskRecord) -> [JSON.Member] {
        var members: [JSON.Member] = []
        func add(_ key: String, _ value: JSON) {
            if value != .null { members.append(JSON.Member(key, value)) }
        }
        add("id", .optional(id(record.reference)))
        add("title", .string(record.title))
        add("description", .optional(record.description))
        for member in record.metadata where keptMembers.contains(member.key) { add(member.key, member.value) }
        add("status", .string(status(record)))
        let numbers: [TaskPriority: Int64] = [.critical: 0, .high: 1, .medium: 2, .low: 3]
        add("priority", .integer(record.priority.flatMap { numbers[$0] } ?? 4))
        if record[metadata: "issue_type"] == nil { add("issue_type", "task") }
        add("assignee", .optional(record.assignee))
        add("estimated_minutes", .optional(record.estimateMinutes))
        add("created_at", .optional(record.createdAt?.iso8601))
        add("created_by", .optional(record.createdBy))
        add("updated_at", .optional(record.updatedAt?.iso8601))
        add("started_at", .optional(record.startedAt?.iso8601))
        add("closed_at", .optional(record.completedAt?.iso8601))
        add("due_at", .optional(record.dueAt?.iso8601))
        add("defer_until", .optional(record.waitUntil?.iso8601))
        if !record.tags.isEmpty { add("labels", .array(record.tags.map(JSON.string))) }
        let dependencies = dependencies(record)
        if !dependencies.isEmpty { add("dependencies", .array(dependencies)) }
        if !record.notes.isEmpty { add("comments", .array(record.notes.map { comment($0, of: record) })) }
        let others = record.metadata.filter { member in
            !keptMembers.contains(member.key) && !ownMembers.contains(member.key) && member.key != Carried.key
                && member.key != ObjectReader.originalKey("status")
                && member.key != ObjectReader.originalKey("dependencies")
        }
        if !others.isEmpty { add("metadata", .object(others)) }
        return members
    }

    private static func status(_ record: TaskRecord) -> String {
        if let kept = record[metadata: ObjectReader.originalKey("status")]?.string,
            status(kept) ?? .todo == record.status
        {
            return kept
        }
        switch record.status {
        case .todo: return "open"
        case .doing: return "in_progress"
        case .done, .dropped: return "closed"
        }
    }

    /// What was read, as long as it means the present links; else the links alone.
    private static func dependencies(_ record: TaskRecord) -> [JSON] {
        if let kept = record[metadata: ObjectReader.originalKey("dependencies")]?.array {
            let (parent, dependsOn) = links(kept, of: record.reference)
            if parent == record.parent, Set(dependsOn) == Set(record.dependsOn) { return kept }
            let others = kept.filter { if case .other = link($0, of: record.reference) { true } else { false } }
            return plainDependencies(record) + others
        }
        return plainDependencies(record)
    }

    private static func plainDependencies(_ record: TaskRecord) -> [JSON] {
        let links = record.dependsOn.map { ($0, "blocks") } + (record.parent.map { [($0, "parent-child")] } ?? [])
        return links.compactMap { target, type in
            guard let target = id(target), let own = id(record.reference) else { return nil }
            return ["issue_id": .string(own), "depends_on_id": .string(target), "type": .string(type)]
        }
    }

    private static func comment(_ note: TaskNote, of record: TaskRecord) -> JSON {
        var members: [JSON.Member] = []
        if let id = note.id {
            // A number where it is one, as old versions have it.
            let number = Int64(id).flatMap { String($0) == id ? JSON.integer($0) : nil }
            members.append(JSON.Member("id", number ?? .string(id)))
        }
        members.append(JSON.Member("issue_id", .optional(id(record.reference))))
        if let author = note.author { members.append(JSON.Member("author", .string(author))) }
        members.append(JSON.Member("text", .string(note.text)))
        if let moment = note.createdAt { members.append(JSON.Member("created_at", .string(moment.iso8601))) }
        return .object(members)
    }

    // MARK: Names

    /// What stands before minsky's own ids, as the name of the project stands before those of beads.
    private static let prefix = "minsky-"

    static func reference(_ id: String) -> Reference {
        if id.hasPrefix(prefix), Identifier.bits(of: String(id.dropFirst(prefix.count))) != nil {
            return Reference(minsky: String(id.dropFirst(prefix.count)))
        }
        return Reference(source: source, id: id)
    }

    static func id(_ reference: Reference) -> String? {
        if reference.source == source { return reference.id }
        return reference.isOwn ? prefix + reference.id : nil
    }
}
