import MinskyFormats
import Testing

@Suite("Which format a file has")
struct DetectionTests {
    @Test(arguments: [
        ("taskwarrior.json", "taskwarrior"), ("pending.data", "taskwarrior"), ("tasks.json", "taskmaster"),
        ("report.json", "taskmaster"), ("issues.jsonl", "beads"), ("todo.txt", "todotxt"), ("tasks.md", "markdown"),
        ("tasks.csv", "csv"),
    ])
    func fixturesAreRecognized(name: String, format: String) throws {
        #expect(Format.detected(name: name, beginning: try fixture(name))?.name == format)
        // Without a name, what is in it has to do.
        if name != "todo.txt" { #expect(Format.detected(name: nil, beginning: try fixture(name))?.name == format) }
    }

    @Test(arguments: Format.all.map(\.name))
    func whatMinskyWritesIsRecognized(name: String) throws {
        let bytes = try exported(
            [.full(RandomRecords.id(1)), TaskRecord(reference: RandomRecords.id(2), title: "B")], as: name
        )
        .bytes
        #expect(Format.detected(name: name == "todotxt" ? "todo.txt" : nil, beginning: bytes)?.name == name)
    }

    @Test(arguments: ["", "\n\n", "what is this", "\u{0}\u{1}", "[", "{}", "<html>", "%PDF-1.4"])
    func anythingElseIsNot(text: String) {
        #expect(Format.detected(name: nil, beginning: Array(text.utf8))?.name == nil)
    }
}
