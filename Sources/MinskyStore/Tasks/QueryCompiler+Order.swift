import MinskyModel
import MinskySQL

extension QueryCompiler {
    /// What to sort rows of `tasks` by; in the end by rank and id, so that the order is one.
    func sql(_ order: TaskOrder, _ coefficients: UrgencyCoefficients) -> SQL {
        let terms = order.terms.map { term -> SQL in
            let key = self.key(term.key, coefficients)
            let direction: SQL = term.isDescending ? "DESC" : "ASC"
            return isOptional(term.key) ? "(\(key)) IS NULL, \(key) \(direction)" : "\(key) \(direction)"
        }
        return SQL.joined(terms + ["tasks.rank", "tasks.id"], separator: ", ")
    }

    private func isOptional(_ key: TaskOrder.Key) -> Bool {
        if case .field(let field) = key { field.isOptional } else { false }
    }

    private func key(_ key: TaskOrder.Key, _ coefficients: UrgencyCoefficients) -> SQL {
        switch key {
        case .urgency:
            // What differs by less is equal, so that the next key counts and not how a sum was rounded.
            dialect == .sqlite ? "round(\(urgency(coefficients)), 4)" : "round((\(urgency(coefficients)))::numeric, 4)"
        case .rank: "tasks.rank"
        case .field(let field): self.key(field)
        }
    }

    private func key(_ field: QueryField) -> SQL {
        switch field {
        case .status: place(of: "tasks.status", among: TaskStatus.allCases.map(\.rawValue))
        case .priority: place(of: "tasks.priority", among: TaskPriority.allCases.map(\.rawValue))
        case .text(let field): column(field)
        case .moment(let field): column(field)
        case .number(let field): column(field)
        case .reference: "tasks.id"
        case .custom(let field): value(of: field)
        case .tag, .notes: "1"
        }
    }

    private func place(of column: SQL, among values: [String]) -> SQL {
        let cases = values.enumerated().map { "WHEN \($1) THEN \(unsafeRaw: "\($0)")" as SQL }
        return "CASE \(column) \(SQL.joined(cases, separator: " ")) END"
    }

    // MARK: Urgency

    /// `Urgency` of a task as an expression: the same factors, the same measures.
    func urgency(_ coefficients: UrgencyCoefficients) -> SQL {
        func when(_ condition: SQL, _ points: Double) -> SQL? {
            points == 0 ? nil : "CASE WHEN \(condition) THEN \(number(points)) ELSE 0 END"
        }
        func counted(_ count: SQL, _ points: Double) -> SQL? {
            points == 0
                ? nil
                : """
                \(number(points)) * CASE \(count) WHEN 0 THEN 0 WHEN 1 THEN \(number(0.8)) WHEN 2 THEN \(number(0.9))
                    ELSE 1 END
                """
        }
        func daysUntilNow(_ column: SQL) -> SQL {
            dialect == .sqlite
                ? "(julianday(\(now)) - julianday(\(column)))"
                : "(extract(epoch FROM \(now)::timestamptz - \(column))::double precision / 86400)"
        }
        func bounded(_ value: SQL) -> SQL {
            dialect == .sqlite ? "max(0, min(1, \(value)))" : "greatest(0, least(1, \(value)))"
        }
        var parts: [SQL?] = []
        let due = bounded("(\(daysUntilNow("tasks.due_at")) + 14) / 21")
        // PostgreSQL's `least` passes null over.
        parts.append(
            """
            CASE WHEN tasks.due_at IS NULL THEN 0
                ELSE \(number(coefficients.due)) * (\(number(0.2)) + \(number(0.8)) * \(due)) END
            """)
        let priorities: [SQL] = TaskPriority.allCases.compactMap { priority in
            coefficients["priority.\(priority.rawValue)"].map { "WHEN \(priority.rawValue) THEN \(number($0))" }
        }
        parts.append("CASE tasks.priority \(SQL.joined(priorities, separator: " ")) ELSE 0 END")
        let age = bounded("\(daysUntilNow("tasks.created_at")) / \(number(coefficients.daysOfAge))")
        parts.append("\(number(coefficients.age)) * \(age)")
        parts.append(when("tasks.scheduled_at <= \(now)", coefficients.scheduled))
        parts.append(when("tasks.wait_until > \(now)", coefficients.waiting))
        parts.append(when("tasks.status = 'doing'", coefficients.active))
        parts.append(when(isBlocked, coefficients.blocked))
        parts.append(when(isBlocking, coefficients.blocking))
        parts.append(
            counted(
                "(SELECT count(*) FROM notes AS n WHERE n.task_id = tasks.id AND n.deleted_at IS NULL)",
                coefficients.notes))
        parts.append(counted("(SELECT count(*) FROM task_tags AS g WHERE g.task_id = tasks.id)", coefficients.tags))
        for (tag, points) in coefficients.tag.sorted(by: { $0.key < $1.key }) {
            parts.append(
                when("EXISTS (SELECT 1 FROM task_tags AS g WHERE g.task_id = tasks.id AND g.tag = \(tag))", points))
        }
        parts.append(when("\(column(.project)) IS NOT NULL", coefficients.project))
        for (project, points) in coefficients.inProject.sorted(by: { $0.key < $1.key }) {
            parts.append(when(sql(.condition(.text(.project, .within, project))), points))
        }
        let sum = SQL.joined(parts.compactMap { $0 }, separator: " + ")
        return "CASE WHEN tasks.status IN ('todo', 'doing') THEN \(sum) ELSE 0 END"
    }

    /// A coefficient, as both databases read it.
    private func number(_ value: Double) -> SQL {
        dialect == .sqlite ? SQL(unsafeRaw: "\(value)") : SQL(unsafeRaw: "'\(value)'::double precision")
    }
}
