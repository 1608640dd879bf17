import MinskyModel
import MinskyStore

/// A field of a task that a person can set by a phrase.
public enum EditableField: String, Sendable, CaseIterable {
    case title, description, priority, project, due, wait, scheduled, until, estimate, complexity, assignee
    /// How often it comes again, counted from the day on which it is due.
    case every

    /// What it is a phrase for.
    var field: TaskField {
        switch self {
        case .title: .title
        case .description: .description
        case .priority: .priority
        case .project: .project
        case .due: .due
        case .wait: .waitUntil
        case .scheduled: .scheduled
        case .until: .until
        case .estimate: .estimate
        case .complexity: .complexity
        case .assignee: .assignee
        case .every: .recurrence
        }
    }

    /// Those that can be emptied.
    public static let clearable = allCases.filter { $0 != .title }

    /// The field that a name after `--clear` means.
    /// - Throws: `AppError` with code `.invalidArgument` that suggests the nearest name.
    public static func clearable(named name: String) throws -> EditableField {
        if let field = clearable.first(where: { $0.rawValue == name.lowercased() }) { return field }
        let names = clearable.map(\.rawValue)
        throw AppError(
            .invalidArgument, "'\(name)' is not a field that can be emptied",
            hint: NearestMatch.of(name, among: names).map { "Did you mean \($0)?" }
                ?? "These can: \(names.joined(separator: ", ")).")
    }

    /// What a phrase makes of a task.
    fileprivate func reading(_ phrase: String, in environment: Environment) throws -> TaskEdit.Change {
        switch self {
        case .title:
            let title = try TaskEdit.checkedTitle(phrase)
            return { $0.title = title }
        case .description: return { $0.description = phrase.isEmpty ? nil : phrase }
        case .assignee:
            let name = try FieldPhrase.assignee(phrase)
            return { $0.assignee = name }
        case .priority:
            let priority = try FieldPhrase.priority(phrase)
            return { $0.priority = priority }
        case .project:
            let project = try FieldPhrase.project(phrase)
            return { $0.project = project }
        case .due, .until:
            let moment = try FieldPhrase.date(phrase, in: environment)
            return { setDate(of: &$0, to: moment) }
        case .wait, .scheduled:
            let moment = try FieldPhrase.beginning(phrase, in: environment)
            return { setDate(of: &$0, to: moment) }
        case .estimate:
            let minutes = try FieldPhrase.minutes(phrase)
            return { $0.estimateMinutes = minutes }
        case .complexity:
            let complexity = try FieldPhrase.complexity(phrase)
            return { $0.complexity = complexity }
        case .every:
            let recurrence = try FieldPhrase.recurrence(phrase, in: environment)
            let zone = try environment.requiredZoneName()
            return { try $0.begin(recurrence, in: zone, environment) }
        }
    }

    private func setDate(of task: inout TaskItem, to moment: Timestamp?) {
        switch self {
        case .due: task.dueAt = moment
        case .wait: task.waitUntil = moment
        case .scheduled: task.scheduledAt = moment
        case .until: task.untilAt = moment
        default: break
        }
    }

    /// What emptying the field makes of a task; a title cannot be empty.
    fileprivate var clearing: TaskEdit.Change {
        switch self {
        case .title: { _ in }
        case .description: { $0.description = nil }
        case .assignee: { $0.assignee = nil }
        case .priority: { $0.priority = nil }
        case .project: { $0.project = nil }
        case .due, .wait, .scheduled, .until: { setDate(of: &$0, to: nil) }
        case .estimate: { $0.estimateMinutes = nil }
        case .complexity: { $0.complexity = nil }
        case .every: { ($0.recurrence, $0.seriesID, $0.seriesDay) = (nil, nil, nil) }
        }
    }
}

extension TaskItem {
    /// Makes the task the first of a series, which begins on the day it is due, or else on the first day that fits. One that
    /// belongs to such a series stays in it.
    /// - Throws: `AppError` with code `.invalidArgument` when there is no such day.
    fileprivate mutating func begin(_ recurrence: Recurrence, in zone: String, _ environment: Environment) throws {
        let now = environment.now()
        let today = now.adding(seconds: environment.utcOffset(now)).day
        let first =
            dueAt
            ?? recurrence.firstDay(onOrAfter: today).map { day in
                Timestamp(local: Timestamp(day: day, second: 86_399), utcOffset: environment.utcOffset)
            }
        guard let first,
            let series = RecurrenceSeries(recurrence, firstDue: first, zone: zone, utcOffset: environment.utcOffset)
        else { throw AppError(.invalidArgument, "'\(recurrence.text)' has no day any more") }
        dueAt = first
        if let old = self.recurrence.flatMap(RecurrenceSeries.init(parsing:)), old.recurrence == recurrence,
            old.zone == zone, old.secondOfDay == series.secondOfDay, seriesDay == series.firstDay.iso8601
        {
            return
        }
        self.recurrence = series.text
        seriesID = id
        seriesDay = series.firstDay.iso8601
    }
}

/// What a person wants changed about a task; ids of other tasks are as typed.
public struct TaskEdit: Sendable {
    fileprivate typealias Change = @Sendable (inout TaskItem) throws -> Void

    private var changes: [EditableField: Change] = [:]
    public var addedTags: [String] = []
    public var removedTags: [String] = []
    public var addedDependencies: [String] = []
    public var removedDependencies: [String] = []
    /// Members of the metadata by name, checked; null takes one away.
    var members: [String: JSON] = [:]

    /// Creates an edit that changes nothing.
    public init() {}

    /// Sets a field to what a phrase means.
    /// - Throws: `AppError` with code `.invalidArgument`.
    public mutating func set(_ field: EditableField, to phrase: String, in environment: Environment) throws {
        changes[field] = try field.reading(phrase, in: environment)
    }

    /// Empties a field.
    public mutating func clear(_ field: EditableField) { changes[field] = field.clearing }

    /// Both edits; where both set a field, the other one counts.
    func merging(_ other: TaskEdit) -> TaskEdit {
        var result = self
        result.changes.merge(other.changes) { $1 }
        result.members.merge(other.members) { $1 }
        result.addedTags += other.addedTags
        result.removedTags += other.removedTags
        result.addedDependencies += other.addedDependencies
        result.removedDependencies += other.removedDependencies
        return result
    }

    /// Whether nothing is asked for.
    public var isEmpty: Bool {
        changes.isEmpty && addedTags.isEmpty && removedTags.isEmpty && addedDependencies.isEmpty
            && removedDependencies.isEmpty && members.isEmpty
    }

    /// Changes a task.
    /// - Throws: `AppError` with code `.invalidArgument`; `StoreError` when a dependency is not found; `SQLError`.
    func apply(to task: inout TaskItem, in session: some StoreSession) throws {
        // A series begins with the day on which the task is due: the dates come first.
        for field in EditableField.allCases { try changes[field]?(&task) }
        let added = try addedTags.map(Self.checkedTag)
        let removed = try removedTags.map(Self.checkedTag)
        task.tags = task.tags.exact.subtracting(removed.exact).union(added.exact).sortedTexts()
        let dependencies = try addedDependencies.map { try session.resolveTask($0) }
        let dropped = try removedDependencies.map { try session.resolveTask($0) }
        task.dependsOn = Set(task.dependsOn).subtracting(dropped).union(dependencies).sorted()
        if !members.isEmpty {
            let kept = (task.metadata.members ?? []).filter { members[$0.key] == nil }
            let new = members.filter { $0.value != .null }.map { JSON.Member($0.key, $0.value) }
            task.metadata = JSON.object(kept + new).canonical
        }
    }

    /// A title without white space around it.
    /// - Throws: `AppError` with code `.invalidArgument` when nothing is left.
    static func checkedTitle(_ title: String) throws -> String {
        let trimmed = title.trimmingSpace
        guard !trimmed.isEmpty else { throw AppError(.invalidArgument, "the title is empty") }
        return trimmed
    }

    /// A tag without the plus sign that people put before it.
    /// - Throws: `AppError` with code `.invalidArgument` when it is not one word.
    static func checkedTag(_ tag: String) throws -> String {
        let name = tag.hasPrefix("+") ? String(tag.dropFirst()) : tag
        guard !name.isEmpty, !name.contains(where: { $0.isWhitespace || $0 == "," }) else {
            throw AppError(.invalidArgument, "'\(tag)' cannot be a tag: a tag is one word")
        }
        return name
    }
}
