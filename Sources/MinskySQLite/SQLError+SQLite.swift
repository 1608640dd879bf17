import Foundation
import GRDB
import MinskySQL

extension SQLError {
    /// Runs a body and turns GRDB's errors into ours; others pass.
    static func mapping<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw SQLError(
                kind: kind(of: error.resultCode), nativeCode: "SQLite \(error.extendedResultCode.rawValue)",
                message: error.message ?? "unknown error", sql: error.sql)
        }
    }

    private static func kind(of code: ResultCode) -> Kind {
        switch code {
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG: .constraint
        case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
        case .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH, .SQLITE_CANTOPEN: .permission
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT: .corrupt
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_NOMEM: .storage
        case .SQLITE_INTERRUPT: .interrupted
        default: .other
        }
    }
}
