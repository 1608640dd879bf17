import MinskyModel
import MinskyStore

/// The hooks that look at tasks before they are stored.
///
/// None runs inside of a transaction: an operation that meets a task nobody has looked at is taken back, the hooks are asked,
/// and it is begun again. What was decided holds for exactly that task as it was and as it was to become; when somebody has
/// changed it meanwhile, the hooks are asked again.
struct TaskHooks {
    /// A task as it is stored, or nil for a new one, and as it is to be.
    private struct Change: Hashable {
        let old: TaskItem?
        let new: TaskItem
    }

    private struct Undecided: Error {}

    private let workspace: OpenWorkspace
    private let hooks: [Hook.Event: Hook]

    /// How often an operation is begun before it gives up, since others change what it is about.
    private static let most = 10

    init(of workspace: OpenWorkspace) {
        self.workspace = workspace
        var hooks: [Hook.Event: Hook] = [:]
        for event in [Hook.Event.add, .modify, .done] {
            let hook = Hook(event, of: workspace)
            switch hook.state {
            case .missing: break
            case .approved: hooks[event] = hook
            case .refused(let reason, _):
                workspace.environment.warn("The hook \(event.rawValue) is not run: \(reason). minsky hooks tells more.")
            }
        }
        self.hooks = hooks
    }

    /// Runs one operation.
    /// - Throws: `AppError` with code `.refused` when a hook refuses a task, `.hook` when one fails, `.conflict` when others
    ///   do not stop changing the tasks; `SQLError`, or what the body throws.
    func perform<Result>(_ operation: OperationContext, _ body: (WriteSession) throws -> Result) throws -> Result {
        guard !hooks.isEmpty else { return try workspace.store.perform(operation, body) }
        var decided: [Change: TaskItem] = [:]
        for _ in 0..<Self.most {
            var undecided: [Change] = []
            do {
                return try workspace.store.perform(operation) { session in
                    undecided = []
                    var reviewed = session
                    reviewed.review = { old, new in
                        let change = Change(old: old, new: new)
                        guard !events(of: change).isEmpty else { return new }
                        if let task = decided[change] { return task }
                        undecided.append(change)
                        return new
                    }
                    let result = try body(reviewed)
                    guard undecided.isEmpty else { throw Undecided() }
                    return result
                }
            } catch is Undecided {
                for change in undecided where decided[change] == nil {
                    decided[change] = try decision(on: change, by: operation)
                }
            }
        }
        throw AppError(.conflict, "others keep changing the tasks while hooks look at them", hint: "Try again.")
    }

    /// The hooks that a change is for. The place among siblings is nobody's business.
    private func events(of change: Change) -> [Hook.Event] {
        guard let old = change.old else { return hooks[.add] == nil ? [] : [.add] }
        var moved = old
        moved.rank = change.new.rank
        guard moved != change.new else { return [] }
        let isDone = old.status != .done && change.new.status == .done
        return ([.modify] + (isDone ? [.done] : [])).filter { hooks[$0] != nil }
    }

    /// The task that the hooks make of a change.
    private func decision(on change: Change, by operation: OperationContext) throws -> TaskItem {
        var task = change.new
        for event in events(of: change) {
            guard let hook = hooks[event] else { continue }
            let sent = workspace.configuration.redactor.redacted(task.json)
            var message: [JSON.Member] = [
                .init("event", .string(String(event.rawValue.dropFirst(3)))),
                .init("workspace", .string(workspace.workspace.path)), .init("command", .string(operation.command)),
                .init("actor", .string(operation.actor)), .init("task", sent),
            ]
            if let old = change.old { message.append(.init("old", old.json)) }
            guard let ending = hook.run(.object(message)) else {
                throw AppError(
                    .refused, "the hook \(event.rawValue) was changed while it was needed", hint: "Try again.")
            }
            try requireConsent(ending, of: hook)
            let answer = ending.output.trimmingSpace
            if !answer.isEmpty {
                do {
                    try HookAnswer(answer, of: event, to: sent).apply(to: &task)
                } catch let error as AppError where error.code == .invalidArgument {
                    throw AppError(.hook, "the hook \(event.rawValue): \(error.message)", hint: "Nothing was stored.")
                }
            }
        }
        return task
    }

    private func requireConsent(_ ending: Hook.Ending, of hook: Hook) throws {
        let name = hook.event.rawValue
        guard let code = ending.exitCode else {
            throw AppError(
                .hook, "the hook \(name) did not end within \(Int(hook.patience)) seconds, or could not be started",
                hint: "Nothing was stored. It is \(hook.path).")
        }
        guard code != 0 else { return }
        let said = [ending.errors, ending.output].map(\.trimmingSpace).first { !$0.isEmpty }
        throw AppError(
            .refused, "the hook \(name) refused: \(String((said ?? "exit code \(code)").prefix(1000)))",
            hint: "Nothing was stored. It is \(hook.path).")
    }
}

/// What a hook wants a task to be: the whole object that it was sent, or only members that are to be different.
private struct HookAnswer {
    let event: Hook.Event
    let sent: JSON
    let members: [JSON.Member]

    init(_ text: String, of event: Hook.Event, to sent: JSON) throws {
        self.event = event
        self.sent = sent
        guard let members = (try? JSON(parsing: text))?.members else {
            throw AppError(
                .hook, "the hook \(event.rawValue) printed something that is no JSON object",
                hint: "It prints the task as it is to be, or nothing. Nothing was stored.")
        }
        self.members = members
    }

    /// Takes over what is different from what was sent.
    /// - Throws: `AppError` when that is no field a hook may change, or no value of it.
    func apply(to task: inout TaskItem) throws {
        for member in members where sent[member.key] != member.value {
            let (value, key) = (member.value, member.key)
            switch key {
            case "title": task.title = try TaskEdit.checkedTitle(try text(member) ?? "")
            case "description": task.description = try text(member)
            case "assignee": task.assignee = try text(member).map(FieldPhrase.assignee)
            case "priority": task.priority = try text(member).map(FieldPhrase.priority)
            case "project": task.project = try text(member).map(FieldPhrase.project)
            case "dueAt": task.dueAt = try moment(member)
            case "waitUntil": task.waitUntil = try moment(member)
            case "scheduledAt": task.scheduledAt = try moment(member)
            case "untilAt": task.untilAt = try moment(member)
            case "estimateMinutes": task.estimateMinutes = try number(member, 1...600_000)
            case "complexity": task.complexity = try number(member, 1...10)
            case "tags":
                guard let tags = value.array else { throw wrong(key) }
                let names = try tags.map { tag in
                    guard let text = tag.string else { throw wrong(key) }
                    return try TaskEdit.checkedTag(text)
                }
                task.tags = names.exact.sortedTexts()
            case "metadata":
                guard value.members != nil, !value.containsNUL else { throw wrong(key) }
                task.metadata = value.canonical
            default:
                throw AppError(
                    .hook, "the hook \(event.rawValue) changed '\(key)', which no hook may",
                    hint: "minsky help hooks lists what one may change. Nothing was stored.")
            }
        }
    }

    private func text(_ member: JSON.Member) throws -> String? {
        if member.value == .null { return nil }
        guard let text = member.value.string, !text.contains("\0") else { throw wrong(member.key) }
        return text
    }

    private func moment(_ member: JSON.Member) throws -> Timestamp? {
        guard let text = try text(member) else { return nil }
        guard let moment = Timestamp(iso8601: text) else { throw wrong(member.key) }
        return moment
    }

    private func number(_ member: JSON.Member, _ range: ClosedRange<Int64>) throws -> Int? {
        if member.value == .null { return nil }
        guard let number = member.value.integer, range.contains(number) else { throw wrong(member.key) }
        return Int(number)
    }

    private func wrong(_ key: String) -> AppError {
        AppError(
            .hook, "the hook \(event.rawValue) gave '\(key)' a value that it cannot have", hint: "Nothing was stored.")
    }
}

extension TaskItem {
    /// The fields as in the documented JSON, without what follows from other tasks.
    fileprivate var json: JSON {
        .object(TaskField.all.compactMap { field in field.key.map { JSON.Member($0, field.value(self)) } })
    }
}
