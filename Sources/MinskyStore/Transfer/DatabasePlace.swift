import MinskyModel

/// Where a store is: a SQLite file, or a schema of a PostgreSQL database. Never with a password, as it is written down.
public struct DatabasePlace: Sendable, Hashable, CustomStringConvertible {
    /// A PostgreSQL URL, or the absolute path of a file.
    public let url: String
    /// The schema, or nil for a file.
    public let schema: String?

    /// Names a place; a password in the URL is left out.
    public init(url: String, schema: String?) {
        let address = ConnectionAddress(url)
        self.url = address.form == .path ? url : address.withoutSecrets
        self.schema = schema
    }

    /// The place as people are told it.
    public var description: String {
        // What somebody wrote by hand may be anything, with a password in it.
        let address = ConnectionAddress(url)
        let shown = address.form == .other ? address.shown : url
        return schema.map { "\(shown), schema \($0)" } ?? shown
    }
}
