import Foundation
import GRDB
import MinskySQL

/// Notices commits of other connections by SQLite's data version, which is looked at every few milliseconds.
final class SQLiteSignal: ChangeSignal {
    private static let pause = 0.02

    private let queue: DatabaseQueue
    private var last: Int64

    init(path: String) throws {
        let queue = try SQLError.mapping { try DatabaseQueue(path: path) }
        self.queue = queue
        last = try Self.version(queue)
    }

    func wait(seconds: Double) throws -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        while true {
            let version = try Self.version(queue)
            if version != last {
                last = version
                return true
            }
            let rest = end.timeIntervalSinceNow
            guard rest > 0 else { return false }
            Thread.sleep(forTimeInterval: min(Self.pause, rest))
        }
    }

    private static func version(_ queue: DatabaseQueue) throws -> Int64 {
        try SQLError.mapping {
            try queue.inDatabase { try Int64.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
        }
    }
}
