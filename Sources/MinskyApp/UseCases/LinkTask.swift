import Foundation
import MinskyModel
import MinskyStore

/// Notes what belongs to a task and is kept elsewhere. The same target once more only gets another title.
public struct LinkTask: Sendable {
    /// The task's id as typed.
    public var id: String
    /// A URL, or the path of a file that is there.
    public var target: String
    public var title: String?

    /// Creates the request.
    public init(id: String, target: String, title: String? = nil) {
        self.id = id
        self.target = target
        self.title = title
    }

    /// Notes the link.
    /// - Throws: `AppError` with code `.invalidArgument` for what is neither, `.notFound` when there is no such file;
    ///   `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> TaskLinks {
        let target = try Self.checked(target, in: workspace)
        let title = title?.trimmingSpace
        let newID = workspace.environment.newID()
        let operation = workspace.operation("link", of: caller)
        return try workspace.perform(operation) { session in
            let task = try session.task(try session.resolveTask(id))
            let present = try session.links(of: task.id)
            if let old = present.first(where: { $0.target.utf8.elementsEqual(target.utf8) }) {
                let new = title?.isEmpty == false ? title : old.title
                if new != old.title { try session.rename(old, to: new) }
            } else {
                // Two who note the same target without having seen each other make one row. One that was given another target
                // by hand keeps its id.
                let derived = DerivedIdentifier.of(workspace: task.id, source: "link", reference: target)
                let isTaken = present.contains { $0.id == derived }
                try session.insert(
                    Link(
                        id: isTaken ? newID : derived, taskID: task.id, target: target,
                        title: title?.isEmpty == false ? title : nil,
                        createdAt: operation.now, createdBy: caller.name))
            }
            let links = try session.links(of: task.id).filter { $0.target.utf8.elementsEqual(target.utf8) }
            return TaskLinks(task: task, links: links, list: try TaskList(tasks: [task], in: session))
        }
    }

    /// A target as it is stored: a file of the workspace's folder by its path from there, any other one by its whole path.
    static func checked(_ typed: String, in workspace: OpenWorkspace) throws -> String {
        let text = typed.trimmingSpace
        guard !text.isEmpty, text.unicodeScalars.count <= 4000 else {
            throw AppError(.invalidArgument, "a link has 1 to 4000 characters")
        }
        guard !text.unicodeScalars.contains(where: \.isTerminalControl) else {
            throw AppError(.invalidArgument, "'\(text.terminalSafe())' holds characters that no link has")
        }
        if Link.isURL(text) {
            guard !Link.isScript(text) else {
                throw AppError(
                    .invalidArgument, "'\(text.prefix(40))' is a program or a text, not the place of one",
                    hint: "A link is a URL such as https://example.com/page, or the path of a file.")
            }
            guard !text.unicodeScalars.contains(where: \.properties.isWhitespace) else {
                throw AppError(.invalidArgument, "'\(text)' is no URL: a space is written as %20")
            }
            return text
        }
        guard FileAccess.exists(workspace.environment.absolute(text)) else {
            throw AppError(
                .notFound, "there is no file '\(text)'", hint: "A URL begins with its scheme, such as https://")
        }
        return path(text, in: workspace)
    }

    /// The path of a file as it is stored.
    static func path(_ typed: String, in workspace: OpenWorkspace) -> String {
        let path = workspace.environment.absolute(typed)
        let folder = workspace.workspace.root + "/"
        return path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
    }
}

/// Links of one task.
public struct TaskLinks: Sendable {
    public let task: TaskItem
    public let links: [Link]
    public let list: TaskList

    /// The links as the documented JSON array.
    public var json: JSON { .array(links.map(\.json)) }
}

/// Reads the links of a task.
public struct ListLinks: Sendable {
    /// The task's id as typed.
    public var id: String

    /// Creates the request.
    public init(id: String) { self.id = id }

    /// Reads the links.
    /// - Throws: `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace) throws -> TaskLinks {
        try workspace.store.read { session in
            let task = try session.task(try session.resolveTask(id))
            return TaskLinks(
                task: task, links: try session.links(of: task.id), list: try TaskList(tasks: [task], in: session))
        }
    }
}

/// Takes a link of a task away.
public struct UnlinkTask: Sendable {
    /// The task's id as typed.
    public var id: String
    /// The target, or the beginning of the link's id.
    public var link: String

    /// Creates the request.
    public init(id: String, link: String) {
        self.id = id
        self.link = link
    }

    /// Takes the link away and returns it as it was.
    /// - Throws: `AppError` with code `.notFound` or `.invalidArgument`; `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> TaskLinks {
        let typed = link.trimmingSpace
        let targets = [typed, workspace.environment.absolute(typed), LinkTask.path(typed, in: workspace)]
        return try workspace.perform(workspace.operation("unlink", of: caller)) { session in
            let task = try session.task(try session.resolveTask(id))
            let links = try session.links(of: task.id)
            var found = links.filter { link in targets.contains { $0.utf8.elementsEqual(link.target.utf8) } }
            if found.isEmpty, let prefix = Identifier.prefix(typed) {
                found = links.filter { $0.id.hasPrefix(prefix) }
            }
            guard found.count == 1, let link = found.first else {
                throw AppError(
                    found.isEmpty ? .notFound : .invalidArgument,
                    found.isEmpty
                        ? "task \(task.id) has no link '\(typed)'" : "'\(typed)' could be several links",
                    hint: "minsky links \(task.id) shows its links.")
            }
            try session.remove(link)
            return TaskLinks(task: task, links: [link], list: try TaskList(tasks: [task], in: session))
        }
    }
}
