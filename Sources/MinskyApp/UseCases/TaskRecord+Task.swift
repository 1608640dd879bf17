import MinskyFormats
import MinskyModel
import MinskySQL
import MinskyStore

extension TaskRecord {
    /// A stored task in the terms of a format.
    /// - Parameter name: What the format calls another task.
    init(
        _ task: TaskItem, notes: [Note], to format: String, _ recurrence: ForeignRecurrence,
        name: (String) -> Reference
    ) {
        let elsewhere = task.externalRef.flatMap { Reference($0, defaultSource: Reference.ownSource) }
        // A task goes back to where it comes from by the name it has there; minsky's own list tells both.
        let isFromThere = elsewhere?.source == format && format != "json"
        self.init(
            reference: isFromThere ? elsewhere ?? Reference(minsky: task.id) : Reference(minsky: task.id),
            title: task.title)
        externalRef = isFromThere ? nil : elsewhere
        description = task.description
        status = task.status
        priority = task.priority
        parent = task.parentID.map(name)
        dependsOn = task.dependsOn.map(name)
        tags = task.tags
        project = task.project
        assignee = task.assignee
        dueAt = task.dueAt
        waitUntil = task.waitUntil
        scheduledAt = task.scheduledAt
        untilAt = task.untilAt
        self.recurrence = task.recurrence
        estimateMinutes = task.estimateMinutes
        complexity = task.complexity
        complexityReason = task.complexityReason
        createdAt = task.createdAt
        createdBy = task.createdBy
        updatedAt = task.updatedAt
        startedAt = task.startedAt
        completedAt = task.completedAt
        // Ids go along only where the format has a place for them.
        let hasIDs = format == "json" || format == "beads"
        self.notes = notes.map { note in
            TaskNote(note.body, author: note.author, createdAt: note.createdAt, id: hasIDs ? note.id : nil)
        }
        metadata = task.metadata.members ?? []
        recurrence.write(&self)
    }
}

extension TaskItem {
    /// The task that a storable record stands for; its links and its rank are still to come.
    init(_ record: TaskRecord, id: String, now: Timestamp) {
        self.init(
            id: id, title: record.title, rank: "", createdAt: record.createdAt ?? min(now, record.completedAt ?? now),
            createdBy: record.createdBy)
        description = record.description
        status = record.status
        priority = record.priority
        tags = record.tags.map(ExactText.init).sortedTexts()
        project = record.project
        assignee = record.assignee
        dueAt = record.dueAt
        waitUntil = record.waitUntil
        scheduledAt = record.scheduledAt
        untilAt = record.untilAt
        recurrence = record.recurrence
        estimateMinutes = record.estimateMinutes
        complexity = record.complexity
        complexityReason = record.complexityReason
        updatedAt = record.updatedAt ?? now
        startedAt = status == .todo ? nil : record.startedAt ?? (status == .doing ? now : nil)
        completedAt = status.isOpen ? nil : record.completedAt ?? now
        externalRef = (record.reference.isOwn ? record.externalRef : record.reference)?.description
        metadata = JSON.object(record.metadata).canonical
    }
}

extension ImportPlan {
    /// Makes a record one that every database holds: what does not fit its field goes into the metadata.
    mutating func makeStorable(_ record: inout TaskRecord, id: String, isTemplate: Bool) {
        record.title = record.title.trimmingSpace
        if record.description == "" { record.description = nil }
        for (key, path) in Self.names {
            guard let text = record[keyPath: path] else { continue }
            guard text.isEmpty || text.unicodeScalars.count > ImportLimits.name else { continue }
            if !text.isEmpty {
                keep(key, .string(text), "longer than \(ImportLimits.name) characters", of: id, &record)
            }
            record[keyPath: path] = nil
        }
        for (key, path) in Self.moments {
            guard let moment = record[keyPath: path], (try? moment.storable()) == nil else { continue }
            keep(key, .string(moment.iso8601), "outside the years 1 to 9999", of: id, &record)
            record[keyPath: path] = nil
        }
        let tooLong = record.tags.filter { $0.unicodeScalars.count > ImportLimits.name }
        if !tooLong.isEmpty {
            keep(
                "tags", .array(tooLong.map(JSON.string)), "longer than \(ImportLimits.name) characters", of: id, &record
            )
        }
        var seen: Set<ExactText> = []
        record.tags = record.tags.filter {
            !$0.isEmpty && $0.unicodeScalars.count <= ImportLimits.name && seen.insert(ExactText($0)).inserted
        }
        if let minutes = record.estimateMinutes, minutes < 1 { record.estimateMinutes = nil }
        if let complexity = record.complexity, !(1...10).contains(complexity) {
            keep("complexity", .integer(Int64(complexity)), "not from 1 to 10", of: id, &record)
            record.complexity = nil
        }
        if let reason = recurrence.store(&record, isTemplate: isTemplate) { warn(id, "recurrence", reason) }
        if !record.reference.isOwn, let other = record.externalRef {
            record[metadata: "externalRef"] = .string(other.description)
        }
        if let name = record.externalRef?.description, name.unicodeScalars.count > ImportLimits.reference {
            keep("externalRef", .string(name), "longer than \(ImportLimits.reference) characters", of: id, &record)
            record.externalRef = nil
        }
        dropUnstorableMetadata(of: &record, id: id)
    }

    private mutating func dropUnstorableMetadata(of record: inout TaskRecord, id: String) {
        var keys: Set<ExactText> = []
        var kept: [JSON.Member] = []
        for member in record.metadata where keys.insert(ExactText(member.key)).inserted {
            do {
                try JSON.object([member]).requireStorable()
                kept.append(member)
            } catch {
                warn(id, "metadata", "\(member.key.quotedForReport) cannot be stored; left out")
            }
        }
        record.metadata = kept
    }

    /// Keeps a value that does not fit its field.
    private mutating func keep(
        _ key: String, _ value: JSON, _ reason: String, of id: String, _ record: inout TaskRecord
    ) {
        let name = "original" + key.prefix(1).uppercased() + key.dropFirst()
        if record[metadata: name] == nil { record[metadata: name] = value }
        warn(id, key, "\(reason); kept in the metadata")
    }

    private static var names: [(String, WritableKeyPath<TaskRecord, String?>)] {
        [("project", \.project), ("assignee", \.assignee)]
    }

    private static var moments: [(String, WritableKeyPath<TaskRecord, Timestamp?>)] {
        [
            ("dueAt", \.dueAt), ("waitUntil", \.waitUntil), ("scheduledAt", \.scheduledAt), ("untilAt", \.untilAt),
            ("createdAt", \.createdAt), ("updatedAt", \.updatedAt), ("startedAt", \.startedAt),
            ("completedAt", \.completedAt),
        ]
    }
}
