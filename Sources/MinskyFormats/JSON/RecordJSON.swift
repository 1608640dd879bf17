import MinskyModel

/// Reads tasks as `minsky list --json` prints them: a list, single objects, or one object a line.
struct JSONReader: FormatReader {
    private var cutter = JSONCutter { path, isList in
        path.isEmpty ? isList : false
    }
    private var names = TextReferences()
    /// What minsky works out whenever it answers, and nobody sets.
    private static let derived = [
        "blocked", "blocks", "blockedBy", "subtaskCount", "openSubtaskCount", "subtasks", "sync", "urgency", "reasons",
        "score", "matched",
    ]

    mutating func read(_ bytes: ArraySlice<UInt8>) -> [ReadingEvent] { cutter.read(bytes).flatMap { events(of: $0) } }

    mutating func finish() -> [ReadingEvent] { cutter.finish().flatMap { events(of: $0) } }

    private mutating func events(of cut: JSONCutter.Cut) -> [ReadingEvent] {
        switch cut.object() {
        case .failure(let unreadable): return [unreadable.event]
        case .success(let object):
            let (record, findings) = record(of: object.members, line: cut.line)
            guard let record else { return findings.map(ReadingEvent.skipped) }
            return object.warnings + findings.map(ReadingEvent.warning) + [.record(record)]
        }
    }

    private mutating func record(of members: [JSON.Member], line: Int) -> (record: TaskRecord?, findings: [Finding]) {
        var object = ObjectReader(members, line: line)
        for key in Self.derived { _ = object.take(key) }
        let id = object.text("id")
        object.reference = id
        guard let title = object.text("title"), !title.trimmingSpace.isEmpty else {
            return (nil, [Finding(line: line, reference: id, field: "title", reason: "the task has none")])
        }
        if id == nil { object.warn("id", "the task has none; it is known by its title") }
        guard let reference = Reference(id ?? names.next(title), defaultSource: "json") else { return (nil, []) }
        var record = TaskRecord(reference: reference, title: title)
        record.line = line
        let metadata = object.take("metadata")
        for field in RecordField.all where field.key != "id" && field.key != "title" && field.key != "metadata" {
            _ = object.take(field.key, "what belongs there") { field.set(&record, $0) ? true : nil }
        }
        record.metadata = object.rest
        if let members = metadata?.members {
            for member in members where record[metadata: member.key] == nil { record.metadata.append(member) }
        } else if let metadata {
            object.warn("metadata", "not an object; kept under its name")
            record[metadata: "metadata"] = metadata
        }
        record.settleTimes()
        return (record, object.warnings)
    }
}

/// Writes a list with one task a line, the keys as `minsky list --json` has them; what a task does not have is left out.
struct JSONWriter: FormatWriter {
    let losses: [Finding] = []
    private var isFirst = true

    mutating func write(_ record: TaskRecord) -> [UInt8] {
        var bytes = Array((isFirst ? "[\n" : ",\n").utf8)
        isFirst = false
        let members = RecordField.all.map { JSON.Member($0.key, $0.value(record)) }.filter { $0.value != .null }
        JSON.object(members).write(to: &bytes)
        return bytes
    }

    mutating func finish() -> [UInt8] { Array((isFirst ? "[]\n" : "\n]\n").utf8) }
}
