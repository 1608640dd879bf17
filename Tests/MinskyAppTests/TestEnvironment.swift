import MinskyModel
import Synchronization

@testable import MinskyApp

/// Environments of machines that are not this one.
enum TestEnvironment {
    static let now = Timestamp(microseconds: 1_790_000_000_000_000)

    static func make(folder: String = "/work", home: String = "/home/ada") -> Environment {
        let random = Mutex(SeededGenerator(seed: 7))
        return Environment(
            variables: [:], workingDirectory: folder, homeDirectory: home, userName: "ada", now: { now },
            newID: { random.withLock { Identifier.random(using: &$0) } }, utcOffset: { _ in 0 })
    }
}
