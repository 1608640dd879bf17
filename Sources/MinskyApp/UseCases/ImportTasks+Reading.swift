import Foundation
import MinskyFormats
import MinskyModel

extension ImportTasks {
    /// The largest file, in bytes.
    static let largestFile = 1 << 29
    /// The most tasks, which are all in memory at once.
    static let mostTasks = 500_000
    /// The most that is told of each kind; of what comes after, only the number is kept.
    static let mostFindings = 10_000

    /// What a file says, before anything is known of the store.
    struct Reading {
        let format: Format
        var records = RecordCollector()
        var skipped = 0
        var warnings = 0
    }

    /// Reads a file or standard input, piece by piece.
    /// - Parameter standardInput: The next bytes of standard input, none at its end.
    /// - Throws: `AppError`.
    func read(in environment: Environment, _ standardInput: () throws -> [UInt8]) throws -> Reading {
        let source = try path.flatMap { $0 == "-" ? nil : try OpenFile(streaming: $0, in: environment) }
        var beginning: [UInt8] = []
        func next() throws -> [UInt8] { try source?.read() ?? standardInput() }
        // As much as tells what it is.
        while beginning.count < Format.beginningLength, case let bytes = try next(), !bytes.isEmpty {
            beginning += bytes
        }
        if WorkspaceDocument.begins(beginning) {
            throw AppError(
                .invalidArgument, "\(name) holds a whole workspace and not a list of tasks",
                hint: "minsky backup restore brings back a workspace that minsky backup create has saved.")
        }
        let format = try self.format ?? detectedFormat(beginning)
        var reading = Reading(format: format)
        var reader = format.makeReader(FormatOptions(utcOffset: environment.utcOffset))
        var size = 0
        var bytes = beginning
        while !bytes.isEmpty {
            size += bytes.count
            guard size <= Self.largestFile else {
                throw AppError(
                    .invalidArgument, "\(name) is larger than \(Self.largestFile >> 20) MiB",
                    hint: "Import it in several files.")
            }
            for event in reader.read(bytes[...]) { reading.take(event) }
            guard reading.records.records.count + reading.records.amendments.count <= Self.mostTasks else {
                throw AppError(
                    .invalidArgument, "\(name) holds more than \(Self.mostTasks) tasks",
                    hint: "Import it in several files.")
            }
            bytes = try next()
        }
        for event in reader.finish() { reading.take(event) }
        return reading
    }

    /// What people are told the file is.
    var name: String { path.map { $0 == "-" ? "standard input" : $0 } ?? "standard input" }

    private func detectedFormat(_ beginning: [UInt8]) throws -> Format {
        let file = path == "-" ? nil : path.map { URL(fileURLWithPath: $0).lastPathComponent }
        if let found = Format.detected(name: file, beginning: beginning) { return found }
        throw AppError(
            .invalidArgument,
            beginning.isEmpty ? "\(name) is empty" : "it cannot be told which format \(name) has",
            hint: "Name it before the file: \(Format.all.map(\.name).joined(separator: ", ")).")
    }

    /// The format of a name.
    /// - Throws: `AppError` with code `.invalidArgument` that names the nearest, or all.
    static func format(named name: String) throws -> Format {
        if let format = Format.named(name.lowercased()) { return format }
        let names = Format.all.map(\.name)
        let meant = synonyms[name.lowercased()] ?? NearestMatch.of(name, among: names)
        throw AppError(
            .invalidArgument, "there is no format '\(name)'",
            hint: meant.map { "Did you mean \($0)?" } ?? "Formats are: \(names.joined(separator: ", ")).")
    }

    private static let synonyms = [
        "tw": "taskwarrior", "task": "taskwarrior", "md": "markdown", "txt": "todotxt", "todo.txt": "todotxt",
        "todo": "todotxt", "bd": "beads", "task-master": "taskmaster", "jsonl": "json", "tsv": "csv", "minsky": "json",
    ]
}

extension ImportTasks.Reading {
    fileprivate mutating func take(_ event: ReadingEvent) {
        switch event {
        case .skipped:
            skipped += 1
            if skipped > ImportTasks.mostFindings { return }
        case .warning:
            warnings += 1
            if warnings > ImportTasks.mostFindings { return }
        case .record, .amendment: break
        }
        records.add(event)
    }
}
