import MinskyModel
import TestSupport
import Testing

@testable import MinskyApp

@Suite("Editing TOML")
struct TOMLFileTests {
    /// A file, and what becomes of it when a setting gets a value.
    struct Edit: Sendable {
        let before: String
        let name: String
        let value: String
        let after: String

        init(_ before: String, _ name: String, _ value: String, _ after: String) {
            self.before = before
            self.name = name
            self.value = value
            self.after = after
        }

        init(_ before: String, _ name: String, _ after: String) { self.init(before, name, "new", after) }
    }

    static let replacements: [Edit] = [
        Edit("[ai]\nmodel = \"old\" # why\n", "ai.model", "[ai]\nmodel = \"new\" # why\n"),
        Edit("[ai]\nmodel=\"a#b\"# why\n", "ai.model", "[ai]\nmodel=\"new\"# why\n"),
        Edit("[ai]\nmodel = 'a\"b' # it's\n", "ai.model", "[ai]\nmodel = \"new\" # it's\n"),
        Edit("[ai]\nmodel = \"a\\\"b\\\\\" # c\n", "ai.model", "[ai]\nmodel = \"new\" # c\n"),
        Edit("  [ ai ] # c\n \t model\t=\t'old'\t\n", "ai.model", "  [ ai ] # c\n \t model\t=\t\"new\"\t\n"),
        Edit("[\"ai\"]\n'model' = \"old\"\n", "ai.model", "[\"ai\"]\n'model' = \"new\"\n"),
        Edit("ai.model = \"old\"\n", "ai.model", "ai.model = \"new\"\n"),
        Edit("ai . \"model\" = \"old\"\n", "ai.model", "ai . \"model\" = \"new\"\n"),
        Edit("[ai]\nembedding.model = \"old\"\n", "ai.embedding.model", "[ai]\nembedding.model = \"new\"\n"),
        Edit(
            "[ai.embedding]\nmodel = \"e\"\n\n[ai]\nmodel = \"old\"\n", "ai.model",
            "[ai.embedding]\nmodel = \"e\"\n\n[ai]\nmodel = \"new\"\n"),
        Edit("# a\r\n[ai]\r\nmodel = \"old\"\r\n", "ai.model", "# a\r\n[ai]\r\nmodel = \"new\"\r\n"),
        Edit("[ai]\nmodel = \"old\"", "ai.model", "[ai]\nmodel = \"new\""),
        Edit("[ai]\n#model = \"x\"\nmodel = \"old\"\n\n\n", "ai.model", "[ai]\n#model = \"x\"\nmodel = \"new\"\n\n\n"),
        Edit("[ai]\ntimeoutSeconds = 30 # s\n", "ai.timeoutSeconds", "45", "[ai]\ntimeoutSeconds = 45 # s\n"),
        Edit("actor = \"ada\"\n[ai]\n", "actor", "actor = \"new\"\n[ai]\n"),
        Edit("[ai]\nmodel = \"old\"\n", "ai.model", "q\"uo\\te", "[ai]\nmodel = \"q\\\"uo\\\\te\"\n"),
        Edit("[ai]\nmodel = \"old\"\n", "ai.model", "日本 🎉", "[ai]\nmodel = \"日本 🎉\"\n"),
        Edit(
            "other = \"\"\"\n[ai]\ntext\"\"\"\n[ai]\nmodel = \"old\"\n", "ai.model",
            "other = \"\"\"\n[ai]\ntext\"\"\"\n[ai]\nmodel = \"new\"\n"),
    ]

    static let additions: [Edit] = [
        Edit("", "ai.model", "[ai]\nmodel = \"new\"\n"),
        Edit("", "actor", "actor = \"new\"\n"),
        Edit("# only this", "ai.model", "# only this\n\n[ai]\nmodel = \"new\"\n"),
        Edit("[ai]\n", "ai.model", "[ai]\nmodel = \"new\"\n"),
        Edit("[ai]", "ai.model", "[ai]\nmodel = \"new\"\n"),
        Edit("[ai]\r\nprovider = \"builtin\"", "ai.model", "[ai]\r\nprovider = \"builtin\"\r\nmodel = \"new\"\r\n"),
        Edit(
            "[ai]\nprovider = \"builtin\" # p\n# end\n\n[database]\nurl = \"x\"\n", "ai.model",
            "[ai]\nprovider = \"builtin\" # p\nmodel = \"new\"\n# end\n\n[database]\nurl = \"x\"\n"),
        Edit(
            "[ai]\n# model = \"x\"\n\n# [b]\n# c = 1\n", "ai.model",
            "[ai]\nmodel = \"new\"\n# model = \"x\"\n\n# [b]\n# c = 1\n"),
        Edit("[ai]\nlist = [\n  1,\n]\n\n[b]\n", "ai.model", "[ai]\nlist = [\n  1,\n]\nmodel = \"new\"\n\n[b]\n"),
        Edit("# top\n\n[ai]\n", "actor", "# top\nactor = \"new\"\n\n[ai]\n"),
        Edit("x = 1\n\n[ai]\n", "actor", "x = 1\nactor = \"new\"\n\n[ai]\n"),
        Edit("ai.provider = \"builtin\"\n", "ai.model", "ai.provider = \"builtin\"\nai.model = \"new\"\n"),
        Edit(
            "[ai]\nembedding.baseUrl = \"x\"\n", "ai.embedding.model",
            "[ai]\nembedding.baseUrl = \"x\"\nembedding.model = \"new\"\n"),
        Edit("[ai.embedding]\nmodel = \"e\"\n", "ai.model", "[ai.embedding]\nmodel = \"e\"\n\n[ai]\nmodel = \"new\"\n"),
        Edit("[[hosts]]\na = 1\n", "ai.model", "[[hosts]]\na = 1\n\n[ai]\nmodel = \"new\"\n"),
    ]

    @Test(arguments: replacements + additions)
    func onlyTheValueChanges(edit: Edit) throws {
        var file = try TOMLFile(path: "f", text: edit.before)
        try file.set(edit.name, to: edit.value, isNumber: edit.name == "ai.timeoutSeconds")
        #expect(file.text == edit.after)
        #expect(file.values[edit.name] == edit.value)
        #expect(try TOMLFile(path: "f", text: file.text).values == file.values)
    }

    @Test(arguments: additions)
    func whatWasAddedCanBeRemoved(edit: Edit) throws {
        var file = try TOMLFile(path: "f", text: edit.after)
        try file.unset(edit.name)
        #expect(file.values == (try TOMLFile(path: "f", text: edit.before).values))
        let rest = Set(edit.before.split(whereSeparator: \.isNewline))
        #expect(rest.isSubset(of: file.text.split(whereSeparator: \.isNewline)))
    }

    @Test func removingTakesOneLine() throws {
        var file = try TOMLFile(path: "f", text: "# a\n[ai]\r\nmodel = \"x\" # c\nprovider = \"y\"\n# end")
        try file.unset("ai.model")
        #expect(file.text == "# a\n[ai]\r\nprovider = \"y\"\n# end")
        try file.unset("ai.model")
        #expect(file.text == "# a\n[ai]\r\nprovider = \"y\"\n# end", "what is not there needs no removing")
    }

    @Test(arguments: [
        "ai = { model = \"old\" }\n", "ai.model = \"\"\"\nold\n\"\"\"\n",
        "x = \"\"\"\n[ai]\nmodel = \"fake\"\n\"\"\"\nai = { model = \"old\" }\n",
        "ai = \"not a table\"\n", "[[ai]]\nmodel = \"old\"\n", "[ai.model]\nx = 1\n",
    ])
    func whatCannotBeEditedSafelyIsLeftAlone(text: String) throws {
        var file = try TOMLFile(path: "f", text: text)
        let error = #expect(throws: AppError.self) { try file.set("ai.model", to: "new", isNumber: false) }
        #expect(error?.code == .configuration)
        #expect(file.text == text)
    }

    @Test func aFakeAssignmentInATextIsNotTaken() throws {
        let text = "x = \"\"\"\n[ai]\nmodel = \"fake\"\n\"\"\"\n\n[ai]\nprovider = \"p\"\nmodel = \"old\"\n"
        var file = try TOMLFile(path: "f", text: text)
        // Either it is edited rightly, or it is refused; never is the text changed.
        try? file.set("ai.model", to: "new", isNumber: false)
        #expect(file.values["x"] == "[ai]\nmodel = \"fake\"\n")
        #expect(["old", "new"].contains(file.values["ai.model"]))
        #expect(file.text == text || file.text == text.replacing("\"old\"", with: "\"new\""))
    }

    @Test(arguments: [
        ("[ai\n", "line 1, column 4"), ("a = 1\nb = = 2\n", "line 2, column 5"), ("a = 1\na = 2\n", "line 2"),
        ("[a]\n\n\nx = \"\\q\"\n", "line 4"),
    ])
    func mistakesAreNamedWithTheirPlace(text: String, place: String) throws {
        let error = #expect(throws: AppError.self) { try TOMLFile(path: "dir/f.toml", text: text) }
        #expect(error?.code == .configuration)
        #expect(error?.message.hasPrefix("dir/f.toml, \(place)") == true)
    }

    @Test func everyKindOfValueIsReadAsText() throws {
        let text = "a = 1\nb = true\nc = \"t\"\nd = 1.5\n[e.f]\n\"g h\" = 'x'\n"
        let expected = ["a": "1", "b": "true", "c": "t", "d": "1.5", "e.f.g h": "x"]
        #expect(try TOMLFile(path: "f", text: text).values == expected)
    }

    /// Random edits of random files: the edited value is as wished, every other one and every comment as before.
    @Test func randomEditsKeepEverythingElse() throws {
        var random = SeededGenerator(seed: 36)
        let names = ConfigurationKey.all.map(\.name)
        for _ in 0..<300 {
            var file = try TOMLFile(path: "f", text: Self.randomText(&random))
            for _ in 0..<5 {
                let before = file
                let name = try #require(names.randomElement(using: &random))
                let value = ["v", "a # b", "\"", "'", "\\", "[x]", "= 1", "ü🎉"].randomElement(using: &random) ?? "v"
                let isRemoval = Bool.random(using: &random)
                if isRemoval { try file.unset(name) } else { try file.set(name, to: value, isNumber: false) }
                #expect(file.values[name] == (isRemoval ? nil : value))
                var (old, new) = (before.values, file.values)
                (old[name], new[name]) = (nil, nil)
                #expect(old == new)
                let comments = before.text.split(separator: "\n").filter { $0.hasPrefix("#") }
                #expect(file.text.split(separator: "\n").filter { $0.hasPrefix("#") } == comments)
            }
        }
    }

    private static func randomText(_ random: inout SeededGenerator) -> String {
        var lines: [String] = []
        func noise() {
            if Bool.random(using: &random) {
                lines.append("# comment \(Int.random(in: 0..<100, using: &random)) = [ai]")
            }
            if Bool.random(using: &random) { lines.append("") }
        }
        noise()
        if Bool.random(using: &random) { lines.append("actor = \"ada\"") }
        for section in ["ai", "database", "ai.embedding", "other"].shuffled(using: &random)
        where Bool.random(using: &random) {
            noise()
            lines.append("[\(section)]")
            for key in ["model", "baseUrl", "url", "provider"].shuffled(using: &random)
            where Bool.random(using: &random) {
                noise()
                lines.append(
                    "\(key) = '\(Int.random(in: 0..<100, using: &random)) # not a comment'"
                        + ["", " # end"][Int.random(in: 0..<2, using: &random)])
            }
        }
        noise()
        return lines.joined(separator: "\n") + (Bool.random(using: &random) ? "\n" : "")
    }
}

/// Random numbers that are the same in every run: SplitMix64 (Steele, Lea, Flood, 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
