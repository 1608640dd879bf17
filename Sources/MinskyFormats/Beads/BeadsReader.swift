import MinskyModel

/// Reads the issues of beads, one a line.
struct BeadsReader: FormatReader {
    private var splitter = LineSplitter()
    private var names = TextReferences()

    mutating func read(_ bytes: ArraySlice<UInt8>) -> [ReadingEvent] {
        splitter.lines(bytes).flatMap { events(of: $0) }
    }

    mutating func finish() -> [ReadingEvent] { splitter.finish().flatMap { events(of: $0) } }

    private mutating func events(of line: LineSplitter.Line) -> [ReadingEvent] {
        guard let bytes = line.bytes else { return [line.tooLong] }
        if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return [] }
        let cut = JSONCutter.Cut(path: [], line: line.number, content: .success(bytes))
        switch cut.object() {
        case .failure(let unreadable): return [unreadable.event]
        case .success(let object):
            if let type = object.members.first(where: { $0.key == "_type" })?.value, type != "issue" {
                let reason = "a line of type \((type.string ?? type.text()).quoted), not an issue"
                return [.skipped(Finding(line: line.number, reason: reason))]
            }
            let (record, findings) = BeadsIssue.record(of: object.members, line: line.number, names: &names)
            guard let record else { return findings.map(ReadingEvent.skipped) }
            return object.warnings + findings.map(ReadingEvent.warning) + [.record(record)]
        }
    }
}

/// Writes the issues of beads, one a line.
struct BeadsWriter: FormatWriter {
    private(set) var losses: [Finding] = []

    mutating func write(_ record: TaskRecord) -> [UInt8] {
        guard let object = BeadsIssue.object(record) else {
            losses.append(.unnamable(record))
            return []
        }
        for link in record.dependsOn + (record.parent.map { [$0] } ?? []) where BeadsIssue.id(link) == nil {
            losses.append(.unnamable(link, of: record))
        }
        var bytes: [UInt8] = []
        object.write(to: &bytes)
        bytes.append(0x0A)
        return bytes
    }

    mutating func finish() -> [UInt8] { [] }
}
