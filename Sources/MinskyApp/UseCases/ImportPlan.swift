import MinskyFormats
import MinskyModel
import MinskyStore

/// What an import is going to write, worked out from a file and from what the store holds.
struct ImportPlan {
    let format: Format
    let workspaceID: String
    let caller: Caller
    let now: Timestamp
    let recurrence: ForeignRecurrence
    let options: FormatOptions
    private var records: RecordCollector
    private var untold: (skipped: Int, warnings: Int)

    /// Tasks that are not there yet, in the order of the file.
    var created: [TaskItem] = []
    /// Tasks that are there, as they are and as they are going to be.
    var changed: [(old: TaskItem, new: TaskItem)] = []
    /// Ids of tasks of which only notes change.
    var annotated: [String] = []
    var notes = NoteChanges()
    private(set) var unchanged = 0
    private(set) var skipped: [Finding] = []
    var warnings: [Finding] = []
    /// The line on which a task begins, by its id, and what the file calls it.
    private(set) var places: [String: (line: Int, reference: String)] = [:]
    /// Tasks of which the file says only some fields.
    private var amended: Set<Reference> = []

    init(
        _ reading: ImportTasks.Reading, workspaceID: String, environment: Environment, caller: Caller, now: Timestamp
    ) {
        format = reading.format
        records = reading.records
        untold = (
            max(0, reading.skipped - ImportTasks.mostFindings), max(0, reading.warnings - ImportTasks.mostFindings)
        )
        self.workspaceID = workspaceID
        self.caller = caller
        self.now = now
        recurrence = ForeignRecurrence(reading.format.name, in: environment)
        options = FormatOptions(utcOffset: environment.utcOffset)
    }

    /// Works the plan out.
    mutating func make(revives: Bool, in session: some StoreSession) throws {
        let stored = try StoredTasks(of: records, workspaceID: workspaceID, in: session)
        records.settle { stored.task($0).map { $0.deletedAt == nil } ?? false }
        skipped = records.skipped
        warnings = records.warnings
        amend(stored, in: session)
        var incoming = try accept(stored, revives: revives, in: session)
        resolveLinks(of: &incoming, stored)
        try merge(incoming, in: session)
        try cutCircles(in: session)
        try placeAmongSiblings(in: session)
        try planNotes(of: incoming, in: session)
        let touched = Set(changed.map(\.new.id)).union(annotated)
        unchanged = incoming.count { $0.old != nil && !touched.contains($0.task.id) }
    }

    var result: ImportTasks.Result {
        ImportTasks.Result(
            created: created.map(\.id), updated: changed.map(\.new.id) + annotated, unchanged: unchanged,
            skipped: skipped.map { (ref: $0.reference ?? ($0.line > 0 ? "line \($0.line)" : ""), reason: reason($0)) }
                + (untold.skipped > 0 ? [(ref: "", reason: "and \(untold.skipped) more")] : []),
            warnings: warnings.map(\.description) + (untold.warnings > 0 ? ["and \(untold.warnings) more"] : []),
            format: format.name)
    }

    private func reason(_ finding: Finding) -> String {
        var finding = finding
        if finding.reference == nil { finding.line = 0 }
        finding.reference = nil
        return finding.description
    }

    mutating func skip(_ record: TaskRecord, _ reason: String) {
        skipped.append(Finding(line: record.line, reference: record.reference.id, reason: reason))
    }

    /// Tells something about a task by its id.
    mutating func warn(_ id: String, _ field: String?, _ reason: String) {
        let place = places[id]
        warnings.append(
            Finding(line: place?.line ?? 0, reference: place?.reference ?? id, field: field, reason: reason))
    }

    // MARK: Which records count

    /// A record with the task that it is going to be, and the one that is there.
    struct Incoming {
        var record: TaskRecord
        var task: TaskItem
        var old: TaskItem?
    }

    /// Turns what is said about tasks that the file does not describe into records of these.
    private mutating func amend(_ stored: StoredTasks, in session: some StoreSession) {
        for amendment in records.amendments {
            guard let task = stored.task(amendment.task), task.deletedAt == nil else {
                skipped.append(
                    Finding(line: amendment.line, reference: amendment.task.id, reason: "there is no such task"))
                continue
            }
            var record = TaskRecord(task, notes: [], to: format.name, recurrence) { Reference(minsky: $0) }
            record.line = amendment.line
            record.reference = amendment.task
            for member in amendment.fields { record.amend(member) }
            amended.insert(record.reference)
            records.add(.record(record))
        }
    }

    /// Leaves out the records that cannot be stored, and finds for the others the tasks that are there.
    private mutating func accept(
        _ stored: StoredTasks, revives: Bool, in session: some StoreSession
    ) throws -> [Incoming] {
        let deleted = records.records.compactMap { record in
            stored.task(record).flatMap { $0.deletedAt == nil ? nil : $0.id }
        }
        let takenBack = revives ? Set(deleted) : try session.takenBack(deleted)
        let templates = recurringTemplates(records.records)
        var holders: [ExactText: String] = [:]
        var incoming: [Incoming] = []
        incoming.reserveCapacity(records.records.count)
        for record in records.records {
            let old = stored.task(record)
            let id = old?.id ?? stored.id(of: record.reference)
            if record.reference.description.unicodeScalars.count > ImportLimits.reference {
                skip(record, "its name is longer than \(ImportLimits.reference) characters")
            } else if let place = places[id] {
                skip(record, "the same task as \(place.reference.quotedForReport)")
            } else if old?.deletedAt != nil, !takenBack.contains(id) {
                skip(record, "was deleted here; --revive brings it back")
            } else if old?.problem != nil {
                skip(record, "what is stored of it cannot be read; minsky doctor tells more")
            } else {
                places[id] = (record.line, record.reference.id)
                var record = record
                makeStorable(&record, id: id, isTemplate: templates.contains(record.reference))
                var task = TaskItem(record, id: id, now: now)
                if let reference = task.externalRef {
                    let other = stored.holder(of: reference) ?? holders[ExactText(reference)]
                    if let other, other != id {
                        task.externalRef = nil
                        warn(id, "externalRef", "\(reference.quotedForReport) is another task; left out")
                    }
                    holders[ExactText(reference)] = other ?? id
                }
                incoming.append(Incoming(record: record, task: task, old: old))
            }
        }
        return incoming
    }

    /// Of Taskwarrior's recurring tasks, one of each family carries the series here: the last open instance, or the template
    /// when there is none.
    private func recurringTemplates(_ records: [TaskRecord]) -> Set<Reference> {
        guard format.name == "taskwarrior" else { return [] }
        var last: [String: TaskRecord] = [:]
        var others: Set<Reference> = []
        for record in records where record.recurrence != nil {
            guard let parent = record[metadata: "parent"]?.string, record.status.isOpen else { continue }
            if let other = last[parent] {
                let isLater = (record.dueAt?.microseconds ?? .min) > (other.dueAt?.microseconds ?? .min)
                others.insert(isLater ? other.reference : record.reference)
                if isLater { last[parent] = record }
            } else {
                last[parent] = record
            }
        }
        for record in records where record.reference.source == "taskwarrior" && last[record.reference.id] != nil {
            others.insert(record.reference)
        }
        return others
    }

    /// Replaces what the file calls other tasks by their ids. A link to a task that is not taken over is left out.
    private mutating func resolveLinks(of incoming: inout [Incoming], _ stored: StoredTasks) {
        func target(_ reference: Reference) -> String? {
            let task = stored.task(reference)
            let id = task?.id ?? stored.id(of: reference)
            return places[id] != nil || task?.deletedAt == nil && task != nil ? id : nil
        }
        for index in incoming.indices {
            let (record, id) = (incoming[index].record, incoming[index].task.id)
            if let old = incoming[index].old, amended.contains(record.reference) {
                (incoming[index].task.parentID, incoming[index].task.dependsOn) = (old.parentID, old.dependsOn)
                continue
            }
            if let parent = record.parent {
                incoming[index].task.parentID = target(parent)
                if incoming[index].task.parentID == nil {
                    warn(id, "parent", "\(parent.id.quotedForReport) is not taken over; left out")
                }
            }
            var dependsOn: Set<String> = []
            for other in record.dependsOn {
                guard let waitedFor = target(other) else {
                    warn(id, "dependency", "\(other.id.quotedForReport) is not taken over; left out")
                    continue
                }
                if waitedFor != id { dependsOn.insert(waitedFor) }
            }
            incoming[index].task.dependsOn = dependsOn.sorted()
        }
    }

    /// Gives tasks that are new, or have another parent, a place behind those that are there.
    private mutating func placeAmongSiblings(in session: some StoreSession) throws {
        let moved = changed.indices.filter { changed[$0].new.parentID != changed[$0].old.parentID }
        let new = Set(created.map(\.id))
        let parents = Set(created.compactMap(\.parentID) + moved.compactMap { changed[$0].new.parentID })
        guard !created.isEmpty || !moved.isEmpty else { return }
        var ranks = try session.lastRanks(under: parents.subtracting(new).sorted())
        func next(_ parent: String?) -> String {
            let rank = Rank.between(ranks[parent], nil)
            ranks[parent] = rank
            return rank
        }
        for index in created.indices { created[index].rank = next(created[index].parentID) }
        for index in moved { changed[index].new.rank = next(changed[index].new.parentID) }
    }
}

/// What a column holds at most, in characters.
enum ImportLimits {
    static let reference = 600
    /// A tag, a project, an assignee.
    static let name = 200
}

extension String {
    /// The text as a report quotes it: its beginning, safe to print.
    var quotedForReport: String {
        let start = String(String.UnicodeScalarView(unicodeScalars.prefix(60)))
        return "“\(start.terminalSafe())\(start.utf8.count < utf8.count ? "…" : "")”"
    }
}

/// The tasks of the store that a file is about, or links to.
struct StoredTasks {
    private let workspaceID: String
    /// What the file names, with the id that each gets here: derived once.
    private let ids: [Reference: String]
    private var byID: [String: TaskItem] = [:]
    private var byReference: [ExactText: TaskItem] = [:]

    init(of records: RecordCollector, workspaceID: String, in session: some StoreSession) throws {
        var references: Set<Reference> = []
        for record in records.records {
            references.insert(record.reference)
            references.formUnion(record.dependsOn)
            for other in [record.alias, record.externalRef, record.parent] { if let other { references.insert(other) } }
        }
        for amendment in records.amendments { references.insert(amendment.task) }
        self.workspaceID = workspaceID
        let ids = Dictionary(references.map { ($0, Self.id(of: $0, in: workspaceID)) }) { first, _ in first }
        self.ids = ids
        let names = references.filter { !$0.isOwn }.map(\.description)
        for task in try session.tasks(ids: Array(ids.values), references: names) {
            byID[task.id] = task
            if let reference = task.externalRef { byReference[ExactText(reference)] = task }
        }
    }

    private static func id(of reference: Reference, in workspace: String) -> String {
        reference.isOwn
            ? reference.id
            : DerivedIdentifier.of(workspace: workspace, source: reference.source, reference: reference.id)
    }

    /// The id that a task gets here when it is not there.
    func id(of reference: Reference) -> String { ids[reference] ?? Self.id(of: reference, in: workspaceID) }

    /// The task that a reference means.
    func task(_ reference: Reference) -> TaskItem? {
        guard !byID.isEmpty else { return nil }
        return byReference[ExactText(reference.description)] ?? byID[id(of: reference)]
    }

    /// The task that a record is about.
    func task(_ record: TaskRecord) -> TaskItem? {
        task(record.reference) ?? record.externalRef.flatMap { byReference[ExactText($0.description)] }
    }

    /// The id of the task that is called so elsewhere.
    func holder(of reference: String) -> String? { byReference[ExactText(reference)]?.id }
}
