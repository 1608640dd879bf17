import Foundation
import MinskySQL

extension Store {
    /// Runs a body that commits, and finds out what became of it when the answer to the commit is lost. What was not committed
    /// is run again.
    /// - Parameters:
    ///   - what: What is being committed, for who has to be told that nobody knows.
    ///   - wasCommitted: Waits until the body's transaction has ended one way or the other, and tells which.
    ///   - body: Hands its result to its argument before it commits.
    /// - Throws: `StoreError` with code `.outcomeUnknown` when the database cannot be asked; what the body throws.
    func committing<Result>(
        _ what: String, asking wasCommitted: () throws -> Bool, _ body: (_ keep: (Result) -> Void) throws -> Result
    ) throws -> Result {
        var kept: Result?
        for attempt in 0... {
            do {
                return try body { kept = $0 }
            } catch let error as SQLError where error.isOutcomeUnknown {
                let isCommitted: Bool
                do {
                    isCommitted = try Patience.patiently(wasCommitted)
                } catch {
                    throw StoreError(
                        .outcomeUnknown,
                        "the connection was lost while \(what) was being committed, and the database cannot be asked whether "
                            + "it took place: \(error)")
                }
                if isCommitted, let kept { return kept }
                if attempt == 2 { throw error }
            }
        }
        throw StoreError(.outcomeUnknown, "\(what) could not be committed")
    }

    /// Whether an operation is in the log. Its lock is held until its transaction has ended one way or the other; whoever gets
    /// it then sees.
    func wasCommitted(operation id: String) throws -> Bool {
        try database.write { writer in
            try writer.lockOperation(id)
            return try writer.first("SELECT number FROM operations WHERE id = \(id)") { try $0.integer(0) } != nil
        }
    }
}

/// Waiting for a server.
enum Patience {
    /// Asks a server twice; each time its driver gives it some seconds to come back.
    static func patiently<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as SQLError where error.kind == .connection || error.kind == .busy {
            Thread.sleep(forTimeInterval: 1)
            return try body()
        }
    }
}
