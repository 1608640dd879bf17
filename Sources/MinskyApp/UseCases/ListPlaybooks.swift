import MinskyAI
import MinskyModel

/// What a playbook is, without its steps.
public struct PlaybookSummary: Sendable, Hashable {
    public let name: String
    public let title: String
    /// When it fits, for people.
    public let summary: String
    /// Whether it is the workspace's own.
    public let isOwn: Bool
    public let stepCount: Int

    init(_ playbook: Playbook, in library: PlaybookLibrary) {
        name = playbook.name
        title = playbook.title
        summary = playbook.summary
        isOwn = library.ownNames.contains(playbook.name)
        stepCount = playbook.steps.count
    }

    /// The playbook as the documented JSON object.
    public var json: JSON {
        [
            "name": .string(name), "title": .string(title), "summary": .string(summary), "isOwn": .bool(isOwn),
            "stepCount": .integer(Int64(stepCount)),
        ]
    }
}

/// Lists the playbooks of the built-in planner: those that ship and the workspace's own.
public struct ListPlaybooks: Sendable {
    /// Creates the request.
    public init() {}

    /// The playbooks by name.
    /// - Throws: `AIError` with code `.badPlaybook`; `AppError`.
    public func run(in workspace: OpenWorkspace) throws -> [PlaybookSummary] {
        let library = try PlaybookLibrary(own: try workspace.workspace.playbooks())
        return library.playbooks.map { PlaybookSummary($0, in: library) }.sorted { $0.name < $1.name }
    }

    /// The playbook of a name.
    /// - Throws: `AppError` with code `.notFound` that names the nearest one.
    @discardableResult
    static func require(_ name: String, in library: PlaybookLibrary) throws -> Playbook {
        if let playbook = library.playbook(named: name) { return playbook }
        let nearest = NearestMatch.of(name, among: library.playbooks.map(\.name).sorted())
        throw AppError(
            .notFound, "there is no playbook '\(name)'",
            hint: (nearest.map { "Did you mean \($0)? " } ?? "") + "minsky playbooks lists all.")
    }
}

/// Shows one playbook with its steps.
public struct ShowPlaybook: Sendable {
    public var name: String

    /// A playbook and what is known of it.
    public struct Result: Sendable {
        public let playbook: Playbook
        public let summary: PlaybookSummary

        /// The playbook as the documented JSON object, with its steps.
        public var json: JSON {
            let steps: [JSON] = playbook.steps.map { step in
                [
                    "title": .string(step.title), "description": .string(step.description),
                    "estimateMinutes": step.estimateMinutes.map { .integer(Int64($0)) } ?? .null,
                    "complexity": .integer(Int64(step.complexity)),
                    "after": .array(step.after.map { .integer(Int64($0 + 1)) }),
                    "when": .array(step.when.map(JSON.string)), "isEachItem": .bool(step.isEachItem),
                ]
            }
            return .object((summary.json.members ?? []) + [JSON.Member("steps", .array(steps))])
        }
    }

    /// Creates the request.
    public init(name: String) { self.name = name }

    /// Finds the playbook.
    /// - Throws: `AppError` with code `.notFound`; `AIError` with code `.badPlaybook`.
    public func run(in workspace: OpenWorkspace) throws -> Result {
        let library = try PlaybookLibrary(own: try workspace.workspace.playbooks())
        let playbook = try ListPlaybooks.require(name, in: library)
        return Result(playbook: playbook, summary: PlaybookSummary(playbook, in: library))
    }
}
