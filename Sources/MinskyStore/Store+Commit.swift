import Foundation
import MinskySQL

extension Store {
    /// Runs a body that commits an operation, and finds out what became of it when the answer to the commit is lost.
    ///
    /// The operation's lock is held until its transaction has ended one way or the other; whoever gets it then sees in the
    /// log whether the operation is there. What was not committed is run again.
    /// - Parameter body: Hands its result to its argument before it commits.
    /// - Throws: `StoreError` with code `.outcomeUnknown` when the database cannot be asked; what the body throws.
    func committing<Result>(_ id: String, _ body: (_ keep: (Result) -> Void) throws -> Result) throws -> Result {
        var kept: Result?
        for attempt in 0... {
            do {
                return try body { kept = $0 }
            } catch let error as SQLError where error.isOutcomeUnknown {
                let isCommitted: Bool
                do {
                    isCommitted = try Patience.patiently { try wasCommitted(id) }
                } catch {
                    throw StoreError(
                        .outcomeUnknown,
                        "the connection was lost while operation \(id) was being committed, and the database cannot be asked "
                            + "whether it took place: \(error)")
                }
                if isCommitted, let kept { return kept }
                if attempt == 2 { throw error }
            }
        }
        throw StoreError(.outcomeUnknown, "operation \(id) could not be committed")
    }

    private func wasCommitted(_ id: String) throws -> Bool {
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
