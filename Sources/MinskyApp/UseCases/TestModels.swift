import MinskyAI
import MinskyModel

/// Asks the configured models something small and tells how they answered.
public struct TestModels: Sendable {
    /// How one model did.
    public struct Answer: Sendable {
        public let provider: String
        public let model: String
        public let milliseconds: Int
        /// What came back, in a few words.
        public let detail: String

        fileprivate var json: JSON {
            [
                "provider": .string(provider), "model": .string(model), "milliseconds": .integer(Int64(milliseconds)),
                "detail": .string(detail),
            ]
        }
    }

    /// Both answers.
    public struct Result: Sendable {
        public let chat: Answer
        public let embedding: Answer

        /// The answers as the documented JSON object.
        public var json: JSON { ["chat": chat.json, "embedding": embedding.json] }
    }

    /// Creates the request.
    public init() {}

    /// Asks both models; the calls are recorded, nothing else is stored.
    /// - Throws: `AIError`, `AppError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) async throws -> Result {
        if workspace.configuration.usesModelServer || workspace.configuration.usesEmbeddingServer {
            try workspace.requireWritable(as: caller)
        }
        let calls = CallLog(workspace: workspace, caller: caller)
        do {
            let result = Result(
                chat: try await chat(workspace, calls), embedding: try await embedding(workspace, calls))
            try calls.save()
            return result
        } catch {
            try? calls.save()
            throw error
        }
    }

    private func chat(_ workspace: OpenWorkspace, _ calls: CallLog) async throws -> Answer {
        let configuration = workspace.configuration
        let provider = configuration.chatProvider
        guard provider.isServer else {
            let library = try PlaybookLibrary(own: try workspace.workspace.playbooks())
            return Answer(
                provider: provider.name, model: "playbooks", milliseconds: 0,
                detail: "\(library.playbooks.count) playbooks, offline")
        }
        let model = try configuration.chatModel()
        let planner = try configuration.planner(earlier: [], onCall: calls.noting("test"))
        // Any number of subtasks will do.
        let (breakdown, milliseconds) = try await timed {
            try await planner.breakDown(BreakdownRequest(title: "Make a cup of tea")) { _ in }
        }
        return Answer(
            provider: provider.name, model: model, milliseconds: milliseconds,
            detail: "\(breakdown.subtasks.count) subtasks")
    }

    private func embedding(_ workspace: OpenWorkspace, _ calls: CallLog) async throws -> Answer {
        let embedder = try workspace.configuration.embedder(onCall: calls.noting("test"))
        let (vectors, milliseconds) = try await timed { try await embedder.embed(["Make a cup of tea"]) }
        return Answer(
            provider: workspace.configuration.embeddingProvider.name, model: embedder.model, milliseconds: milliseconds,
            detail: "\(vectors.first?.count ?? 0) dimensions")
    }

    private func timed<Value>(_ body: () async throws -> Value) async throws -> (Value, Int) {
        let clock = ContinuousClock()
        let start = clock.now
        let value = try await body()
        let elapsed = start.duration(to: clock.now).components
        return (value, Int(elapsed.seconds) * 1000 + Int(elapsed.attoseconds / 1_000_000_000_000_000))
    }
}
