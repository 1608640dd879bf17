import MinskyModel
import MinskySQL

/// What reading and writing have in common; queries are extensions of it.
public protocol StoreSession {
    var reader: any Reader { get }
    /// The schema of what is read.
    var schema: Schema { get }
    /// What a query ends with, so that the rows it returns stay as they are as long as the session may need them.
    var rowLock: SQL { get }
}

/// A store inside a reading transaction, which sees one state throughout. Valid only within the body it was passed to.
public struct ReadSession: StoreSession {
    public let reader: any Reader
    public let schema: Schema
    public var rowLock: SQL { "" }
}

/// A store inside one operation: the rows it reads are locked for other writers until it ends, since what it writes was
/// decided by them. Valid only within the body it was passed to.
public struct WriteSession: StoreSession {
    public let writer: any Writer
    public let schema: Schema
    public let operation: OperationContext
    /// Looks at every task before it is inserted or updated, and says what is written instead; nil where nobody looks.
    public var review: ((_ old: TaskItem?, _ new: TaskItem) throws -> TaskItem)?

    init(writer: any Writer, schema: Schema, operation: OperationContext) {
        self.writer = writer
        self.schema = schema
        self.operation = operation
    }

    public var reader: any Reader { writer }
    public var rowLock: SQL { writer.dialect.rowLock }

    /// Keeps others from changing how tasks hang together until the operation ends.
    ///
    /// Whoever may change a parent, a place or a dependency takes it before reading any row: the other way round, two of
    /// them would wait for each other.
    public func lockGraph() throws { try writer.lockGraph() }
}
