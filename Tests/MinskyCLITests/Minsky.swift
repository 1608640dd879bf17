import Foundation
import MinskyModel
import TestSupport
import Testing

/// The database a workspace of a test is kept in.
enum Storage: CaseIterable, Sendable { case sqlite, postgres }

/// The real `minsky`, run in a home and a folder that only one test sees, with an environment that holds nothing else.
final class Minsky: Sendable {
    let scratch: ScratchFolder
    /// The home directory.
    let home: String
    /// The working directory, which holds the workspace, if there is one.
    let folder: String
    let storage: Storage
    /// The PostgreSQL schema of the workspace.
    let schema = "cli_\(UInt64.random(in: 0...UInt64.max))"

    /// A folder without a workspace.
    init() throws {
        scratch = try ScratchFolder()
        (home, folder) = (scratch.path + "/home", scratch.path + "/project")
        storage = .sqlite
        try makeFolders()
    }

    /// A folder with a new workspace.
    init(_ storage: Storage) throws {
        scratch = try ScratchFolder()
        (home, folder) = (scratch.path + "/home", scratch.path + "/project")
        self.storage = storage
        try makeFolders()
        switch storage {
        case .sqlite:
            for file in try Self.newWorkspace.get() {
                try write(file.bytes, to: workspace + "/" + file.name)
            }
        case .postgres: try ok("init", "--db-url", try TestStorage.postgresURL())
        }
    }

    private func makeFolders() throws {
        for path in [home, folder] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
    }

    deinit {
        if storage == .postgres { _ = try? sql("DROP SCHEMA IF EXISTS \(schema) CASCADE") }
        scratch.remove()
    }

    /// What `minsky init` makes, which takes longer than copying it.
    private static let newWorkspace: Result<[(name: String, bytes: [UInt8])], any Error> = Result {
        let minsky = try Minsky()
        try minsky.ok("init")
        return try FileManager.default.contentsOfDirectory(atPath: minsky.workspace).map { name in
            (name, Array(try Data(contentsOf: URL(fileURLWithPath: minsky.workspace + "/" + name))))
        }
    }

    /// Where the program is: next to the program the tests are in.
    static let binary: Result<String, any Error> = Result {
        let tests = Bundle.main.executablePath ?? CommandLine.arguments[0]
        var folder = URL(fileURLWithPath: tests).resolvingSymlinksInPath().deletingLastPathComponent()
        for _ in 0..<4 {
            let path = folder.appendingPathComponent("minsky").path
            if FileManager.default.isExecutableFile(atPath: path) { return path }
            folder.deleteLastPathComponent()
        }
        throw ProcessFailure("there is no program minsky next to \(tests): swift build --build-tests makes it")
    }

    /// What the program finds in its environment.
    func environment(_ more: [String: String] = [:]) -> [String: String] {
        var environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": home, "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
        ]
        if storage == .postgres { environment["MINSKY_DATABASE_SCHEMA"] = schema }
        return environment.merging(more) { $1 }
    }

    /// Starts the program.
    func start(
        _ arguments: [String], environment: [String: String] = [:], in folder: String? = nil,
        input: ChildProcess.Input = .empty
    ) throws -> ChildProcess {
        try ChildProcess(
            try Self.binary.get(), arguments, environment: self.environment(environment), folder: folder ?? self.folder,
            input: input)
    }

    /// Runs the program to its end.
    @discardableResult
    func run(
        _ arguments: String..., environment: [String: String] = [:], in folder: String? = nil,
        input: ChildProcess.Input = .empty
    ) throws -> ProcessResult {
        try start(arguments, environment: environment, in: folder, input: input).wait()
    }

    /// Runs the program, which has to succeed, and returns its standard output.
    @discardableResult
    func ok(_ arguments: String..., environment: [String: String] = [:], in folder: String? = nil) throws -> String {
        try ok(arguments, environment: environment, in: folder).output
    }

    @discardableResult
    func ok(
        _ arguments: [String], environment: [String: String] = [:], in folder: String? = nil
    ) throws -> ProcessResult {
        let result = try start(arguments, environment: environment, in: folder).wait()
        guard result.exitCode == 0 else {
            throw ProcessFailure("minsky \(arguments): \(result.exitCode), \(result.errors)")
        }
        return result
    }

    /// Runs the program with `--json`; it has to succeed, print one line of JSON, and tell nothing else.
    @discardableResult
    func json(_ arguments: String..., environment: [String: String] = [:], in folder: String? = nil) throws -> JSON {
        let result = try ok(arguments + ["--json"], environment: environment, in: folder)
        #expect(result.errors == "")
        #expect(result.output.hasSuffix("\n"))
        return try JSON(parsing: result.output)
    }

    /// Adds a task and returns its id.
    func add(_ title: String, _ options: String..., environment: [String: String] = [:]) throws -> String {
        let result = try ok(["add", "--quiet"] + options + ["--", title], environment: environment)
        return String(result.output.dropLast())
    }

    /// Runs a shell script in the workspace's folder, in which `$minsky` is the program.
    func shell(_ script: String, environment: [String: String] = [:]) throws -> ProcessResult {
        let variables = self.environment(environment).merging(["minsky": try Self.binary.get()]) { $1 }
        return try ChildProcess("/bin/sh", ["-c", script], environment: variables, folder: folder).wait()
    }
}

/// What a failed command told a program that asked for JSON.
struct Failure {
    let exitCode: Int32
    let code: String
    let message: String
    let hint: String?
}

extension Minsky {
    /// Runs the program with `--json`; it has to fail as documented: nothing on standard output, and on standard error
    /// one JSON object.
    func failure(
        _ arguments: String..., environment: [String: String] = [:], in folder: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Failure {
        let result = try start(["--json"] + arguments, environment: environment, in: folder).wait()
        #expect(result.exitCode != 0, sourceLocation: sourceLocation)
        #expect(result.output == "", sourceLocation: sourceLocation)
        let json = try JSON(parsing: result.errors)
        let members = try #require(json["error"]?.members, sourceLocation: sourceLocation)
        #expect(members.map(\.key) == ["code", "message", "hint"], sourceLocation: sourceLocation)
        return Failure(
            exitCode: result.exitCode, code: json["error"]?["code"]?.string ?? "",
            message: json["error"]?["message"]?.string ?? "", hint: json["error"]?["hint"]?.string)
    }
}

extension ProcessResult {
    /// The lines of standard output.
    var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) }
}

extension JSON {
    /// The names of an object's members, in order.
    var keys: [String] { members?.map(\.key) ?? [] }

    /// The titles of a list of tasks.
    var titles: [String] { array?.compactMap { $0["title"]?.string } ?? [] }

    subscript(index: Int) -> JSON? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }
}
