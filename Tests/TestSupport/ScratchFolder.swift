import Foundation

/// A new, empty folder under the system's temporary one. Whoever makes it removes it.
public struct ScratchFolder: Sendable {
    public let path: String

    /// Makes the folder.
    public init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("minsky-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    /// Removes the folder and everything in it.
    public func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// How a process ended and what it printed.
public struct ProcessResult: Sendable {
    public let exitCode: Int32
    public let output: String
    public let errors: String
}

/// What went wrong with a process a test needs.
public struct ProcessFailure: Error, CustomStringConvertible {
    public let description: String
}

extension Process {
    /// Runs a program found on `PATH` to its end.
    public static func run(
        _ program: String, _ arguments: [String], environment: [String: String]? = nil, folder: String? = nil,
        input: String? = nil
    ) throws -> ProcessResult {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        if let environment { process.environment = environment }
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        // Files rather than pipes: nothing can fill up and stall.
        let (outputPath, errorPath, inputPath) = (scratch.path + "/out", scratch.path + "/err", scratch.path + "/in")
        for path in [outputPath, errorPath] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        _ = FileManager.default.createFile(atPath: inputPath, contents: Data((input ?? "").utf8))
        process.standardOutput = FileHandle(forWritingAtPath: outputPath)
        process.standardError = FileHandle(forWritingAtPath: errorPath)
        process.standardInput = FileHandle(forReadingAtPath: inputPath)
        try process.run()
        process.waitUntilExit()
        return ProcessResult(
            exitCode: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            output: String(decoding: FileManager.default.contents(atPath: outputPath) ?? Data(), as: UTF8.self),
            errors: String(decoding: FileManager.default.contents(atPath: errorPath) ?? Data(), as: UTF8.self))
    }

    /// Runs a program that must succeed and returns what it printed.
    public static func output(_ program: String, _ arguments: [String]) throws -> String {
        let result = try run(program, arguments)
        guard result.exitCode == 0 else { throw ProcessFailure(description: "\(program): \(result.errors)") }
        return result.output
    }
}
