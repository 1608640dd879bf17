import Foundation
import MinskyAI
import Testing

/// What holds with real models. `make test-model` runs it, next to a chat server and an embedding server on this machine;
/// `make test` leaves it out.
@Suite(.timeLimit(.minutes(20)), .serialized)
struct LocalModelTests {
    private func setting(_ name: String) throws -> String {
        try #require(ProcessInfo.processInfo.environment[name], "\(name) is not set; run this with 'make test-model'")
    }

    private func embedder() throws -> EmbeddingClient {
        EmbeddingClient(
            endpoint: Endpoint(baseURL: try setting("MINSKY_TEST_EMBEDDING_URL"), apiKey: nil),
            model: try setting("MINSKY_TEST_EMBEDDING_MODEL"))
    }

    private func planner(onCall: @escaping @Sendable (CallReport) -> Void = { _ in }) throws -> ModelPlanner {
        ModelPlanner(
            endpoint: Endpoint(baseURL: try setting("MINSKY_TEST_CHAT_URL"), apiKey: nil, onCall: onCall),
            model: try setting("MINSKY_TEST_CHAT_MODEL"))
    }

    @Test func vectorsHave384NumbersAndLengthOne() async throws {
        let vectors = try await embedder().embed(["Fix the login page", "", String(repeating: "word ", count: 5000)])
        #expect(vectors.map(\.count) == [384, 384, 384])
        for vector in vectors { #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 0.01) }
    }

    @Test func nearTextsHaveNearVectorsWhateverTheirWords() async throws {
        let vectors = try await embedder().embed([
            "Repair the login form", "Users cannot sign in", "Bake a birthday cake", "Prepare a dessert",
        ])
        func similarity(_ left: Int, _ right: Int) -> Float {
            zip(vectors[left], vectors[right]).reduce(0) { $0 + $1.0 * $1.1 }
        }
        #expect(similarity(0, 1) > similarity(0, 2) + 0.1)
        #expect(similarity(2, 3) > similarity(1, 3) + 0.1)
        #expect(similarity(0, 0) > 0.99)
    }

    @Test func moreTextsThanABatchKeepTheirOrder() async throws {
        let texts = (0..<70).map { "Task number \($0) of the list" }
        let vectors = try await embedder().embed(texts)
        let last = try await embedder().embed([texts[69]])
        #expect(vectors.count == 70)
        #expect(zip(vectors[69], try #require(last.first)).reduce(0) { $0 + $1.0 * $1.1 } > 0.999)
    }

    @Test func aBreakdownHasAsManySubtasksAsAskedFor() async throws {
        let titles = Log<String>()
        let reports = Log<CallReport>()
        let breakdown = try await planner { reports.add($0) }
            .breakDown(BreakdownRequest(title: "Build user authentication", count: 3)) { titles.add($0) }
        #expect(breakdown.subtasks.count == 3)
        for (index, subtask) in breakdown.subtasks.enumerated() {
            #expect(!subtask.title.isEmpty)
            #expect((1...10).contains(try #require(subtask.complexity)))
            #expect((5...2400).contains(try #require(subtask.estimateMinutes)))
            #expect(subtask.dependsOn.allSatisfy { (0..<index).contains($0) })
        }
        #expect(titles.all == breakdown.subtasks.map(\.title))
        #expect(reports.all.map(\.outcome) == ["ok"])
        #expect(try #require(breakdown.usage).output > 0)
    }

    /// Without a count a model this small may get the dependencies wrong twice; then it has to say so.
    @Test func aBreakdownWithoutACountIsValidOrRefused() async throws {
        do {
            let breakdown = try await planner().breakDown(BreakdownRequest(title: "Make a cup of tea")) { _ in }
            #expect((2...12).contains(breakdown.subtasks.count))
        } catch let error as AIError {
            #expect([.malformed, .truncated].contains(error.code), "\(error)")
        }
    }
}
