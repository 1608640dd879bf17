import MinskyModel

// Fields that the user defined: members of the metadata, of the kind that the settings say.

extension TaskEdit {
    /// Sets a field of the user's to what a phrase means: `customer=acme`.
    /// - Throws: `AppError` with code `.invalidArgument` when there is no such field, or the phrase is not of its kind.
    public mutating func set(assignment: String, in configuration: Configuration) throws {
        let (name, phrase) = try Self.parts(of: assignment)
        try set(custom: try configuration.customField(named: name), to: phrase, in: configuration.environment)
    }

    /// A name and what stands behind its equals sign.
    /// - Throws: `AppError` with code `.invalidArgument` when there is none.
    static func parts(of assignment: String) throws -> (name: String, value: String) {
        guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
            throw AppError(
                .invalidArgument, "'\(assignment)' sets nothing",
                hint: "A field is set by its name, an equals sign and a value: --set customer=acme")
        }
        return (String(assignment[..<equals]), String(assignment[assignment.index(after: equals)...]))
    }

    mutating func set(custom field: CustomField, to phrase: String, in environment: Environment) throws {
        members[field.name] = try field.reading(phrase, in: environment)
    }

    /// Takes a member of the metadata away, whether it is defined or not.
    public mutating func unset(member name: String, in configuration: Configuration) {
        members[configuration.customFields.first { $0.isNamed(name) }?.name ?? name] = .null
    }
}

extension Configuration {
    /// The field that the user defined by a name; case does not matter.
    /// - Throws: `AppError` with code `.invalidArgument` that says how to define it.
    func customField(named name: String) throws -> CustomField {
        if let field = customFields.first(where: { $0.isNamed(name) }) { return field }
        let near = NearestMatch.of(name, among: customFields.map(\.name)).map { "Did you mean \($0)? If not, this" }
        guard CustomField.isName(name) else {
            throw AppError(
                .invalidArgument, "'\(name)' cannot be a field of your own",
                hint:
                    "A name begins with a letter, holds letters, digits and _-. only, and is no field that tasks have anyway."
            )
        }
        throw AppError(
            .invalidArgument, "there is no field '\(name)'",
            hint: "\(near ?? "This") defines it: minsky config set \("field.\(name)".shellQuoted) text "
                + "(or number, date, duration)")
    }
}

extension CustomField {
    fileprivate func isNamed(_ name: String) -> Bool { self.name.lowercased() == name.lowercased() }

    /// What is stored for a phrase.
    /// - Throws: `AppError` with code `.invalidArgument`.
    fileprivate func reading(_ phrase: String, in environment: Environment) throws -> JSON {
        do {
            switch kind {
            case .text: return .string(phrase)
            case .number:
                guard let value = try? JSON(parsing: phrase), case .number = value else {
                    throw AppError(.invalidArgument, "'\(phrase)' is no number", hint: "Numbers look like: 3, 2.5, -1.")
                }
                return value
            case .date: return .string(try FieldPhrase.date(phrase, in: environment).iso8601)
            case .duration: return .integer(Int64(try FieldPhrase.minutes(phrase)))
            }
        } catch let error as AppError {
            throw AppError(error.code, "\(name): \(error.message)", hint: error.hint)
        }
    }
}
