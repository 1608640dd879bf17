import Foundation
import MinskyFormats
import MinskyModel
import MinskyStore

/// Writes tasks in a format of another program, or in minsky's own.
public struct ExportTasks: Sendable {
    let format: Format
    /// Which tasks, as typed; none for all that are not deleted.
    let words: [String]

    /// What an export has written.
    public struct Result: Sendable {
        public let tasks: Int
        /// What the format has no words for.
        public let losses: [String]
    }

    /// The tasks that are read at a time.
    private static let batch = 500

    /// Creates the request from what was typed.
    /// - Throws: `AppError` with code `.invalidArgument` when there is no such format.
    public init(format: String, words: [String] = []) throws {
        self.format = try ImportTasks.format(named: format)
        self.words = words
    }

    /// Writes the tasks piece by piece, in the order of the tree unless the query asks for another one.
    /// - Parameter write: Takes the next bytes, which end with a whole task.
    /// - Throws: `AppError`, `StoreError`, `SQLError`, or what the closure throws.
    public func run(
        in workspace: OpenWorkspace, as caller: Caller, _ write: ([UInt8]) throws -> Void
    ) throws -> Result {
        let environment = workspace.environment
        let filter = try filter(in: workspace, caller)
        let recurrence = ForeignRecurrence(format.name, in: environment)
        return try workspace.store.read { session in
            let places = try session.places(filter)
            let ids = filter.selection.order == nil ? Self.tree(places) : places.map(\.id)
            let names = format.name == "json" ? [:] : try session.references(to: format.name)
            func name(_ id: String) -> Reference {
                names[id].flatMap { Reference($0, defaultSource: format.name) } ?? Reference(minsky: id)
            }
            var writer = format.makeWriter(FormatOptions(utcOffset: environment.utcOffset))
            for start in stride(from: 0, to: ids.count, by: Self.batch) {
                let batch = Array(ids[start..<min(start + Self.batch, ids.count)])
                var some = TaskFilter()
                some.ids = batch
                let tasks = try Dictionary(session.tasks(some).map { ($0.id, $0) }) { first, _ in first }
                let notes = try session.notes(of: batch)
                var bytes: [UInt8] = []
                for task in batch.compactMap({ tasks[$0] }) {
                    let record = TaskRecord(
                        task, notes: (notes[task.id] ?? []).sorted(by: Note.stands(_:before:)), to: format.name,
                        recurrence, name: name)
                    bytes += writer.write(record)
                }
                try write(bytes)
            }
            try write(writer.finish())
            return Result(tasks: ids.count, losses: writer.losses.map(\.description))
        }
    }

    /// Writes the tasks into a file, whole or not at all. A new file is its owner's alone, one that is there keeps its mode.
    /// - Throws: `AppError` with code `.file`, and what the other form throws.
    public func run(in workspace: OpenWorkspace, as caller: Caller, to path: String) throws -> Result {
        let typed = workspace.environment.absolute(path)
        let resolved = realpath(typed, nil)
        defer { free(resolved) }
        let target = resolved.map { String(cString: $0) } ?? typed
        var old = stat()
        let isThere = stat(target, &old) == 0
        guard !isThere || old.st_mode & S_IFMT == S_IFREG else { throw AppError(.file, "\(path) is no file") }
        let partial = "\(target).\(getpid()).new"
        let file = try OpenFile(making: partial)
        do {
            let result = try run(in: workspace, as: caller) { try file.write($0) }
            if isThere { chmod(partial, old.st_mode & 0o7777) }
            try file.synchronize()
            try FileAccess.move(partial, to: target)
            FileAccess.synchronizeFolder(of: target)
            return result
        } catch {
            unlink(partial)
            throw error
        }
    }

    private func filter(in workspace: OpenWorkspace, _ caller: Caller) throws -> TaskFilter {
        // Without words nothing is left out, whatever context the workspace is in.
        guard !words.isEmpty else { return TaskFilter() }
        return TaskFilter(
            try TaskRequest(words).selection(in: workspace, as: caller), now: workspace.environment.now(),
            coefficients: workspace.configuration.coefficients)
    }

    /// The ids of tasks, each followed by those below it. One whose parent is not among them stands at the top, and none of
    /// a circle, which only an edit by hand can make, is left out.
    private static func tree(_ places: [(id: String, parentID: String?)]) -> [String] {
        let present = Set(places.map(\.id))
        var children: [String: [String]] = [:]
        var stack: [String] = []
        for (id, parent) in places.reversed() {
            if let parent, present.contains(parent) {
                children[parent, default: []].append(id)
            } else {
                stack.append(id)
            }
        }
        var ids: [String] = []
        ids.reserveCapacity(places.count)
        while let id = stack.popLast() {
            ids.append(id)
            stack += children.removeValue(forKey: id) ?? []
        }
        if ids.count < places.count {
            let seen = Set(ids)
            ids += places.map(\.id).filter { !seen.contains($0) }
        }
        return ids
    }
}

extension Note {
    /// Whether a note comes first: by its time, and by its text where that is the same, which every store has alike.
    fileprivate static func stands(_ note: Note, before other: Note) -> Bool {
        note.createdAt == other.createdAt
            ? note.body.utf8.lexicographicallyPrecedes(other.body.utf8) : note.createdAt < other.createdAt
    }
}
