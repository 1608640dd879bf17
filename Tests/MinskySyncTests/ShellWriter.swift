import Foundation
import MinskyModel
import MinskySQL
import Synchronization
import TestSupport

/// Somebody in a shell of PostgreSQL, whose transaction stays open while others work.
final class ShellWriter: @unchecked Sendable {
    /// What has been written in the transaction so far, noted by the one who asks.
    var written: [Simulation.Written] = []
    var operation: String?

    private struct Ended: Error { let commits: Bool }

    private typealias Command = @Sendable (any Writer) throws -> Void

    private let commands = Mutex<[Command?]>([])
    private let isAsked = DispatchSemaphore(value: 0)
    private let isAnswered = DispatchSemaphore(value: 0)
    private let error = Mutex<(any Error)?>(nil)

    /// Begins a transaction, which waits for nobody's lock.
    init(_ storage: TestStorage) throws {
        let database = try storage.open()
        let thread = Thread { [self] in
            do {
                try database.write { writer in
                    try writer.executeScript("SET LOCAL lock_timeout = '20ms'")
                    while true {
                        isAsked.wait()
                        guard let command = commands.withLock({ $0.removeFirst() }) else { return }
                        do {
                            try command(writer)
                            isAnswered.signal()
                        } catch {
                            self.error.withLock { $0 = error }
                            // What is thrown is no error of the database, after which the transaction would be run again.
                            throw Ended(commits: false)
                        }
                    }
                }
            } catch is Ended {
            } catch {
                self.error.withLock { $0 = error }
            }
            isAnswered.signal()
        }
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Does something in the transaction.
    /// - Throws: what went wrong; the transaction has ended then.
    func perform(_ body: @escaping (any Writer) throws -> Void) throws {
        // Whoever asks waits for the answer.
        nonisolated(unsafe) let body = body
        try ask { try body($0) }
    }

    func end(commits: Bool) throws {
        if commits { return try ask(nil) }
        do { try ask { _ in throw Ended(commits: false) } } catch is Ended {}
    }

    private func ask(_ command: Command?) throws {
        commands.withLock { $0.append(command) }
        isAsked.signal()
        isAnswered.wait()
        if let error = error.withLock({ $0 }) { throw error }
    }
}

extension Simulation {
    /// Ends what is open in shells.
    func endShells(at site: Site, commits: Bool = true) throws {
        for writer in site.shells.keys.sorted() { try end(site, writer, commits: commits) }
    }

    /// Leaves nothing open behind.
    func close() { for site in [upstream] + replicas { try? endShells(at: site, commits: false) } }

    /// Does something while transactions of shells may be open: where it has to wait for them, they are committed.
    func meanwhile(_ body: @escaping () throws -> Void) throws {
        let open = ([upstream] + replicas).filter { !$0.shells.isEmpty }
        guard let control = try open.first?.storage.open() else { return try body() }
        nonisolated(unsafe) let work = body
        let done = DispatchSemaphore(value: 0)
        let error = Mutex<(any Error)?>(nil)
        let thread = Thread {
            do { try work() } catch let found { error.withLock { $0 = found } }
            done.signal()
        }
        thread.stackSize = 8 << 20
        thread.start()
        var hasEnded = done.wait(timeout: .now() + .milliseconds(4)) == .success
        while !hasEnded {
            let isWaiting = try control.read { reader in
                try reader.first("SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1") { try $0.integer(0) } != nil
            }
            if isWaiting { for site in open { try endShells(at: site) } }
            hasEnded = done.wait(timeout: .now() + .milliseconds(4)) == .success
        }
        if let error = error.withLock({ $0 }) { throw error }
    }
}
