import MinskyModel
import TestSupport
import Testing

@Suite("The width of the output")
struct WidthTests {
    static let titles = [
        "Short",
        "Rewrite the whole of the billing system so that nobody has to be called at night any more, ever again",
        "日本語のとても長いタイトルがここにありますので端末の幅を超えてしまうかもしれませんし超えないかもしれません",
        "🎉🚀👩‍👩‍👧‍👦🇩🇪 party with a great many guests from all over the world, some of them 👋🏽 waving",
        "Onewordthatislongerthananyterminaliswidebecausenobodyputaspaceintoitwhichhappenswithaddresses",
        "Cafe\u{301} naïve — déjà vu", "한국어 제목도 넓은 글자를 씁니다 그래서 폭이 두 배가 됩니다 정말로 그렇습니다",
    ]

    /// A workspace with long and wide texts in every field.
    private static func workspace() throws -> (minsky: Minsky, id: String) {
        let minsky = try Minsky(.sqlite)
        let parent = try minsky.add(titles[2])
        let id = try minsky.add(
            titles[1], "-d", titles.joined(separator: " "), "--assignee", titles[2], "-p", "critical", "--due",
            "2100-01-02", "-e", "1h30m", "--complexity", "10", "-t", titles[4], "--parent", parent, "--depends-on",
            try minsky.add(titles[0]),
            environment: ["MINSKY_ACTOR": titles[6]])
        for title in titles { try minsky.ok("add", "--parent", id, "--", title) }
        try minsky.sql("UPDATE tasks SET complexity_reason = '\(titles[1])', metadata = '{\"\(titles[4])\":1}'")
        return (minsky, id)
    }

    /// The columns a text takes, counted apart from the program: wide characters and emoji take two.
    private static func columns(_ text: some StringProtocol) -> Int {
        text.reduce(0) { sum, character in
            let isWide = character.unicodeScalars.contains { scalar in
                switch scalar.value {
                case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xFF01...0xFF60, 0x1F1E6...0x1F9FF: true
                default: false
                }
            }
            return sum + (isWide ? 2 : 1)
        }
    }

    @Test(arguments: [40, 60, 80, 200])
    func noLineIsWider(width: Int) throws {
        let (minsky, id) = try Self.workspace()
        let environment = ["COLUMNS": "\(width)"]
        for command in [
            ["list"], ["show", id], ["tasks", "history", id], ["history"], ["tasks", "edit", id, "-p", "low"], ["undo"],
            ["start", id],
            ["tasks", "decompose", "--dry-run", "-y", Self.titles[1]], ["tasks", "decompose", "-y", Self.titles[2]],
            ["undo"],
            ["ai", "status"], ["playbooks"], ["playbooks", "show", "bug"],
        ] {
            let result = try minsky.ok(command, environment: environment)
            #expect(!result.lines.isEmpty)
            let longest = result.lines.max { Self.columns($0) < Self.columns($1) } ?? ""
            #expect(Self.columns(longest) <= width, "minsky \(command.joined(separator: " "))")
        }
    }

    @Test func columnsStandInLine() throws {
        let minsky = try Minsky(.sqlite)
        for title in Self.titles { try minsky.ok("add", "-p", "low", "--", title) }
        let lines = try minsky.run("list", environment: ["COLUMNS": "60"]).lines
        let places = lines.dropFirst().filter { !$0.hasPrefix(" ") }.map { line in
            line.firstRange(of: "  low").map {
                Self.columns(line[..<$0.lowerBound]) + line[$0].filter { $0 == " " }.count
            }
        }
        #expect(Set(places).count <= 2)
        let start = try #require(lines.first?.firstRange(of: "PRIORITY")).lowerBound
        let expected = Self.columns(try #require(lines.first)[..<start])
        for line in lines.dropFirst() where !line.hasPrefix(" ") {
            let place = try #require(line.lastIndex(of: "l").flatMap { line[$0...].hasPrefix("low") ? $0 : nil })
            #expect(Self.columns(line[..<place]) == expected)
        }
    }

    @Test func aNarrowTerminalKeepsTheTitlesAndLeavesOutTheRest() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("add", "A title", "-p", "high", "--due", "2100-01-02", "-e", "2h", "--complexity", "3")
        func heading(_ width: Int) throws -> String? {
            try minsky.run("list", environment: ["COLUMNS": "\(width)"]).lines.first
        }
        #expect(try heading(80) == "ID    TASK         PRIORITY  DUE         EST  CX")
        #expect(try heading(54)?.contains("CX") == false)
        #expect(try heading(44) == "ID    TASK         DUE", "when it is due matters more than its priority")
        #expect(try heading(20) == "ID    TASK")
    }

    @Test func invisibleCharactersAreCounted() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("add", String(repeating: "a\u{AD}", count: 40))
        try minsky.ok("add", String(repeating: "می\u{200C}خواهم ", count: 12))
        let lines = try minsky.run("list", environment: ["COLUMNS": "60"]).lines
        #expect(lines.count >= 3)
        #expect(lines[1].contains("a<U+00AD>a<U+00AD>"))
        #expect(lines.allSatisfy { Self.columns($0) <= 60 })
    }

    /// A joiner within a word makes no emoji of it.
    @Test func aPersianWordIsAsWideAsItsLetters() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("add", "می\u{200C}می\u{200C}می\u{200C}می\u{200C}می", "-p", "low")
        try minsky.ok("add", "abababab12", "-p", "low")
        let lines = try minsky.run("list", environment: ["COLUMNS": "60"]).lines
        #expect(Set(lines.dropFirst().map(Self.columns)).count == 1)
    }

    /// Ten letters with 100,000 marks each, and a line of half a million words: both are shown, within bounds.
    @Test func longTextsAreShownInLinearTime() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("A")
        try minsky.sql(
            """
            UPDATE tasks SET title = replace(hex(zeroblob(500000)), '00', '\u{E9} '),
                description = replace(hex(zeroblob(10)), '00', 'e' || replace(hex(zeroblob(50000)), '00', char(769, 790)))
            """)
        for width in [40, 900_000] {
            let output: String = try minsky.ok("show", id, environment: ["COLUMNS": "\(width)"])
            #expect(output.contains("<+99970 marks>"))
            #expect(output.utf8.count < 2_000_000)
            #expect(output.filter { $0 == "\u{E9}" }.count == 500_000)
        }
        #expect(try minsky.run("list", environment: ["COLUMNS": "60"]).output.utf8.count < 1000)
    }

    @Test func longTitlesGoOnInTheNextLineAtWords() throws {
        let minsky = try Minsky(.sqlite)
        for (id, title) in [
            ("aaaa", "Rewrite the whole of the billing system so that nobody is called at night"),
            ("bbbb", "Find out why it calls people at night at all, and whom, and how often"), ("cccc", "Last"),
        ] { try minsky.insert(id: id + "000000000000", title: title) }
        try minsky.ok("tasks", "edit", "aaaa", "-p", "critical", "--due", "2100-01-02", "-e", "1h30m")
        for id in ["bbbb", "cccc"] { try minsky.ok("tasks", "move", id, "--under", "aaaa") }
        let output = try minsky.ok("list", environment: ["COLUMNS": "66"])
        #expect(
            output == """
                ID    TASK                            PRIORITY  DUE           EST
                aaaa  [ ] Rewrite the whole of the    critical  2100-01-02  1h30m
                      │   billing system so that
                      │   nobody is called at night
                bbbb  ├─ [ ] Find out why it calls
                      │      people at night at all,
                      │      and whom, and how often
                cccc  └─ [ ] Last

                """)
    }

    @Test func oneLongTitleDoesNotWidenTheTable() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("add", "Short", "-p", "low")
        try minsky.ok("add", Self.titles[1])
        let lines = try minsky.run("list", environment: ["COLUMNS": "200"]).lines
        #expect(lines.allSatisfy { Self.columns($0) <= 90 })
        #expect(lines.count == 4)
    }

    @Test func aTitleTakesThreeLinesAtMost() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add(String(repeating: "word ", count: 2000))
        let lines = try minsky.run("list").lines
        #expect(lines.count == 4)
        #expect(lines[3].hasSuffix(" …"))
        #expect(try minsky.run("start", id).lines.count == 3)
    }

    @Test func tagsAndAssigneesAreShownWhereThereIsRoom() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("add", "A task of some length", "--assignee", "ada", "-t", "db", "-t", "sql")
        func lines(_ width: Int) throws -> [String] {
            try minsky.run("list", environment: ["COLUMNS": "\(width)"]).lines.map { String($0.dropFirst(6)) }
        }
        #expect(
            try lines(80) == [
                "TASK                       ASSIGNEE  TAGS", "[ ] A task of some length  ada       db sql",
            ])
        #expect(try lines(44)[0] == "TASK                       ASSIGNEE")
        #expect(try lines(40)[0] == "TASK")
    }

    @Test func aTerminalDecidesRatherThanTheVariable() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("add", Self.titles[1])
        let output = try minsky.shell(
            #"script -qec 'stty cols 50; exec "$minsky" list --no-color' /dev/null"#, environment: ["COLUMNS": "200"]
        ).output
        let longest = output.split(whereSeparator: \.isNewline).map(Self.columns).max()
        #expect(longest == 50)
    }
}
