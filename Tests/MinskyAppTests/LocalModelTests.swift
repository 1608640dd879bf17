import Foundation
import MinskyAI
import MinskyApp
import MinskyModel
import MinskyStore
import TestSupport
import Testing

/// A real model on this machine breaks tasks down. `make test-model` starts it and runs these tests; `make test` does
/// not, as the model is large and, being small for a model, not always right.
@Suite(.serialized)
struct LocalModelTests {
    private let folder: ScratchFolder
    private let workspace: OpenWorkspace

    init() throws {
        func variable(_ name: String) throws -> String {
            try #require(ProcessInfo.processInfo.environment[name], "\(name) is not set: run make test-model")
        }
        folder = try ScratchFolder()
        var environment = Environment.live()
        environment.homeDirectory = folder.path
        environment.workingDirectory = folder.path
        environment.variables = [
            "MINSKY_AI_PROVIDER": "openai-compatible",
            "MINSKY_AI_BASE_URL": try variable("MINSKY_TEST_CHAT_URL"),
            "MINSKY_AI_MODEL": try variable("MINSKY_TEST_CHAT_MODEL"),
            "MINSKY_AI_EMBEDDING_BASE_URL": try variable("MINSKY_TEST_EMBEDDING_URL"),
            "MINSKY_AI_EMBEDDING_MODEL": try variable("MINSKY_TEST_EMBEDDING_MODEL"),
        ]
        _ = try InitializeWorkspace().run(in: environment)
        workspace = try OpenWorkspace(nil, in: environment)
    }

    /// The model's wording is poor and its dependencies are sometimes a circle; what it gets wrong must store nothing,
    /// and within five tries it gets one right.
    @Test func aBreakdownIsStoredWholeOrNotAtAll() async throws {
        defer { folder.remove() }
        var result: DecomposeTask.Result?
        for _ in 0..<5 where result == nil {
            do {
                result = try await DecomposeTask(target: "Build user authentication", count: 3).run(
                    in: workspace, as: Caller("ada"))
            } catch let error as AIError {
                #expect([.malformed, .truncated].contains(error.code), "\(error)")
                #expect(try workspace.store.read { try $0.tasks() }.isEmpty)
            }
        }
        let breakdown = try #require(result)
        #expect(breakdown.breakdown.provider == "openai-compatible")
        #expect((breakdown.breakdown.usage?.output ?? 0) > 0)
        let stored = try workspace.store.read { try $0.tasks() }
        #expect(stored.count == 4)
        let parent = try #require(stored.first { $0.parentID == nil })
        let subtasks = stored.filter { $0.parentID == parent.id }
        #expect(parent.title == "Build user authentication")
        #expect(subtasks.count == 3)
        #expect(subtasks.allSatisfy { !$0.title.isEmpty && $0.estimateMinutes != nil && $0.complexity != nil })
        let model = try #require(workspace.environment.variables["MINSKY_AI_EMBEDDING_MODEL"])
        let embeddings = try workspace.store.read { try $0.embeddings(model: model, of: stored.map(\.id)) }
        #expect(embeddings.count == 4)
        for embedding in embeddings.values {
            #expect(embedding.vector.count == 384)
            let length = embedding.vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(abs(length - 1) < 0.01)
        }
        let operations = try workspace.store.operations(after: 0)
        #expect(operations.filter { $0.changes.contains { $0.table == "tasks" } }.count == 1)
    }

    @Test func nearTextsGetNearVectors() async throws {
        defer { folder.remove() }
        let embedder = EmbeddingClient(
            endpoint: Endpoint(
                baseURL: try #require(workspace.environment.variables["MINSKY_AI_EMBEDDING_BASE_URL"]), apiKey: nil),
            model: try #require(workspace.environment.variables["MINSKY_AI_EMBEDDING_MODEL"]))
        let vectors = try await embedder.embed([
            "Fix the login page", "Repair the sign-in form", "Bake a chocolate cake",
        ])
        func similarity(_ left: [Float], _ right: [Float]) -> Float { zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } }
        #expect(similarity(vectors[0], vectors[1]) > similarity(vectors[0], vectors[2]))
    }
}
