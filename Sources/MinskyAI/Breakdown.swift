// MinskyAI: breaking work down and embedding text, by a model over HTTP or by the built-in planner.
//
// May import MinskyHTTP, MinskyModel and swift-crypto. Knows nothing of databases, files or terminals: what a planner
// should know is handed to it, and what it says is handed back.

import MinskyModel

/// What a planner is told about the task to break down.
public struct BreakdownRequest: Sendable {
    public var title: String
    public var description: String?
    /// The titles of the tasks above it, nearest first.
    public var ancestors: [String]
    /// The titles of the tasks beside it.
    public var siblings: [String]
    /// The titles of the subtasks it already has; none of them is wanted again.
    public var existing: [String]
    /// Further text the person wants considered.
    public var context: String?
    /// How many subtasks are wanted, or nil to leave it to the planner.
    public var count: Int?

    /// Creates a request.
    public init(
        title: String, description: String? = nil, ancestors: [String] = [], siblings: [String] = [],
        existing: [String] = [], context: String? = nil, count: Int? = nil
    ) {
        self.title = title
        self.description = description
        self.ancestors = ancestors
        self.siblings = siblings
        self.existing = existing
        self.context = context
        self.count = count
    }

    /// The most subtasks a breakdown may have.
    public static let maximumCount = 50
}

/// One subtask a planner proposes.
public struct PlannedSubtask: Sendable, Hashable {
    public var title: String
    public var description: String?
    public var estimateMinutes: Int?
    /// 1 (trivial) to 10 (hardest).
    public var complexity: Int?
    /// The positions, counted from 0, of the subtasks in the same breakdown that must be done first. Never a circle.
    public var dependsOn: [Int]

    /// Creates a subtask.
    public init(
        title: String, description: String? = nil, estimateMinutes: Int? = nil, complexity: Int? = nil,
        dependsOn: [Int] = []
    ) {
        self.title = title
        self.description = description
        self.estimateMinutes = estimateMinutes
        self.complexity = complexity
        self.dependsOn = dependsOn
    }
}

/// A planner's whole answer.
public struct Breakdown: Sendable, Hashable {
    public var subtasks: [PlannedSubtask]
    /// The provider that gave it: `builtin` or `openai-compatible`.
    public var provider: String
    /// The model's name; for the built-in planner, what it went by: `playbook:<name>`, `earlier:<task id>`, or `none`.
    public var model: String
    /// The tokens used, where the provider counts them.
    public var usage: TokenUsage?
    /// A sentence for people on where the breakdown comes from.
    public var origin: String
    /// The names of the playbooks that come nearest when none fits and there are no subtasks.
    public var candidates: [String]

    /// Creates an answer.
    public init(
        subtasks: [PlannedSubtask], provider: String, model: String, usage: TokenUsage?, origin: String,
        candidates: [String] = []
    ) {
        self.subtasks = subtasks
        self.provider = provider
        self.model = model
        self.usage = usage
        self.origin = origin
        self.candidates = candidates
    }
}

/// Tokens a model read and wrote.
public struct TokenUsage: Sendable, Hashable {
    public var input: Int
    public var output: Int

    /// Creates a count.
    public init(input: Int, output: Int) {
        self.input = input
        self.output = output
    }

    static func + (left: TokenUsage, right: TokenUsage) -> TokenUsage {
        TokenUsage(input: left.input + right.input, output: left.output + right.output)
    }

    /// A server's count, or nil when it is none: no number, or one so large that sums would overflow.
    static func count(_ json: JSON?) -> Int? {
        json?.integer.flatMap { (0...1_000_000_000_000).contains($0) ? Int($0) : nil }
    }
}

/// Something that breaks a task down.
public protocol Planner: Sendable {
    /// Breaks a task down.
    /// - Parameter onSubtask: Called with the title of each subtask as soon as it is known. What is announced is not
    ///   yet checked and may still be refused with the whole.
    /// - Throws: `AIError`.
    func breakDown(_ request: BreakdownRequest, onSubtask: @escaping @Sendable (String) -> Void) async throws
        -> Breakdown
}

/// Something that turns texts into vectors, so that alike texts get near vectors.
public protocol Embedder: Sendable {
    /// The model's name, under which its vectors are stored and compared.
    var model: String { get }

    /// The vectors of some texts, in their order, all of one length.
    /// - Throws: `AIError`.
    func embed(_ texts: [String]) async throws -> [[Float]]
}

/// One finished call of a model over the network, for the record. Never the key, never the text.
public struct CallReport: Sendable {
    public var provider: String
    public var model: String
    public var milliseconds: Int
    public var usage: TokenUsage?
    /// `ok`, or the name of the error's code.
    public var outcome: String
}
