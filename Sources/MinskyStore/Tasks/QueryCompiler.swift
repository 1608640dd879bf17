import MinskyModel
import MinskySQL

/// Makes conditions on rows of `tasks` of a query, for one of the two databases.
///
/// A condition may be null where the query is false; `not` is therefore pushed down to the conditions, where it is
/// `IS NOT TRUE`, and everything above keeps to `AND` and `OR`, so that indexes of what stands bare can be used.
struct QueryCompiler {
    let dialect: Dialect
    let schema: Schema
    let now: Timestamp

    private static let openStatuses: SQL = "IN ('todo', 'doing')"

    func sql(_ query: Query) -> SQL { sql(query, isNegated: false) }

    private func sql(_ query: Query, isNegated: Bool) -> SQL {
        switch query {
        case .condition(let condition):
            let sql = sql(condition)
            return isNegated ? "(\(sql)) IS NOT TRUE" : "(\(sql))"
        case .not(let inner): return sql(inner, isNegated: !isNegated)
        case .and(let parts): return joined(parts, isAll: !isNegated, isNegated)
        case .or(let parts): return joined(parts, isAll: isNegated, isNegated)
        }
    }

    private func joined(_ parts: [Query], isAll: Bool, _ isNegated: Bool) -> SQL {
        guard !parts.isEmpty else { return isAll ? "1 = 1" : "1 = 0" }
        let pieces = parts.map { sql($0, isNegated: isNegated) }
        return "(\(SQL.joined(pieces, separator: isAll ? " AND " : " OR ")))"
    }

    private func sql(_ condition: QueryCondition) -> SQL {
        switch condition {
        case .words(let text):
            let body = contains("n.body", text)
            return """
                \(contains("tasks.title", text)) OR \(contains("tasks.description", text))
                OR tasks.id IN (SELECT n.task_id FROM notes AS n WHERE n.deleted_at IS NULL AND \(body))
                """
        case .state(let state): return sql(state)
        case .has(let field): return has(field)
        case .status(let status): return "tasks.status = \(status.rawValue)"
        case .priority(let comparison, let priority):
            let levels = TaskPriority.allCases
            let fitting = levels.indices.filter { level in
                levels.firstIndex(of: priority).map { comparison.holds(level, $0) } ?? false
            }
            guard !fitting.isEmpty else { return "1 = 0" }
            return "tasks.priority IN (\(list: fitting.map { levels[$0].rawValue }))"
        case .tag(let tag): return "tasks.id IN (SELECT g.task_id FROM task_tags AS g WHERE g.tag = \(tag))"
        case .text(let field, let match, let text): return sql(field, match, text)
        case .moment(let field, let comparison, let moment):
            return within(moment.bounds(comparison), column(field)) { "\($0)" }
        case .number(let field, let comparison, let number):
            return "\(column(field)) \(sign(comparison)) \(number)"
        case .reference(let field, let prefix): return sql(field, prefix)
        case .custom(let field, let comparison, let value): return sql(field, comparison, value)
        }
    }

    // MARK: Columns

    private func column(_ name: String) -> SQL {
        schema.table("tasks")?.column(name) == nil ? "NULL" : "tasks.\(unsafeRaw: name)"
    }

    func column(_ field: QueryField.Text) -> SQL {
        switch field {
        case .title, .description, .project, .assignee, .recurrence: column(field.rawValue)
        case .creator: column("created_by")
        }
    }

    func column(_ field: QueryField.Moment) -> SQL {
        switch field {
        case .wait: column("wait_until")
        case .due, .scheduled, .until, .created, .updated, .started, .completed: column("\(field.rawValue)_at")
        }
    }

    func column(_ field: QueryField.Number) -> SQL {
        switch field {
        case .estimate: column("estimate_minutes")
        case .complexity: column("complexity")
        }
    }

    // MARK: Texts

    private func sql(_ field: QueryField.Text, _ match: QueryTextMatch, _ text: String) -> SQL {
        let column = column(field)
        return switch match {
        case .equals: "\(column) = \(text)"
        // The character after the dot is the slash.
        case .within: "\(column) = \(text) OR (\(column) >= \(text + ".") AND \(column) < \(text + "/"))"
        case .contains: contains(column, text)
        }
    }

    /// Whether a text stands in a column, upper and lower case alike. Both databases know that of ASCII only, whatever the
    /// locale; of other letters each case is spelled out.
    private func contains(_ column: SQL, _ text: String) -> SQL {
        if text.utf8.allSatisfy({ $0 < 128 }) {
            let pattern = "%" + Self.escaped(text, #"\%_"#) + "%"
            let like: SQL = dialect == .sqlite ? "LIKE" : "ILIKE"
            return #"\#(column) \#(like) \#(pattern) ESCAPE '\'"#
        }
        let classes = text.unicodeScalars.map { scalar -> String in
            let cases = Set([
                String(scalar), scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping,
                scalar.properties.titlecaseMapping,
            ])
            let single = cases.filter { $0.unicodeScalars.count == 1 }.sorted()
            return dialect == .sqlite ? Self.globClass(single) : Self.patternClass(single)
        }
        return dialect == .sqlite
            ? "\(column) GLOB \("*" + classes.joined() + "*")" : "\(column) ~ \(classes.joined())"
    }

    /// One of some characters, as GLOB has it: in brackets `]` stands first, and `^` does not.
    private static func globClass(_ characters: [String]) -> String {
        guard let only = characters.first, characters.count == 1 else { return "[\(characters.joined())]" }
        return "*?[".contains(only) ? "[\(only)]" : only
    }

    private static func patternClass(_ characters: [String]) -> String {
        let escaped = characters.map { Self.escaped($0, #"\.*+?()[]{}^$|"#) }
        return characters.count == 1 ? escaped.joined() : "(?:\(escaped.joined(separator: "|")))"
    }

    private static func escaped(_ text: String, _ special: String) -> String {
        String(text.flatMap { special.contains($0) ? ["\\", $0] : [$0] })
    }

    // MARK: States

    private func sql(_ state: QueryState) -> SQL {
        let isOpen: SQL = "tasks.status \(Self.openStatuses)"
        let later: (String) -> SQL = { "coalesce(\(column($0)) > \(now), 1 = 0)" }
        return switch state {
        case .open: isOpen
        case .closed: "tasks.status IN ('done', 'dropped')"
        case .blocked: "\(isOpen) AND \(isBlocked)"
        case .blocking: "\(isOpen) AND \(isBlocking)"
        case .overdue: "\(isOpen) AND \(column("due_at")) < \(now)"
        case .waiting: "\(isOpen) AND \(column("wait_until")) > \(now)"
        case .expired: "\(isOpen) AND \(column("until_at")) <= \(now)"
        case .leaf: "NOT EXISTS (SELECT 1 FROM tasks AS c WHERE c.parent_id = tasks.id AND c.deleted_at IS NULL)"
        case .ready:
            """
            \(isOpen) AND NOT \(later("wait_until")) AND NOT \(later("scheduled_at"))
            AND coalesce(\(column("until_at")) > \(now), 1 = 1) AND NOT \(isBlocked)
            AND NOT EXISTS (SELECT 1 FROM tasks AS c
                WHERE c.parent_id = tasks.id AND c.deleted_at IS NULL AND c.status \(Self.openStatuses))
            """
        }
    }

    /// Whether a task waits for one that is open.
    var isBlocked: SQL {
        """
        EXISTS (SELECT 1 FROM task_dependencies AS d JOIN tasks AS o ON o.id = d.depends_on_id
            WHERE d.task_id = tasks.id AND o.deleted_at IS NULL AND o.status \(Self.openStatuses))
        """
    }

    /// Whether a task that is open waits for it.
    var isBlocking: SQL {
        """
        EXISTS (SELECT 1 FROM task_dependencies AS d JOIN tasks AS o ON o.id = d.task_id
            WHERE d.depends_on_id = tasks.id AND o.deleted_at IS NULL AND o.status \(Self.openStatuses))
        """
    }

    private func has(_ field: QueryField) -> SQL {
        switch field {
        case .status: "1 = 1"
        case .priority: "tasks.priority IS NOT NULL"
        case .tag: "EXISTS (SELECT 1 FROM task_tags AS g WHERE g.task_id = tasks.id)"
        case .notes: "EXISTS (SELECT 1 FROM notes AS n WHERE n.task_id = tasks.id AND n.deleted_at IS NULL)"
        case .text(let field): "\(column(field)) IS NOT NULL"
        case .moment(let field): "\(column(field)) IS NOT NULL"
        case .number(let field): "\(column(field)) IS NOT NULL"
        case .reference(.parent): "tasks.parent_id IS NOT NULL"
        case .reference: "1 = 1"
        case .custom(let field): "\(kind(of: field)) <> 'null'"
        }
    }

    // MARK: Values

    private func sign(_ comparison: QueryComparison) -> SQL {
        SQL(unsafeRaw: comparison == .equal ? "=" : comparison.rawValue)
    }

    private func within(
        _ bounds: (from: Timestamp?, to: Timestamp?), _ column: SQL, _ bound: (Timestamp) -> SQL
    ) -> SQL {
        let conditions =
            [
                bounds.from.map { "\(column) >= \(bound($0))" as SQL },
                bounds.to.map { "\(column) < \(bound($0))" as SQL },
            ]
            .compactMap { $0 }
        return conditions.isEmpty ? "\(column) IS NOT NULL" : SQL.joined(conditions, separator: " AND ")
    }

    /// Ids are ASCII; the character after `z` is the brace.
    private func hasPrefix(_ column: SQL, _ prefix: String) -> SQL {
        "\(column) >= \(prefix) AND \(column) < \(prefix + "{")"
    }

    private func sql(_ field: QueryField.Reference, _ prefix: String) -> SQL {
        switch field {
        case .id: hasPrefix("tasks.id", prefix)
        case .parent: hasPrefix("tasks.parent_id", prefix)
        case .under:
            """
            tasks.id IN (WITH RECURSIVE subtree (id) AS (
                SELECT s.id FROM tasks AS s WHERE \(hasPrefix("s.id", prefix)) AND s.deleted_at IS NULL
                UNION SELECT s.id FROM tasks AS s JOIN subtree ON s.parent_id = subtree.id WHERE s.deleted_at IS NULL
            ) SELECT id FROM subtree)
            """
        }
    }

    // MARK: Fields of one's own

    /// The type of a member of the metadata, in PostgreSQL's words; null where there is none. What is no JSON, as an edit by
    /// hand can leave it in SQLite, has no members.
    private func kind(of field: CustomField) -> SQL {
        switch dialect {
        case .postgres: "jsonb_typeof(tasks.metadata -> \(field.name))"
        case .sqlite:
            """
            CASE WHEN json_valid(tasks.metadata) THEN CASE json_type(tasks.metadata, \(path(of: field)))
                WHEN 'integer' THEN 'number' WHEN 'real' THEN 'number' WHEN 'text' THEN 'string'
                ELSE json_type(tasks.metadata, \(path(of: field))) END END
            """
        }
    }

    /// The member's value where it is of the kind of the field, else null.
    func value(of field: CustomField) -> SQL {
        let isNumber = field.kind == .number || field.kind == .duration
        let kind: SQL = isNumber ? "'number'" : "'string'"
        let value: SQL =
            switch dialect {
            case .sqlite: "json_extract(tasks.metadata, \(path(of: field)))"
            case .postgres where isNumber: "(tasks.metadata ->> \(field.name))::numeric"
            case .postgres: "(tasks.metadata ->> \(field.name)) COLLATE \"C\""
            }
        return "CASE WHEN (\(self.kind(of: field))) = \(kind) THEN \(value) END"
    }

    /// SQLite takes what stands between quotes as it is (its name of a field has none).
    private func path(of field: CustomField) -> String { "$.\"\(field.name)\"" }

    private func sql(_ field: CustomField, _ comparison: QueryComparison, _ value: CustomValue) -> SQL {
        let member = self.value(of: field)
        switch value {
        case .text(let text): return "(\(member)) = \(text)"
        case .date(let moment): return within(moment.bounds(comparison), "(\(member))") { "\($0.iso8601)" }
        case .duration(let minutes): return "(\(member)) \(sign(comparison)) \(minutes)"
        case .number(let number):
            let bound: SQL =
                dialect == .sqlite ? "CAST(\(number.text) AS REAL)" : "CAST(\(number.text)::text AS numeric)"
            return "(\(member)) \(sign(comparison)) \(bound)"
        }
    }
}

extension QueryComparison {
    fileprivate func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
        switch self {
        case .equal: left == right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        }
    }
}
