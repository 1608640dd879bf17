import Foundation
import MinskyApp
import MinskyModel
import Synchronization
import Testing

@testable import MinskyCLI

/// What keeps the program's start short.
@Suite("The start")
struct StartTests {
    /// A command is parsed where it stands alone, wherever its name is.
    @Test(arguments: [
        ["list"], ["list", "-a"], ["-C", "there", "list"], ["--json", "-q", "list", "+tag"], ["tasks", "show", "abcd"],
        ["add", "Buy", "--due", "fri"], ["search", "done"], ["sync", "status"], ["rm", "abcd"],
    ])
    func aCommandIsParsedAlone(arguments: [String]) throws {
        let alone = try #require(MinskyCommand.parsedAlone(arguments))
        let whole = try MinskyCommand.parseAsRoot(arguments)
        #expect(type(of: alone) == type(of: whole))
        #expect("\(alone)" == "\(whole)")
    }

    /// What is not simply a command is the whole tree's, which names all of them.
    @Test(arguments: [
        [], ["--version"], ["help", "list"], ["list", "--help"], ["list", "--version"], ["lst"], ["tasks"],
        ["add", "A", "--asignee", "ada"], ["tasks", "lst"], ["lst", "list"], ["edit"], ["-C", "done", "list"],
    ])
    func anythingElseIsNot(arguments: [String]) {
        #expect(MinskyCommand.parsedAlone(arguments) == nil)
    }

    /// On the main thread nothing has to be handed over to another one.
    @MainActor @Test func aCommandRunsWhereItIsCalled() async {
        let key = DispatchSpecificKey<Bool>()
        DispatchQueue.main.setSpecific(key: key, value: true)
        defer { DispatchQueue.main.setSpecific(key: key, value: nil) }
        let places = Mutex<[Bool]>([])
        let streams = Streams(
            write: { _, _ in places.withLock { $0.append(DispatchQueue.getSpecific(key: key) == true) } },
            writeJSON: { _, _, _ in }, isTerminal: { _ in false }, width: { _ in 80 })
        let environment = Environment(
            variables: [:], workingDirectory: "/", homeDirectory: "/", userName: "ada",
            now: { Timestamp(microseconds: 0) }, newID: { "0000000000000000" }, utcOffset: { _ in 0 })
        _ = await CommandLineTool.run(["completion", "bash"], in: environment, streams)
        #expect(places.withLock { $0 } == [true])
    }
}
