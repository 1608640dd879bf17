/// What one operation did to one row of one table.
public struct Change: Sendable, Hashable {
    /// What happened to the row.
    public enum Kind: String, Sendable { case insert, update, delete }

    public var table: String
    /// The row's key; the parts of a compound key are joined by `/`.
    public var rowID: String
    public var kind: Kind
    /// The changed fields before, an object, or nil for an insert. The key is not among them.
    public var before: JSON?
    /// The changed fields after, an object, or nil for a delete. A field that an insert does not name is null.
    public var after: JSON?
    /// The fields that did not take effect, with the values they would have got, or nil when all did.
    public var lost: JSON?
    /// What an edit that waits to be pushed said before it was laid over what others did, an object with `kind` and
    /// `fields`; nil when that is what it still says. An empty object stands for a change that came about by laying over.
    public var original: JSON?

    /// Creates a change from all of its parts.
    public init(
        table: String, rowID: String, kind: Kind, before: JSON?, after: JSON?, lost: JSON? = nil, original: JSON? = nil
    ) {
        self.table = table
        self.rowID = rowID
        self.kind = kind
        self.before = before
        self.after = after
        self.lost = lost
        self.original = original
    }
}
