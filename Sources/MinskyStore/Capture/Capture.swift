import Crypto
import MinskySQL

/// What makes a database write its change log by itself: triggers and functions, generated from a schema.
///
/// Nothing that edits a logged table escapes them, a shell included.
struct Capture {
    /// Counted up with every change of the text that is generated for an unchanged schema, so that an older program
    /// does not put older triggers back. A test holds the text to it.
    static let revision = 1

    let schema: Schema
    let dialect: Dialect

    /// One trigger or function, with the statements that make it.
    struct Part: Sendable {
        enum Kind: Sendable { case trigger, function }

        let kind: Kind
        let name: String
        /// The table a trigger belongs to.
        let table: String?
        /// What the database keeps: in SQLite the whole definition of a trigger, in PostgreSQL the body of a function.
        let text: String
        /// What a trigger of PostgreSQL does when: `AFTER INSERT STATEMENT` and the name of its function, and the columns of
        /// whose update it hears only.
        var shape = ""
        /// The statements that make it.
        let script: String
    }

    /// Everything that has to be there, in an order in which it can be made.
    var parts: [Part] {
        switch dialect {
        case .sqlite: sqliteParts
        case .postgres: postgresParts
        }
    }

    /// The statements that make everything, whatever was there before.
    var script: String { parts.map(\.script).joined(separator: "\n") }

    /// A hash of all of it, by which a test knows when it has changed: 32 hex digits.
    var hash: String {
        SHA256.hash(data: Array(script.utf8)).prefix(16).map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }

    // MARK: What both databases have in common

    /// The kinds of changes of a table that are logged, with the names of the rows a trigger sees.
    enum Event: String, CaseIterable {
        case insert, update, delete
    }

    /// The events of a table that can happen: the rows of a table that keeps deleted ones are not removed.
    func events(of table: Table) -> [Event] {
        if table.isAppendOnly { return [.insert] }
        return table.keepsDeletedRows ? [.insert, .update] : Event.allCases
    }

    /// What is refused, and what is said to who tries.
    struct Guard {
        let name: String
        let event: Event
        /// The columns an update of which is refused when it changes them; empty for every update.
        var columns: [String] = []
        let message: String
    }

    func guards(of table: Table) -> [Guard] {
        var guards: [Guard] = []
        if table.isAppendOnly {
            let message = "rows of \(table.name) are never changed or removed"
            guards.append(Guard(name: "refuse_update_\(table.name)", event: .update, message: message))
            guards.append(Guard(name: "refuse_delete_\(table.name)", event: .delete, message: message))
        } else if !table.keyMayChange {
            let key = table.key.joined(separator: " and ")
            guards.append(
                Guard(
                    name: "refuse_rename_\(table.name)", event: .update, columns: table.key,
                    message: "the \(key) of a row of \(table.name) never changes"))
        }
        if table.keepsDeletedRows {
            guards.append(
                Guard(
                    name: "refuse_delete_\(table.name)", event: .delete,
                    message:
                        "rows of \(table.name) are not removed; set \(Column.deletedAt) and \(Column.updatedAt) instead"
                ))
        }
        return guards
    }

    /// Whether a trigger is one of the change log's, of this version or another, by its name.
    static func isOwn(_ trigger: String) -> Bool {
        trigger == "begin_edit_by_hand" || ["log_", "refuse_", "fence_", "policy_"].contains { trigger.hasPrefix($0) }
    }

    /// The id of a row as the log has it: the values of the key, joined by `/`.
    static func rowID(_ table: Table, _ row: String) -> String {
        table.key.map { "\(row).\($0)" }.joined(separator: " || '/' || ")
    }

    /// A text with the quoted name of the schema in the place of `@schema@`; within a text literal the name's own quotes are
    /// doubled.
    static func qualified(_ text: String, _ schemaName: String) -> String {
        let literal = schemaName.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
        return text.split(separator: "'@schema@", omittingEmptySubsequences: false).joined(separator: "'" + literal)
            .split(separator: "@schema@", omittingEmptySubsequences: false).joined(separator: schemaName)
    }
}
