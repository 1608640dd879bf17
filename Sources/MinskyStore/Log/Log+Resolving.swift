import MinskyModel
import MinskySQL

extension StoreSession {
    /// The id of the one operation whose id begins with what a person typed.
    /// - Throws: `StoreError` with code `.unknownOperation`, or `.ambiguous` without candidates; `SQLError`.
    public func resolveOperation(_ text: String) throws -> String {
        let prefix = Identifier.prefix(text) ?? text
        let end = prefix + "{"  // the character after z
        let found = try reader.rows(
            """
            SELECT id FROM operations
            WHERE id = \(text) OR (id >= \(prefix) AND id < \(end)) ORDER BY id LIMIT 2
            """
        ) { try $0.text(0) }
        guard let first = found.first, prefix.utf8.count >= Identifier.shortestPrefix else {
            throw StoreError(.unknownOperation, "there is no operation \(text)")
        }
        guard found.count == 1 || first == text else {
            throw StoreError(.ambiguous, "several operations' ids begin with '\(text)'")
        }
        return first
    }
}
