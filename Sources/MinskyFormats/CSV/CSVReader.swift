import MinskyModel

/// Reads a table with a row for every task; the first row names the columns.
///
/// Columns are understood under the names that minsky writes and under those that are common elsewhere, whatever their case.
/// Those that are not become metadata.
struct CSVReader: FormatReader {
    private let utcOffset: @Sendable (Timestamp) -> Int
    /// The first line, until the separator can be told from it.
    private var start: [UInt8]? = []
    private var parser = CSVParser(separator: UInt8(ascii: ","))
    private var header: [String]?
    private var names = TextReferences()

    init(options: FormatOptions) { utcOffset = options.utcOffset }

    mutating func read(_ bytes: ArraySlice<UInt8>) -> [ReadingEvent] {
        guard let before = start else { return parser.rows(bytes).flatMap { events(of: $0) } }
        let all = before + bytes
        guard all.contains(0x0A) || all.count > LineSplitter.maximumLength else {
            start = all
            return []
        }
        return begin(all)
    }

    mutating func finish() -> [ReadingEvent] {
        var events = start.map { begin($0) } ?? []
        let (row, isOpen) = parser.finish()
        if let row, isOpen {
            events.append(
                .skipped(Finding(line: row.line, reason: "a quotation mark is not closed before the file ends")))
        } else if let row {
            events += self.events(of: row)
        }
        return events
    }

    private mutating func begin(_ bytes: [UInt8]) -> [ReadingEvent] {
        start = nil
        let line = bytes.prefix { $0 != 0x0A }
        let separators = [",", ";", "\t"].map { UInt8(ascii: $0) }
        let counts = separators.map { separator in line.lazy.filter { $0 == separator }.count }
        let best = counts.indices.max { counts[$0] < counts[$1] || counts[$0] == counts[$1] && $0 > $1 } ?? 0
        parser = CSVParser(separator: separators[best])
        return parser.rows(bytes[...]).flatMap { events(of: $0) }
    }

    private mutating func events(of row: CSVParser.Row) -> [ReadingEvent] {
        guard let bytes = row.cells else {
            return [LineSplitter.Line(number: row.line, bytes: nil).tooLong]
        }
        let texts = bytes.map { RepairedText($0) }
        let cells = texts.map { CSVCell.unguarded($0.text) }
        var events: [ReadingEvent] = []
        if let broken = texts.first(where: \.isRepaired) {
            events += LineSplitter.Line(number: row.line, bytes: []).warnings(broken)
        }
        guard let header else {
            header = cells.map { $0.trimmingSpace }
            if !cells.contains(where: { CSVColumn.key(of: $0) == "title" }) {
                let reason = "the first line must name the columns, and one of them “title”"
                events.append(.skipped(Finding(line: row.line, reason: reason)))
            }
            return events
        }
        if cells.allSatisfy({ $0.trimmingSpace.isEmpty }) { return events }
        if cells.count > header.count {
            let reason = "\(cells.count) cells under \(header.count) names; those past the last name were left out"
            events.append(.warning(Finding(line: row.line, reason: reason)))
        }
        // A name that comes twice is one column; its first value counts.
        var members: [JSON.Member] = []
        var seen: Set<String> = []
        for (name, cell) in zip(header, cells) {
            let key = CSVColumn.key(of: name) ?? name
            if key.isEmpty || cell.isEmpty || !seen.insert(key).inserted { continue }
            members.append(JSON.Member(key, .string(cell)))
        }
        return events + self.events(of: members, line: row.line)
    }

    private mutating func events(of members: [JSON.Member], line: Int) -> [ReadingEvent] {
        var object = ObjectReader(members, line: line)
        let id = object.text("id")
        object.reference = id
        guard let title = object.text("title"), !title.trimmingSpace.isEmpty else {
            return [.skipped(Finding(line: line, reference: id, field: "title", reason: "the task has none"))]
        }
        guard let reference = Reference(id ?? names.next(title), defaultSource: "csv") else { return [] }
        var record = TaskRecord(reference: reference, title: title)
        record.line = line
        let metadata = object.take("metadata", "a JSON object") { value -> [JSON.Member]? in
            value.string.flatMap { try? JSON(parsing: $0) }?.members
        }
        for field in RecordField.all where field.key != "id" && field.key != "title" && field.key != "metadata" {
            _ = object.take(field.key, CSVColumn.kind(of: field.key)) { value -> Bool? in
                guard let json = CSVCell.value(value.string ?? "", for: field.key, utcOffset) else { return nil }
                return field.set(&record, json) ? true : nil
            }
        }
        record.metadata = object.rest
        for member in metadata ?? [] where record[metadata: member.key] == nil { record.metadata.append(member) }
        record.settleTimes()
        return object.warnings.map(ReadingEvent.warning) + [.record(record)]
    }
}

/// Writes the table with a column for every field, and cells as RFC 4180 quotes them.
struct CSVWriter: FormatWriter {
    let losses: [Finding] = []
    private var hasHeader = false

    mutating func write(_ record: TaskRecord) -> [UInt8] {
        header() + Self.row(RecordField.all.map { CSVCell.text($0.value(record), for: $0.key) })
    }

    mutating func finish() -> [UInt8] { header() }

    private mutating func header() -> [UInt8] {
        defer { hasHeader = true }
        return hasHeader ? [] : Self.row(RecordField.all.map(\.key))
    }

    private static func row(_ cells: [String]) -> [UInt8] {
        Array((cells.map { CSVCell.quoted(CSVCell.guarded($0)) }.joined(separator: ",") + "\r\n").utf8)
    }
}
