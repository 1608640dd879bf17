import MinskyModel
import Testing

@testable import MinskyAI

/// The strict reading of an answer.
struct BreakdownAnswerTests {
    private func decode(_ text: String) throws -> [PlannedSubtask] { try BreakdownAnswer.decode(text) { $0 } }

    /// An answer with one subtask for every list of members that replaces or adds to those of a valid one.
    private func answer(_ changes: [String: String]...) -> String {
        let items = changes.map { changes in
            var members = [
                "title": #""Do it""#, "description": #""Done.""#, "estimate_minutes": "30", "complexity": "4",
                "depends_on": "[]",
            ]
            members.merge(changes) { $1 }
            return "{" + members.sorted { $0.key < $1.key }.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
        }
        return "{\"subtasks\":[\(items.joined(separator: ","))]}"
    }

    /// Expects the answer to be refused, in words that hold these.
    private func expectRefusal(_ answer: String, _ words: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let error = #expect(throws: AIError.self, sourceLocation: sourceLocation) { try decode(answer) }
        #expect(error?.code == .malformed, sourceLocation: sourceLocation)
        #expect(
            error?.message.hasPrefix("the model's answer cannot be used: ") == true
                && error?.message.contains(words) == true,
            "\(error?.message ?? "")", sourceLocation: sourceLocation)
    }

    @Test func aValidAnswerIsReadWhole() throws {
        #expect(try decode(validAnswer) == validSubtasks)
    }

    @Test(arguments: [
        ("", "not valid JSON"), ("{", "not valid JSON"), ("null", "null, not an object"),
        ("7", "number, not an object"), ("[]", "list, not an object"), ("{}", "no 'subtasks'"),
        (#"{"tasks":[]}"#, "no 'subtasks'"), (#"{"subtasks":{}}"#, "not a list"), (#"{"subtasks":null}"#, "not a list"),
        (#"{"subtasks":[]}"#, "is empty"), (#"{"subtasks":[],"note":"x"}"#, "unknown key 'note'"),
        (#"{"subtasks":[7]}"#, "subtask 1 is number, not an object"), (#"{"subtasks":[[]]}"#, "subtask 1 is list"),
        (#"{"subtasks":[],"subtasks":[]}"#, "a key appears twice"),
    ])
    func theOutsideMustBeAnObjectWithAList(answer: String, words: String) {
        expectRefusal(answer, words)
    }

    @Test(arguments: ["title", "description", "estimate_minutes", "complexity", "depends_on"])
    func everyKeyIsRequired(key: String) {
        expectRefusal(
            answer([:], [:]).replacing("\"\(key)\":", with: "\"x\(key)\":", maxReplacements: 1),
            "subtask 1 has no '\(key)'")
    }

    @Test func noOtherKeyIsAllowed() {
        expectRefusal(answer([:], ["priority": "1"]), "subtask 2 has the unknown key 'priority'")
    }

    @Test(arguments: ["null", "7", "true", "[]", "{}"])
    func textMustBeText(value: String) {
        expectRefusal(answer(["title": value]), "'title' of subtask 1 is not text")
        expectRefusal(answer(["description": value]), "'description' of subtask 1 is not text")
    }

    @Test(arguments: [
        "null", "true", #""30""#, "30.5", "30.0", "0", "-1", "600001", "1e6", "9223372036854775807",
        "9223372036854775808", "[]",
    ])
    func anEstimateIsAWholeNumberOfMinutes(value: String) {
        expectRefusal(
            answer(["estimate_minutes": value]),
            "'estimate_minutes' of subtask 1 is not a whole number from 1 to 600000")
    }

    @Test(arguments: ["null", #""5""#, "0", "-3", "11", "5.5", "5.0", "9223372036854775807", "1e400", "1e1000"])
    func complexityIsAWholeNumberFrom1To10(value: String) {
        expectRefusal(
            answer(["complexity": value]), value == "1e1000" ? "not valid JSON" : "'complexity' of subtask 1 is not")
    }

    @Test(arguments: [("1", 1), ("10", 10)]) func theEdgesOfTheRangesAreIn(text: String, value: Int) throws {
        #expect(try decode(answer(["complexity": text])).first?.complexity == value)
        #expect(try decode(answer(["estimate_minutes": "600000"])).first?.estimateMinutes == 600_000)
        #expect(try decode(answer(["estimate_minutes": "1e2"])).first?.estimateMinutes == 100)
    }

    @Test(arguments: ["null", "1", #""1""#, "{}"])
    func dependenciesMustBeAList(value: String) {
        expectRefusal(answer([:], ["depends_on": value]), "'depends_on' of subtask 2 is not a list")
    }

    @Test(arguments: [
        ("[0]", "depends on 0, which is not the number of a subtask"),
        ("[-1]", "depends on -1, which is not the number"), (#"["1"]"#, #"depends on "1", which is not the number"#),
        ("[1.0]", "depends on 1.0, which is not the number"), ("[4]", "depends on 4, which is not the number"),
        ("[9223372036854775807]", "depends on 9223372036854775807"), ("[null]", "depends on null"),
        ("[[1]]", "depends on [1]"), ("[1,99]", "depends on 99"),
    ])
    func aDependencyIsTheNumberOfASubtask(value: String, words: String) {
        expectRefusal(answer([:], ["depends_on": value], [:]), "subtask 2 \(words)")
    }

    @Test func aDependencyOnALaterSubtaskPutsThatOneFirst() throws {
        let subtasks = try decode(
            answer(
                ["title": #""a""#, "depends_on": "[3]"], ["title": #""b""#], ["title": #""c""#, "depends_on": "[2]"]))
        #expect(subtasks.map(\.title) == ["b", "c", "a"])
        #expect(subtasks.map(\.dependsOn) == [[], [0], [1]])
    }

    @Test func aDependencyOnItselfSaysNothing() throws {
        #expect(try decode(answer(["depends_on": "[1]"], ["depends_on": "[1,2]"])).map(\.dependsOn) == [[], [0]])
    }

    @Test func aCircleIsRefused() {
        expectRefusal(
            answer(["depends_on": "[3]"], [:], ["depends_on": "[1]"]), "subtasks 1, 3 depend on each other in a circle")
    }

    @Test func repeatedAndUnsortedDependenciesAreOnes() throws {
        let subtasks = try decode(answer([:], [:], ["depends_on": "[2,1,2]"]))
        #expect(subtasks.map(\.dependsOn) == [[], [], [0, 1]])
    }

    @Test func fiftySubtasksAreTheMost() throws {
        func list(_ count: Int) -> String {
            let one = answer([:]).dropFirst(#"{"subtasks":["#.count).dropLast(2)
            return #"{"subtasks":[\#([String](repeating: String(one), count: count).joined(separator: ","))]}"#
        }
        #expect(try decode(list(50)).count == 50)
        expectRefusal(list(51), "it has 51 subtasks")
    }

    @Test(arguments: [#""""#, #"" ""#, #""\n\t""#, #""\u00a0\u2003""#])
    func aTitleIsNotBlank(title: String) {
        expectRefusal(answer(["title": title]), "subtask 1 has an empty title")
    }

    @Test(arguments: ["title", "description"])
    func nulIsRefused(key: String) {
        expectRefusal(answer([key: #""a\u0000b""#]), "'\(key)' of subtask 1 holds a NUL character")
    }

    @Test func whiteSpaceInATitleBecomesOneBlank() throws {
        #expect(try decode(answer(["title": #"" a\n b\r\n\tc\u2028d ""#])).first?.title == "a b c d")
    }

    @Test func aBlankDescriptionIsNone() throws {
        #expect(try decode(answer(["description": #"" \n ""#])).first?.description == nil)
        #expect(try decode(answer(["description": #""a\n\n b ""#])).first?.description == "a\n\n b ")
    }

    @Test func longTextsAreRefused() {
        expectRefusal(answer(["title": "\"\(String(repeating: "x", count: 501))\""]), "more than 500 characters")
        expectRefusal(answer(["description": "\"\(String(repeating: "x", count: 20_001))\""]), "too long")
        // One character may be made of any number of scalars.
        let mountain = "a" + String(repeating: "\u{301}", count: 100_000)
        expectRefusal(answer(["title": "\"\(mountain)\""]), "more than 500 characters")
        expectRefusal(answer(["description": "\"\(mountain)\""]), "too long")
    }

    @Test(arguments: [
        "```json\n{}\n```", "```\n{}\n```", "\n\n```json\r\n{}\r\n```\n\n", "```JSON\n\n{}\n\n```", " \n{}\n ",
    ])
    func aCodeFenceAroundTheAnswerIsTakenOff(frame: String) throws {
        #expect(try decode(frame.replacing("{}", with: validAnswer)) == validSubtasks)
    }

    @Test(arguments: [
        "Here you are: {}", "Here you are:\n```json\n{}\n```", "```json\n{}\n```\nEnjoy!", "```json\n{}", "{}\n```",
        "{} {}", "``` {} ```", "<think>hm</think>{}", "```\n{}\n```\n```\n{}\n```",
    ])
    func otherTextAroundTheAnswerIsRefused(frame: String) {
        expectRefusal(frame.replacing("{}", with: validAnswer), "not valid JSON")
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func damagedAnswersAreValidOrRefused(seed: UInt64) throws {
        let pieces = [
            "0", "-1", "11", "1.5", "999999999999", "null", "true", "\"\"", "\"1\"", "[", "]", "{", "}", ",", ":", "\"",
            "\\u0000", "\\ud800", "[1]", "[2,3]", "\"title\"", "\"extra\":1,", " ", "\n", "\u{FF}", "é",
        ].map { Array($0.utf8) }
        var generator = SeededGenerator(seed: seed)
        var good = 0
        for _ in 0..<1500 {
            var bytes = Array(validAnswer.utf8)
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                let start = Int.random(in: 0..<bytes.count, using: &generator)
                let end = min(bytes.count, start + Int.random(in: 0...3, using: &generator))
                bytes.replaceSubrange(start..<end, with: pieces.randomElement(using: &generator) ?? [])
            }
            do {
                let subtasks = try decode(String(decoding: bytes, as: UTF8.self))
                try check(subtasks)
                good += 1
            } catch let error as AIError {
                try #require(error.code == .malformed)
            }
        }
        #expect(good > 20)
    }

    private func check(_ subtasks: [PlannedSubtask]) throws {
        try #require((1...50).contains(subtasks.count))
        for (index, subtask) in subtasks.enumerated() {
            try #require(!subtask.title.isEmpty && subtask.title.count <= 500)
            try #require(!subtask.title.utf8.contains(0) && subtask.description?.utf8.contains(0) != true)
            try #require((1...600_000).contains(subtask.estimateMinutes ?? 0))
            try #require((1...10).contains(subtask.complexity ?? 0))
            try #require(subtask.dependsOn.allSatisfy { (0..<index).contains($0) })
            try #require(subtask.dependsOn == Set(subtask.dependsOn).sorted())
        }
    }
}

/// The titles that are announced while an answer arrives.
struct SubtaskScannerTests {
    private func titles(_ pieces: [String]) -> [String] {
        var scanner = SubtaskScanner()
        return pieces.flatMap { scanner.take($0) }
    }

    @Test func everyTitleIsAnnouncedWhenItsSubtaskIsComplete() {
        var scanner = SubtaskScanner()
        #expect(scanner.take(#"{"subtasks":[{"title":"a","depends_on":[]"#) == [])
        #expect(scanner.take("}") == ["a"])
        #expect(scanner.take(#",{"title":"b \"}]{[ ","#) == [])
        #expect(scanner.take(#""x":{"title":"no"}}]}"#) == [#"b "}]{[ "#])
    }

    @Test func theSizeOfThePiecesDoesNotMatter() {
        #expect(titles(validAnswer.map { String($0) }) == validSubtasks.map(\.title))
        #expect(titles([validAnswer]) == validSubtasks.map(\.title))
    }

    @Test(arguments: [
        "", "no JSON", "}}}]]]", "[[[{\"title\":\"x\"}]]]", "{\"subtasks\":[{\"title\":7}]}", "{\"subtasks\":[{,}]}",
        "\"{[{\"",
    ])
    func otherTextAnnouncesNothingAndDoesNoHarm(text: String) {
        #expect(titles([text]).allSatisfy { $0 == "x" })
    }

    @Test func randomTextNeverCrashes() {
        let pieces = ["{", "}", "[", "]", "\"", "\\", ",", "\"title\":\"a\"", "x", "é"]
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? ""
            }
            for title in titles(text) { #expect(title == "a") }
        }
    }
}
