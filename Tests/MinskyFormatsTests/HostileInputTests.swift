import MinskyFormats
import MinskyModel
import TestSupport
import Testing

/// Nothing that a file may hold ends the reading of it.
struct HostileInputTests {
    static let files = [
        ("taskwarrior", "taskwarrior.json"), ("taskwarrior", "pending.data"), ("taskmaster", "tasks.json"),
        ("taskmaster", "report.json"), ("beads", "issues.jsonl"), ("todotxt", "todo.txt"), ("markdown", "tasks.md"),
        ("csv", "tasks.csv"), ("json", "taskwarrior.json"),
    ]

    /// What is read does not depend on where a file is cut into pieces, on its line ends or on a byte order mark.
    @Test(arguments: files)
    func piecesLineEndsAndMarksMakeNoDifference(name: String, file: String) throws {
        let bytes = try fixture(file)
        func fields(_ collector: RecordCollector) -> [JSON] { collector.records.map(\.fields) }
        let whole = try imported(bytes, as: name)
        for pieces in [1, 2, 3, 7, 64] {
            let cut = try imported(bytes, as: name, pieces: pieces)
            #expect(fields(cut) == fields(whole) && cut.warnings == whole.warnings && cut.skipped == whole.skipped)
        }
        let marked = try imported([0xEF, 0xBB, 0xBF] + bytes, as: name)
        #expect(fields(marked) == fields(whole) && marked.skipped == whole.skipped)
        // A line feed within a cell is part of what the cell says.
        if name != "csv" {
            let windows = try imported(bytes.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }, as: name)
            #expect(fields(windows) == fields(whole))
            #expect(windows.skipped == whole.skipped)
        }
    }

    @Test(arguments: files, [1, 2] as [UInt64])
    func damagedFilesNeverCrash(file: (String, String), seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let original = try fixture(file.1)
        for _ in 0..<150 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                guard let place = bytes.indices.randomElement(using: &generator) else { break }
                switch Int.random(in: 0...4, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(original.randomElement(using: &generator) ?? 0, at: place)
                case 3: bytes.insert(0x0A, at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 20))
                }
            }
            let collector = try imported(bytes, as: file.0, pieces: Int.random(in: 1...200, using: &generator))
            for record in collector.records {
                try #require(!record.title.isEmpty && !record.fields.containsNUL)
                try #require(record.status.isOpen == (record.completedAt == nil) || record.createdAt == nil)
            }
            _ = try exported(collector.records, as: file.0)
        }
    }

    @Test(arguments: RoundTripTests.names, [5, 6] as [UInt64])
    func randomPiecesNeverCrash(name: String, seed: UInt64) throws {
        let pieces =
            [
                "{", "}", "[", "]", ",", ":", "\"", "\\", "\"id\":1", "\"title\":\"a\"", "\"description\":\"b\"",
                "\"uuid\":\"u\"",
                "\n", "\r\n", " ", "- [ ] a", "# a", "```", "x ", "(A) ", "due:2026-13-01", "title,status\n",
                "\"tasks\":[", "\u{0}",
                "é", "[a:\"b\"]", "\\ud800", "null", "1e999999999", "\t",
            ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xFF, 0xFE]]
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<1500 {
            let count = Int.random(in: 0...14, using: &generator)
            let bytes = (0..<count).flatMap { _ in pieces.randomElement(using: &generator) ?? [] }
            _ = try imported(bytes, as: name, pieces: Int.random(in: 1...20, using: &generator))
        }
    }

    @Test(arguments: RoundTripTests.names)
    func twoByteEncodingsAreNamed(name: String) throws {
        let read = try imported([0xFF, 0xFE, 0x61, 0x00, 0x0A, 0x00], as: name)
        #expect(read.records.isEmpty)
        #expect(read.skipped.map(\.reason).contains { $0.contains("UTF-16") })
    }

    /// What follows a broken task is read: the next line that begins one as far to the left.
    @Test(arguments: [
        #"{"uuid":"b","description":"cut o"#, #"{"uuid":"b","description":"x""#, #"{"uuid":"b","tags":["x"}"#,
        #"{"uuid":"b" "description":"x"}"#, #"{"uuid":"b","description":tru e}"#, #"{"uuid":"b","uuid":"c"}"#,
        "garbage", "42", "}",
    ])
    func oneBrokenTaskLosesNoOther(broken: String) throws {
        for text in [
            "[\n{\"uuid\":\"a\",\"description\":\"A\"},\n\(broken),\n{\"uuid\":\"z\",\"description\":\"Z\"}\n]\n",
            "{\"uuid\":\"a\",\"description\":\"A\"}\n\(broken)\n{\"uuid\":\"z\",\"description\":\"Z\"}\n",
        ] {
            let read = try imported(text, as: "taskwarrior")
            #expect(read.records.map(\.title) == ["A", "Z"], "\(text)")
            #expect(read.skipped.count + read.warnings.count > 0, "\(text)")
            #expect(
                (read.skipped + read.warnings).allSatisfy { $0.line == 2 || $0.line == 3 }, "\(read.skipped) \(text)")
        }
    }

    /// Tasks of the list after the broken one stay in their list, and subtasks of a broken task do not become tasks.
    @Test func aBrokenTaskLeavesTheListsAsTheyAre() throws {
        let text = String(decoding: try fixture("tasks.json"), as: UTF8.self)
        let broken = text.replacing("\"title\": \"Build the server\",", with: "\"title\": \"Build the server,")
        let read = try imported(broken, as: "taskmaster")
        #expect(read.records.map(\.reference.id) == ["master/1", "master/3", "mobile/1"])
        #expect(read.skipped.map(\.line) == [15])
        let last = try imported(text.replacing("\"title\": \"Ship\",", with: "\"title\": \"Ship,"), as: "taskmaster")
        #expect(last.records.map(\.reference.id) == ["master/1", "master/2", "master/2.1", "master/2.2", "mobile/1"])
    }

    @Test(arguments: ["taskwarrior", "taskmaster", "beads", "json"])
    func deepNestingIsRefusedAndTheRestRead(name: String) throws {
        let deep = String(repeating: "[", count: 100_000)
        let lines = [
            #"{"id":"a","uuid":"a","title":"A","description":"A"}"#, "{\"x\":\(deep)",
            #"{"id":"z","uuid":"z","title":"Z","description":"Z"}"#,
        ]
        let text = lines.joined(separator: "\n")
        let read = try imported(
            name == "taskmaster" ? "{\"tasks\":[\n\(text.replacing("\n", with: ",\n"))\n]}" : text, as: name)
        #expect(read.records.map(\.title) == ["A", "Z"])
        #expect(read.skipped.count == 1)
    }

    @Test(arguments: ["taskwarrior", "beads", "json", "todotxt", "csv", "markdown"])
    func whatIsTooLongIsLeftOut(name: String) throws {
        let long = String(repeating: "a", count: 17 << 20)
        func task(_ title: String) -> String {
            switch name {
            case "todotxt": title
            case "csv": "\"\(title)\",x"
            case "markdown": "- [ ] \(title)"
            default:
                #"{"id":"\#(title.prefix(3))","uuid":"\#(title.prefix(3))","title":"\#(title)","description":"\#(title)"}"#
            }
        }
        let header = name == "csv" ? "title,y\n" : ""
        let read = try imported(header + [task("A"), task(long), task("Z")].joined(separator: "\n") + "\n", as: name)
        #expect(read.records.map(\.title) == ["A", "Z"])
        #expect(read.skipped.count == 1 && read.skipped[0].reason.contains("16 MiB"))
        #expect(read.skipped[0].line == (name == "csv" ? 3 : 2))
    }

    @Test func charactersThatJSONForbidsAreMended() throws {
        let start = Array(#"{"uuid":"a","description":"\ud83d tab:"#.utf8)
        let bytes = start + [0x09, 0x1B, 0x20, 0xFF] + Array(#" \u0000 \ud83d\ude00"}"#.utf8)
        let read = try imported(bytes, as: "taskwarrior")
        #expect(read.records.map(\.title) == ["\u{FFFD} tab:\t\u{1B} \u{FFFD} \u{FFFD} 😀"])
        #expect(read.warnings.count == 1)
    }

    @Test func circlesAndDanglingLinksAreNamed() throws {
        let read = try imported(
            """
            {"id":"a","title":"A","parentId":"json:b","dependsOn":["json:a","json:c","json:gone"]}
            {"id":"b","title":"B","parentId":"json:c"}
            {"id":"c","title":"C","parentId":"json:a","dependsOn":["json:b"]}
            {"id":"d","title":"D","parentId":"json:d","dependsOn":["json:a"]}
            """, as: "json")
        let reasons = read.warnings.map(\.description)
        #expect(reasons.contains("line 1, “a”, “dependency”: the task itself; left out"))
        #expect(reasons.contains("line 1, “a”, “dependency”: “gone” is not there; left out"))
        #expect(reasons.contains("line 3, “c”, “parent”: “a” would close a circle; left out"))
        #expect(reasons.contains("line 4, “d”, “parent”: the task itself; left out"))
        #expect(reasons.count == 4)
        #expect(try read.record("c").parent == nil && read.record("a").parent?.id == "b")
        #expect(try read.record("a").dependsOn.map(\.id) == ["c"] && read.record("c").dependsOn.map(\.id) == ["b"])
    }

    @Test func linksToWhatIsKnownElsewhereStay() throws {
        let text = #"{"id":"a","title":"A","dependsOn":["0123456789abcdef","1123456789abcdef"]}"#
        let collector = RecordCollector(reading: Array(text.utf8), as: try format("json")) { $0.id.hasPrefix("0") }
        #expect(collector.records.first?.dependsOn.map(\.id) == ["0123456789abcdef"])
    }

    @Test func aTaskThatComesTwiceIsJoined() throws {
        let read = try imported(
            """
            {"uuid":"a","description":"New","modified":"20261102T000000Z","status":"pending","tags":["y"],"x":"1"}
            {"uuid":"a","description":"Old","modified":"20261101T000000Z","status":"completed","end":"20261101T000000Z","tags":["x"],"project":"p","annotations":[{"description":"n"}]}
            """, as: "taskwarrior")
        let record = try #require(read.records.first)
        #expect(read.records.count == 1 && read.warnings.map(\.line) == [2])
        #expect(record.title == "New" && record.status == .todo && record.completedAt == nil && record.project == "p")
        #expect(record.tags == ["y", "x"] && record.notes.map(\.text) == ["n"] && record[metadata: "x"] == "1")
    }

    @Test func findingsAreSafeToPrint() throws {
        let read = try imported(
            #"{"uuid":"a\u001b[2J","description":"A","due":"\u202e\#(String(repeating: "9", count: 500))"}"#,
            as: "taskwarrior")
        let text = try #require(read.warnings.first).description
        #expect(!text.unicodeScalars.contains { $0.isTerminalControl } && text.utf8.count < 300)
    }
}
