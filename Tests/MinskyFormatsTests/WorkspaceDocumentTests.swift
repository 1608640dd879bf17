import MinskyFormats
import MinskyModel
import Testing

struct WorkspaceDocumentTests {
    private func read(_ bytes: [UInt8], pieces: Int = 7) -> [WorkspaceDocument.Event] {
        var reader = WorkspaceReader()
        var events: [WorkspaceDocument.Event] = []
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            events += reader.read(bytes[start..<min(start + pieces, bytes.count)])
        }
        return events + reader.finish()
    }

    private func lines(_ events: [WorkspaceDocument.Event]) -> [String] {
        events.map { event in
            switch event {
            case .head(let schema): "schema \(schema)"
            case .row(let table, let columns, let line): "\(line) \(table) \(JSON.object(columns).text())"
            case .fault(let finding): finding.description
            }
        }
    }

    @Test func everyRowIsReadBackExactly() throws {
        var writer = WorkspaceWriter(schema: 7)
        var bytes = writer.write(table: "tasks", columns: [JSON.Member("title", "a\u{1B}\n"), JSON.Member("n", 1.50)])
        bytes += writer.write(table: "tasks", columns: [])
        bytes += writer.write(table: "ta\"gs", columns: [JSON.Member("x", .null)])
        bytes += writer.finish()
        #expect(WorkspaceDocument.begins(bytes))
        #expect(
            lines(read(bytes)) == [
                "schema 7", #"5 tasks {"title":"a\u001b\n","n":1.5}"#, "6 tasks {}", #"9 ta"gs {"x":null}"#,
            ])
        #expect(lines(read(Array(String(decoding: bytes, as: UTF8.self).filter { $0 != "\n" }.utf8))).count == 4)
        var empty = WorkspaceWriter(schema: 1)
        #expect(lines(read(empty.finish())) == ["schema 1"])
    }

    @Test func whatIsNotOneIsRefused() {
        #expect(!WorkspaceDocument.begins(Array("[{\"id\":1}]".utf8)))
        #expect(lines(read(Array(#"{"tables":{"tasks":[{"a":1}]}}"#.utf8))).map { $0.contains("head") } == [true])
        let newer = lines(read(Array(#"{"minsky":{"format":2,"schema":1},"tables":{"tasks":[{"a":1}]}}"#.utf8)))
        #expect(newer == ["line 1: written by a newer minsky, in form 2; this one reads form 1"])
        let broken = lines(
            read(
                Array("{\"minsky\":{\"format\":1,\"schema\":1},\"tables\":{\"tasks\":[\n{\"a\":1,\n{\"a\":2}\n]}}".utf8)
            ))
        #expect(broken.count == 3 && broken.last == #"3 tasks {"a":2}"#)
    }
}
