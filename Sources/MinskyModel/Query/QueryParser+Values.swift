extension QueryParser {
    /// The query of a key, an operator and one of its values; `!=` is read as `=`.
    /// - Throws: `PhraseError`.
    func query(_ term: QueryToken.Term, _ value: QueryToken.Value) throws(PhraseError) -> Query {
        var term = term
        takeModifier(of: &term)
        switch term.key.lowercased() {
        case "is":
            try requireEquality(term)
            return try state(value)
        case "has":
            try requireEquality(term)
            return .condition(.has(try optionalField(value)))
        case "no":
            try requireEquality(term)
            return .not(.condition(.has(try optionalField(value))))
        default: break
        }
        guard let field = QueryField.named(term.key, custom: context.customFields) else { throw unknown(term) }
        if !value.isQuoted, field.isOptional, ["none", "any"].contains(value.text.lowercased()) {
            try requireEquality(term)
            let has = Query.condition(.has(field))
            return value.text.lowercased() == "any" ? has : .not(has)
        }
        return try comparison(of: field, term, value)
    }

    /// `due.before:` as Taskwarrior has it.
    private func takeModifier(of term: inout QueryToken.Term) {
        let modifiers: [(String, QueryComparison)] = [
            (".before", .less), (".after", .greater), (".by", .lessOrEqual),
        ]
        guard term.comparison == .equal,
            let (ending, comparison) = modifiers.first(where: { term.key.lowercased().hasSuffix($0.0) })
        else { return }
        term.key = String(term.key.dropLast(ending.count))
        term.comparison = comparison
    }

    private func comparison(
        of field: QueryField, _ term: QueryToken.Term, _ value: QueryToken.Value
    ) throws(PhraseError) -> Query {
        let comparison = term.comparison ?? .equal
        switch field {
        case .status:
            try requireEquality(term)
            return try status(value)
        case .priority:
            guard let priority = TaskPriority(phrase: value.text) else {
                throw wrong(value, "is no priority", among: TaskPriority.allCases.map(\.rawValue))
            }
            return .condition(.priority(comparison, priority))
        case .tag:
            try requireEquality(term)
            return .condition(.tag(value.text))
        case .notes:
            throw PhraseError(
                "notes are not compared", at: term.keyRange,
                hint: "has:notes finds tasks with notes; words, what they say.")
        case .text(let field):
            try requireEquality(term)
            let isMe = field.isActor && !value.isQuoted && value.text.lowercased() == "me"
            let text = isMe ? context.actor ?? value.text : value.text
            return .condition(.text(field, term.isExact ? .equals : field.usualMatch, text))
        case .moment(let field): return .condition(.moment(field, comparison, try moment(term, value)))
        case .number(.estimate): return .condition(.number(.estimate, comparison, try minutes(value)))
        case .number(.complexity):
            guard let number = Int(value.text), (0...10).contains(number) else {
                throw PhraseError("complexity is a whole number from 1 to 10", at: value.range)
            }
            return .condition(.number(.complexity, comparison, number))
        case .reference(let field):
            try requireEquality(term)
            guard let prefix = Identifier.prefix(value.text) else {
                throw PhraseError(
                    "'\(value.text)' cannot be an id", at: value.range,
                    hint: "An id is given by 4 to 16 of its letters and digits, from the first on.")
            }
            return .condition(.reference(field, prefix))
        case .custom(let field):
            return .condition(.custom(field, comparison, try custom(field, term, value)))
        }
    }

    private func custom(
        _ field: CustomField, _ term: QueryToken.Term, _ value: QueryToken.Value
    ) throws(PhraseError) -> CustomValue {
        switch field.kind {
        case .text:
            try requireEquality(term)
            return .text(value.text)
        case .number:
            guard case .number(let number)? = try? JSON(parsing: value.text) else {
                throw PhraseError("\(field.name) is a number, such as 3 or 2.5", at: value.range)
            }
            return .number(number)
        case .date: return .date(try moment(term, value))
        case .duration: return .duration(try minutes(value))
        }
    }

    private func minutes(_ value: QueryToken.Value) throws(PhraseError) -> Int {
        if value.text == "0" || value.text == "0m" { return 0 }
        guard let minutes = DurationPhrase.minutes(value.text) else {
            throw PhraseError(
                "'\(value.text)' is no amount of work", at: value.range, hint: "45m, 2h, 1h30m and 1d (8 hours) are.")
        }
        return minutes
    }

    private func moment(_ term: QueryToken.Term, _ value: QueryToken.Value) throws(PhraseError) -> QueryMoment {
        if !value.isQuoted { try requireQuotes(term, value) }
        guard let moment = QueryMoment(value.text, now: context.now, utcOffset: context.utcOffset) else {
            throw PhraseError(
                "'\(value.text)' is no date", at: value.range,
                hint: "Dates are typed as tomorrow, fri, 3d, \"last monday\", eow or 2026-12-01.")
        }
        return moment
    }

    /// Refuses `due<fri 17:00`, which would be a date and a search for `17:00`.
    private func requireQuotes(_ term: QueryToken.Term, _ value: QueryToken.Value) throws(PhraseError) {
        guard term.values.count == 1 else { return }
        var phrase = value.text
        for word in followingWords {
            phrase += " " + word
            if DatePhrase.span(phrase, now: context.now, utcOffset: context.utcOffset) != nil {
                throw PhraseError(
                    "a date of several words stands in quotes", at: value.range,
                    hint: "Write \(term.key)\((term.comparison ?? .equal).rawValue)\"\(phrase)\"")
            }
        }
    }

    private func state(_ value: QueryToken.Value) throws(PhraseError) -> Query {
        let word = value.text.lowercased()
        if let state = QueryState(rawValue: word) { return .condition(.state(state)) }
        if let status = TaskStatus(rawValue: word) { return .condition(.status(status)) }
        let words = QueryState.allCases.map(\.rawValue) + TaskStatus.allCases.map(\.rawValue)
        throw wrong(value, "is nothing that a task can be", among: words)
    }

    private func status(_ value: QueryToken.Value) throws(PhraseError) -> Query {
        let word = value.text.lowercased()
        if let status = TaskStatus(rawValue: word) { return .condition(.status(status)) }
        switch word {
        case "open", "pending": return .condition(.state(.open))
        case "closed": return .condition(.state(.closed))
        case "active", "started", "in_progress", "in-progress": return .condition(.status(.doing))
        case "completed": return .condition(.status(.done))
        case "cancelled", "canceled": return .condition(.status(.dropped))
        case "waiting": return .condition(.state(.waiting))
        case "blocked": return .condition(.state(.blocked))
        default: throw wrong(value, "is no status", among: TaskStatus.allCases.map(\.rawValue) + ["open", "closed"])
        }
    }

    private func optionalField(_ value: QueryToken.Value) throws(PhraseError) -> QueryField {
        if let field = QueryField.named(value.text, custom: context.customFields), field.isOptional { return field }
        let fields = QueryField.all + context.customFields.map(QueryField.custom)
        throw wrong(value, "is nothing that a task may or may not have", among: fields.filter(\.isOptional).map(\.key))
    }

    private func requireEquality(_ term: QueryToken.Term) throws(PhraseError) {
        switch term.comparison {
        case nil, .equal: break
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            throw PhraseError(
                "\(term.key) has no order", at: term.keyRange, hint: "It is compared by \(term.key): or \(term.key)!=")
        }
    }

    private func wrong(_ value: QueryToken.Value, _ message: String, among words: [String]) -> PhraseError {
        let nearest = NearestMatch.of(value.text, among: words).map { "Did you mean \($0)?" }
        return PhraseError(
            "'\(value.text)' \(message)", at: value.range,
            hint: nearest ?? "Known are \(words.joined(separator: ", ")).")
    }

    private func unknown(_ term: QueryToken.Term) -> PhraseError {
        let keys =
            (QueryField.all + context.customFields.map(QueryField.custom)).map(\.key) + ["is", "has", "sort", "limit"]
        let nearest = NearestMatch.of(term.key, among: keys).map { "Did you mean \($0)?" }
        return PhraseError(
            "there is no field '\(term.key)'", at: term.keyRange,
            hint: nearest ?? "To search for a text with such a sign, put it in quotes.")
    }
}
