import MinskyModel

/// Reads todo.txt, one task a line.
struct TodoTxtReader: FormatReader {
    private let form: TodoTxtLine
    private var splitter = LineSplitter()
    private var names = TextReferences()

    init(options: FormatOptions) { form = TodoTxtLine(utcOffset: options.utcOffset) }

    mutating func read(_ bytes: ArraySlice<UInt8>) -> [ReadingEvent] {
        splitter.lines(bytes).flatMap { events(of: $0) }
    }

    mutating func finish() -> [ReadingEvent] { splitter.finish().flatMap { events(of: $0) } }

    private mutating func events(of line: LineSplitter.Line) -> [ReadingEvent] {
        guard let text = line.text else { return [line.tooLong] }
        let (record, findings) = form.record(of: text.text, line: line.number) { names.next($0) }
        guard let record else { return [] }
        return line.warnings(text) + findings.map(ReadingEvent.warning) + [.record(record)]
    }
}

/// Writes todo.txt, one task a line. What a line cannot say is reported, field by field.
struct TodoTxtWriter: FormatWriter {
    private let form: TodoTxtLine
    private var names = TextReferences()
    private(set) var losses: [Finding] = []

    init(options: FormatOptions) { form = TodoTxtLine(utcOffset: options.utcOffset) }

    mutating func write(_ record: TaskRecord) -> [UInt8] {
        var text = form.text(record, withName: false)
        var readBack = read(text)
        if readBack?.reference != record.reference {
            text = form.text(record, withName: true)
            readBack = read(text)
        } else {
            _ = names.next(readBack?.title ?? "")
        }
        for field in RecordField.all where readBack.map(field.value) != field.value(record) {
            losses.append(
                Finding(
                    line: 0, reference: record.reference.description, field: field.key,
                    reason: "todo.txt cannot say it, or not all of it"))
        }
        return Array((text + "\n").utf8)
    }

    func finish() -> [UInt8] { [] }

    private func read(_ text: String) -> TaskRecord? {
        form.record(of: text, line: 0) { names.peek($0) }.record
    }
}
