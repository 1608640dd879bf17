import Testing

@testable import MinskyAI

struct PlaybookTests {
    static let valid = """
        # Bake a cake

        For: cake, bake, birthday cake

        When there is something
        to celebrate.

        ## 1. Choose a recipe for {subject}
        Estimate: 30m
        Complexity: 2

        Ask who comes.
        Done when it is chosen.

        ## 2. Buy {item}
        estimate: 1h
        COMPLEXITY: 3
        After: 1
        Each: item
        When: shop, market

        Note: any shop will do.

        ## 3. Bake
        Estimate: 1h30m
        Complexity: 10
        After: 2, 1
        """

    private func expectError(
        _ markdown: String, line: Int, _ words: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: AIError.self, sourceLocation: sourceLocation) {
            try Playbook(name: "cake", markdown: markdown)
        }
        #expect(error?.code == .badPlaybook, sourceLocation: sourceLocation)
        #expect(
            error?.message.hasPrefix("playbook cake.md, line \(line): ") == true, "\(error?.message ?? "")",
            sourceLocation: sourceLocation)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")", sourceLocation: sourceLocation)
    }

    @Test func aPlaybookIsReadWhole() throws {
        let playbook = try Playbook(name: "cake", markdown: Self.valid)
        #expect(playbook.name == "cake")
        #expect(playbook.title == "Bake a cake")
        #expect(playbook.keywords == ["cake", "bake", "birthday cake"])
        #expect(playbook.summary == "When there is something to celebrate.")
        #expect(
            playbook.steps == [
                Playbook.Step(
                    title: "Choose a recipe for {subject}", description: "Ask who comes. Done when it is chosen.",
                    estimateMinutes: 30,
                    complexity: 2, after: [], when: [], isEachItem: false, isCore: false),
                Playbook.Step(
                    title: "Buy {item}", description: "Note: any shop will do.", estimateMinutes: 60, complexity: 3,
                    after: [0],
                    when: ["shop", "market"], isEachItem: true, isCore: false),
                Playbook.Step(
                    title: "Bake", description: "", estimateMinutes: 90, complexity: 10, after: [1, 0], when: [],
                    isEachItem: false, isCore: false),
            ])
    }

    @Test func theLinesThatTellWhenItFitsAreRead() throws {
        let markdown = """
            # A
            For: a, b c
            Also: d …, <software>
            Not: e
            Work: fix, build
            ## 1. B
            Estimate: 1h
            Complexity: 1
            Core: yes
            """
        let playbook = try Playbook(name: "a", markdown: markdown)
        #expect(playbook.keywords == ["a", "b c"])
        #expect(playbook.hints == ["d …", "<software>"])
        #expect(playbook.exclusions == ["e"])
        #expect(playbook.work == ["fix", "build"])
        #expect(playbook.steps.map(\.isCore) == [true])
        #expect(try Playbook(name: "a", markdown: markdown.replacing("For: a, b c", with: "For:")).keywords == [])
    }

    @Test func lineEndsOfWindowsAreTheSame() throws {
        let windows = Self.valid.replacing("\n", with: "\r\n")
        #expect(try Playbook(name: "cake", markdown: windows) == Playbook(name: "cake", markdown: Self.valid))
    }

    @Test(arguments: [
        ("", 1, "no '# Title'"), ("\n\n", 1, "no '# Title'"), ("Hello", 1, "begins with '# Title'"),
        ("\nFor: x", 2, "begins with '# Title'"), ("# ", 1, "begins with '# Title'"), ("# A\n", 1, "no 'For:' line"),
        ("# A\nFor: a\nWork: dance", 3, "no kind of work"), ("# A\nAlso: <cars>", 2, "no class of words"),
        ("# A\nFor: a\nFor: b", 3, "twice"), ("# A\nFor: a\n", 2, "no steps"),
        ("# A\nNot: <cars>", 2, "no class of words"), ("# A\n\n# B\n", 3, "one title"),
        ("# A\nFor: a\n## 2. B", 3, "'## 1. …'"), ("# A\nFor: a\n## B", 3, "'## 1. …'"),
        ("# A\nFor: a\n## 1 B", 3, "'## 1. …'"), ("# A\nFor: a\n## 1.", 3, "no title"), ("## 1. B", 1, "no '# Title'"),
    ])
    func whatIsWrongOutsideTheStepsIsNamedWithItsLine(markdown: String, line: Int, words: String) {
        expectError(markdown, line: line, words)
    }

    @Test(arguments: [
        ("Complexity: 2", 7, "step 2: it needs 'Estimate:'"),
        ("Estimate: soon\nComplexity: 2", 8, "step 2: it needs 'Estimate:'"),
        ("Estimate: 0m\nComplexity: 2", 8, "step 2: it needs 'Estimate:'"),
        ("Estimate: 1h", 7, "step 2: it needs 'Complexity:'"),
        ("Estimate: 1h\nComplexity: 11", 9, "step 2: it needs 'Complexity:'"),
        ("Estimate: 1h\nComplexity: 0", 9, "step 2: it needs 'Complexity:'"),
        ("Estimate: 1h\nComplexity: high", 9, "step 2: it needs 'Complexity:'"),
        ("Estimate: 1h\nComplexity: 2\nAfter: 2", 10, "step 2: 'After: 2' is not the number of an earlier step"),
        ("Estimate: 1h\nComplexity: 2\nAfter: 1, 3", 10, "step 2: 'After: 3' is not"),
        ("Estimate: 1h\nComplexity: 2\nAfter: 0", 10, "step 2: 'After: 0' is not"),
        ("Estimate: 1h\nComplexity: 2\nAfter: A", 10, "step 2: 'After: A' is not"),
        ("Estimate: 1h\nComplexity: 2\nEach: file", 10, "step 2: 'Each:' can only be 'item'"),
        ("Estimate: 1h\nComplexity: 2\nCore: no", 10, "step 2: 'Core:' can only be 'yes'"),
        ("Estimate: 1h\nComplexity: 2\nFor: x", 10, "step 2: 'for' is not known"),
    ])
    func whatIsWrongInAStepIsNamedWithItsLine(fields: String, line: Int, words: String) {
        expectError(
            "# A\nFor: a\n## 1. B\nEstimate: 1h\nComplexity: 1\n\n## 2. C\n\(fields)\n\nText.\n", line: line, words)
    }

    @Test func theFirstStepComesAfterNone() {
        expectError("# A\nFor: a\n## 1. B\nEstimate: 1h\nComplexity: 1\nAfter: 1", line: 6, "step 1: 'After: 1' is not")
    }

    @Test func anEstimateMayBeUnknown() throws {
        let text = "# A\nFor: a\n## 1. B\nEstimate: unknown\nComplexity: 1\n"
        #expect(try Playbook(name: "a", markdown: text).steps.map(\.estimateMinutes) == [nil])
    }

    @Test func aFieldMayNotAppearTwice() {
        expectError(
            "# A\nFor: a\n## 1. B\nEstimate: 1h\nComplexity: 1\nEstimate: 2h", line: 6, "'estimate' appears twice")
    }

    @Test func aStepMayNotBeNumberedTwice() {
        expectError("# A\nFor: a\n## 1. B\nEstimate: 1h\nComplexity: 1\n## 1. C\n", line: 6, "'## 2. …'")
    }

    @Test func fiftyStepsAreTheMost() throws {
        func playbook(_ count: Int) -> String {
            "# A\nFor: a\n" + (1...count).map { "## \($0). B\nEstimate: 1h\nComplexity: 1\n" }.joined()
        }
        #expect(try Playbook(name: "cake", markdown: playbook(50)).steps.count == 50)
        expectError(playbook(51), line: 153, "more than 50 steps")
    }

    @Test func damagedPlaybooksNeverCrash() throws {
        let pieces = [
            "\n", "# ", "## ", "## 2. ", "After: 9", "After: -1", "Estimate:", "99999999999999999999h", "Each: item",
            ",", ":", "é", "\0",
        ]
        var generator = SeededGenerator(seed: 4)
        var good = 0
        for _ in 0..<1000 {
            var text = Array(Self.valid)
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<text.count, using: &generator)
                text.replaceSubrange(
                    place..<min(text.count, place + Int.random(in: 0...4, using: &generator)),
                    with: pieces.randomElement(using: &generator) ?? "")
            }
            do {
                let playbook = try Playbook(name: "cake", markdown: String(text))
                for (index, step) in playbook.steps.enumerated() {
                    try #require(step.after.allSatisfy { (0..<index).contains($0) })
                }
                good += 1
            } catch let error as AIError {
                try #require(error.code == .badPlaybook && error.message.hasPrefix("playbook cake.md, line "))
            }
        }
        #expect(good > 50)
    }
}
