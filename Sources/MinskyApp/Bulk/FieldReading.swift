import MinskyModel

/// Reads words for fields, such as `due:fri`, as a workspace understands them.
struct FieldReading {
    let configuration: Configuration
    /// Who asks: `me`.
    let caller: Caller

    /// What can be set by its name.
    enum Settable: Hashable {
        case field(EditableField)
        case tags
        /// The tasks that have to be done first.
        case dependencies
        case custom(CustomField)
    }

    /// The names of all that can be set, as hints list them.
    var names: [String] {
        EditableField.allCases.map(\.rawValue) + ["tags", "depends"] + configuration.customFields.map(\.name)
    }

    /// What a name means, as in queries; case does not matter. Nil for what is no field, or cannot be set.
    func settable(_ name: String) -> Settable? {
        let fields = configuration.customFields
        if name.lowercased() == "depends" { return .dependencies }
        switch QueryField.named(name, custom: fields) {
        case .tag?: return .tags
        case .custom(let custom)?: return .custom(custom)
        case .text(.recurrence)?: return .field(.every)
        case let field?: return EditableField(rawValue: field.key).map(Settable.field)
        case nil: return nil
        }
    }

    /// A line of a list. What is only near the name of a field is read as one, so that it is refused and not swallowed by the
    /// title.
    func line(_ text: String) -> TaskLine {
        TaskLine(text) { name in
            switch settable(name) {
            case .field(.title)?: false
            case .some: true
            case nil: cannotBeSet(name) || name.count > 2 && CustomField.isWord(name) && nearest(to: name) != nil
            }
        }
    }

    /// Whether a name is that of a field which queries ask for, and words do not set. Notes are not meant: `note:` begins a remark.
    private func cannotBeSet(_ name: String) -> Bool {
        guard let field = QueryField.named(name, custom: configuration.customFields) else { return false }
        return field != .notes && field != .text(.title) && settable(name) == nil
    }

    private func nearest(to name: String) -> String? { NearestMatch.of(name, among: names) }

    /// What words behind a title ask for.
    /// - Throws: `AppError` with code `.invalidArgument`.
    func edit(_ words: [TaskLine.Word]) throws -> TaskEdit {
        var edit = TaskEdit()
        for (place, word) in words.enumerated() {
            switch word {
            case .tag(let tag): edit.addedTags.append(try TaskEdit.checkedTag(tag))
            case .value(let name, let value):
                if place + 1 < words.count, case .title(let next) = words[place + 1] {
                    try requireQuotes(name, value, next)
                }
                do {
                    try set(name, to: value, in: &edit)
                } catch let error as AppError where settable(name) == nil {
                    let escape = "A backslash before the word makes it part of the title: \\\(name):…"
                    throw AppError(error.code, error.message, hint: (error.hint.map { $0 + " " } ?? "") + escape)
                }
            case .title: break
            }
        }
        return edit
    }

    /// Refuses `due:fri 17:00`, of which the time would be a part of the title.
    private func requireQuotes(_ name: String, _ value: String, _ next: String) throws {
        let isDate =
            switch settable(name) {
            case .field(.due)?, .field(.wait)?, .field(.scheduled)?, .field(.until)?: true
            case .custom(let field)?: field.kind == .date
            default: false
            }
        let environment = configuration.environment
        guard isDate,
            DatePhrase.span("\(value) \(next)", now: environment.now(), utcOffset: environment.utcOffset) != nil
        else { return }
        throw AppError(
            .invalidArgument, "a date of several words stands in quotes", hint: "Write \(name):\"\(value) \(next)\"")
    }

    /// Sets the field that a name means, as queries know it.
    /// - Throws: `AppError` with code `.invalidArgument` when there is none, or it cannot be set.
    func set(_ name: String, to value: String, in edit: inout TaskEdit) throws {
        let environment = configuration.environment
        switch settable(name) {
        case .tags?: edit.addedTags += try Self.parts(value).map(TaskEdit.checkedTag)
        case .dependencies?: edit.addedDependencies += Self.parts(value)
        case .custom(let custom)?: try edit.set(custom: custom, to: value, in: environment)
        case .field(.assignee)? where value == "me": try edit.set(.assignee, to: caller.name, in: environment)
        case .field(let field)?: try edit.set(field, to: value, in: environment)
        case nil:
            if let field = QueryField.named(name, custom: configuration.customFields) {
                throw AppError(.invalidArgument, "\(field.key) cannot be set")
            }
            throw AppError(
                .invalidArgument, "there is no field '\(name)'",
                hint: nearest(to: name).map { "Did you mean \($0)?" }
                    ?? "The fields are: \(names.joined(separator: ", ")).")
        }
    }

    /// What stands between commas or white space.
    static func parts(_ value: String) -> [String] {
        value.split { $0 == "," || $0.isWhitespace }.map(String.init)
    }
}
