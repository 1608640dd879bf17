import Testing

@testable import MinskyAI

struct BuiltinEmbedderTests {
    /// The cosine of the angle between the vectors of two texts.
    private func similarity(_ left: String, _ right: String) -> Float {
        zip(BuiltinEmbedder.vector(of: left), BuiltinEmbedder.vector(of: right)).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// Vectors are stored: a change of the numbers needs another name for the model.
    @Test func theNumbersArePinned() {
        #expect(BuiltinEmbedder().model == "builtin-hash-256")
        let vector = BuiltinEmbedder.vector(of: "Fix the login page")
        let places = vector.indices.filter { vector[$0] != 0 }
        #expect(places == [1, 10, 17, 40, 47, 85, 97, 121, 126, 140, 156, 186, 201, 233, 237, 239, 244])
        #expect(
            places.map { Int((vector[$0] * 1000).rounded()) }
                == [-121, -121, 121, -121, -121, 485, 121, 121, 121, 243, 121, -243, -485, -121, -485, 121, -121])
    }

    @Test(arguments: [
        "", " ", "the of and", "a", "Fix the login page", "漢字 テスト", "😀", "\0", String(repeating: "word ", count: 5000),
    ])
    func everyTextHasAVectorOfLengthOne(text: String) {
        let vector = BuiltinEmbedder.vector(of: text)
        #expect(vector.count == 256)
        #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 0.0001)
        #expect(vector == BuiltinEmbedder.vector(of: text))
    }

    @Test func embeddingKeepsTheOrderOfTheTexts() async throws {
        let texts = ["one thing", "another matter", ""]
        #expect(try await BuiltinEmbedder().embed(texts) == texts.map(BuiltinEmbedder.vector))
        #expect(try await BuiltinEmbedder().embed([]) == [])
    }

    @Test(arguments: [
        ("Fix the login page", "fix login pages", "Buy milk and eggs"),
        ("Migrate the database", "database migration", "Paint the kitchen"),
        ("Add OAuth login", "Adding oauth logins", "Write the quarterly report"),
        ("Deploy to Kubernetes", "kubernetes deployment", "Learn Spanish"),
        ("Build user authentication", "build authentication for users", "Plan a birthday party"),
    ])
    func similarTextsAreNearerThanUnlikeOnes(text: String, similar: String, unlike: String) {
        #expect(similarity(text, similar) > 0.5)
        #expect(similarity(text, unlike) < 0.3)
    }

    @Test func caseAndPunctuationDoNotMatter() {
        #expect(similarity("Fix the LOGIN page!", "fix, the login; page") > 0.999)
    }
}

struct ContentHashTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func isSHA256InHex(text: String, hash: String) {
        #expect(ContentHash.of(text) == hash)
    }

    @Test func countsTheBytesAsTheyAre() {
        #expect(ContentHash.of("\u{E9}") != ContentHash.of("e\u{301}"))
    }
}
