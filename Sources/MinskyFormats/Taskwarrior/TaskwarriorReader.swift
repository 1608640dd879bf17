import MinskyModel

/// Reads what `task export` prints, as a list, one object or one object a line, and the data files of 2.x.
struct TaskwarriorReader: FormatReader {
    private enum Form: Sendable {
        case unknown([UInt8])
        case json(JSONCutter)
        case data(LineSplitter)
    }

    private var form = Form.unknown([])
    private var names = TextReferences()

    mutating func read(_ bytes: ArraySlice<UInt8>) -> [ReadingEvent] {
        switch form {
        case .unknown(let start):
            let all = start + bytes
            let signs = all.lazy.filter { $0 > 0x20 }.prefix(2)
            // After the bracket of a data line comes a name, after that of a list an object, a text or the end.
            guard signs.count == 2 else {
                form = .unknown(all)
                return []
            }
            let isData =
                signs.first == UInt8(ascii: "[") && Array(signs)[1] | 0x20 >= UInt8(ascii: "a")
                && Array(signs)[1] | 0x20 <= UInt8(ascii: "z")
            form = isData ? .data(LineSplitter()) : .json(JSONCutter { path, isList in path.isEmpty && isList })
            return read(all[...])
        case .json(var cutter):
            let cuts = cutter.read(bytes)
            form = .json(cutter)
            return cuts.flatMap { events(of: $0) }
        case .data(var splitter):
            let lines = splitter.lines(bytes)
            form = .data(splitter)
            return lines.flatMap { events(of: $0) }
        }
    }

    mutating func finish() -> [ReadingEvent] {
        switch form {
        case .unknown(let start):
            guard start.contains(where: { $0 > 0x20 }) else { return [] }
            form = .json(JSONCutter { _, _ in false })
            return read(start[...]) + finish()
        case .json(var cutter): return cutter.finish().flatMap { events(of: $0) }
        case .data(var splitter): return splitter.finish().flatMap { events(of: $0) }
        }
    }

    private mutating func events(of cut: JSONCutter.Cut) -> [ReadingEvent] {
        switch cut.object() {
        case .failure(let event): [event.event]
        case .success(let object): object.warnings + events(of: object.members, line: cut.line)
        }
    }

    private mutating func events(of line: LineSplitter.Line) -> [ReadingEvent] {
        guard let text = line.text else { return [line.tooLong] }
        if text.text.trimmingSpace.isEmpty { return [] }
        guard let members = TaskwarriorDataLine.object(text.text) else {
            return [.skipped(Finding(line: line.number, reason: "not a line of a Taskwarrior data file"))]
        }
        return line.warnings(text) + events(of: members, line: line.number)
    }

    private mutating func events(of members: [JSON.Member], line: Int) -> [ReadingEvent] {
        let (record, findings) = TaskwarriorTask.record(of: members, line: line, names: &names)
        guard let record else { return findings.map(ReadingEvent.skipped) }
        return findings.map(ReadingEvent.warning) + [.record(record)]
    }
}

/// Writes what `task import` reads: a list with one task a line.
struct TaskwarriorWriter: FormatWriter {
    private(set) var losses: [Finding] = []
    private var isFirst = true

    mutating func write(_ record: TaskRecord) -> [UInt8] {
        guard let object = TaskwarriorTask.object(record) else {
            losses.append(.unnamable(record))
            return []
        }
        for other in record.dependsOn where TaskwarriorTask.uuid(other) == nil {
            losses.append(.unnamable(other, of: record))
        }
        var bytes = Array((isFirst ? "[\n" : ",\n").utf8)
        isFirst = false
        object.write(to: &bytes)
        return bytes
    }

    mutating func finish() -> [UInt8] { Array((isFirst ? "[]\n" : "\n]\n").utf8) }
}
