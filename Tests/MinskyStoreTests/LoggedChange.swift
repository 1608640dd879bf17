import MinskyModel
import MinskyStore

/// A change with what its operation tells of it.
@dynamicMemberLookup
struct LoggedChange: Equatable {
    let change: Change
    /// Without its changes.
    let operation: LoggedOperation

    var operationID: String { operation.id }
    var sequence: Int64 { operation.sequence ?? 0 }

    subscript<Value>(dynamicMember path: KeyPath<Change, Value>) -> Value { change[keyPath: path] }
    subscript<Value>(dynamicMember path: KeyPath<LoggedOperation, Value>) -> Value { operation[keyPath: path] }
}

extension [LoggedOperation] {
    var flattened: [LoggedChange] {
        flatMap { operation in
            var head = operation
            head.changes = []
            return operation.changes.map { LoggedChange(change: $0, operation: head) }
        }
    }
}

extension Store {
    /// Every change after a sequence, in the order of the log.
    func changes(after sequence: Int64 = 0) throws -> [LoggedChange] {
        try operations(after: sequence, limit: 1_000_000).flattened
    }

    /// The changes of one task and what hangs on it.
    func history(ofTask id: String) throws -> [LoggedChange] {
        try number()
        return try read { try $0.history(ofTask: id) }.flattened
    }
}
