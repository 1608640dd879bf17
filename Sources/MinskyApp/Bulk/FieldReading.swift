import MinskyModel

/// Reads words for fields, such as `due:fri`, as a workspace understands them.
struct FieldReading {
    let configuration: Configuration
    /// Who asks: `me`.
    let caller: Caller

    /// What words behind a title ask for.
    /// - Throws: `AppError` with code `.invalidArgument`.
    func edit(_ words: [TaskLine.Word]) throws -> TaskEdit {
        var edit = TaskEdit()
        for word in words {
            switch word {
            case .tag(let tag): edit.addedTags.append(try TaskEdit.checkedTag(tag))
            case .value(let field, let value): try set(field, to: value, in: &edit)
            }
        }
        return edit
    }

    /// Sets the field that a key means, as queries know it.
    /// - Throws: `AppError` with code `.invalidArgument` when there is none, or it cannot be set.
    func set(_ key: String, to value: String, in edit: inout TaskEdit) throws {
        let fields = configuration.customFields
        guard let field = QueryField.named(key, custom: fields) else {
            let names = EditableField.allCases.map(\.rawValue) + ["tags", "depends"] + fields.map(\.name)
            let near = NearestMatch.of(key, among: names).map { "Did you mean \($0)?" }
            throw AppError(
                .invalidArgument, "there is no field '\(key)'",
                hint: near ?? "The fields are: \(names.joined(separator: ", ")).")
        }
        try set(field, to: value, in: &edit)
    }

    private func set(_ field: QueryField, to value: String, in edit: inout TaskEdit) throws {
        let environment = configuration.environment
        switch field {
        case .tag:
            edit.addedTags += try value.split(whereSeparator: { $0 == "," || $0.isWhitespace }).map {
                try TaskEdit.checkedTag(String($0))
            }
        case .custom(let custom): try edit.set(custom: custom, to: value, in: environment)
        case .text(.assignee) where value == "me": try edit.set(.assignee, to: caller.name, in: environment)
        default:
            guard let editable = EditableField(rawValue: field.key) else {
                throw AppError(
                    .invalidArgument, "\(field.key) cannot be set",
                    hint: "A backslash before the word makes it part of the title: \\\(field.key):…")
            }
            try edit.set(editable, to: value, in: environment)
        }
    }
}
