/// A format that tasks are imported from and exported to.
public struct Format: Sendable {
    /// What people type, and the source of the references.
    public let name: String
    /// What it is, for lists of formats.
    public let title: String
    private let reader: @Sendable (FormatOptions) -> any FormatReader
    private let writer: @Sendable (FormatOptions) -> any FormatWriter

    private init(
        _ name: String, _ title: String, reader: @escaping @Sendable (FormatOptions) -> any FormatReader,
        writer: @escaping @Sendable (FormatOptions) -> any FormatWriter
    ) {
        self.name = name
        self.title = title
        self.reader = reader
        self.writer = writer
    }

    /// Every format.
    public static let all: [Format] = [
        Format("taskwarrior", "Taskwarrior: what task export prints, and 2.x data files") { _ in
            TaskwarriorReader()
        } writer: { _ in
            TaskwarriorWriter()
        },
        Format("taskmaster", "Task Master: tasks.json and complexity reports") {
            TaskMasterReader(options: $0)
        } writer: { _ in
            TaskMasterWriter()
        },
        Format("beads", "beads: issues.jsonl") { _ in
            BeadsReader()
        } writer: { _ in
            BeadsWriter()
        },
        Format("todotxt", "todo.txt") {
            TodoTxtReader(options: $0)
        } writer: {
            TodoTxtWriter(options: $0)
        },
        Format("markdown", "Markdown: headings and task lists") { _ in
            MarkdownReader()
        } writer: { _ in
            MarkdownWriter()
        },
        Format("csv", "CSV, one row a task") {
            CSVReader(options: $0)
        } writer: { _ in
            CSVWriter()
        },
        Format("json", "JSON, as minsky list --json prints it") { _ in
            JSONReader()
        } writer: { _ in
            JSONWriter()
        },
    ]

    /// The format of a name, or nil when there is none.
    public static func named(_ name: String) -> Format? { all.first { $0.name == name } }

    /// A reader for one file.
    public func makeReader(_ options: FormatOptions = FormatOptions()) -> any FormatReader {
        EncodingGuard(reader(options))
    }

    /// What is left of a record once it has been written and read again, or nil when it cannot be written.
    ///
    /// An import compares what it read with the echo of what is stored: what differs was changed in the file, and what the
    /// format cannot say is never taken for a change.
    public func echo(of record: TaskRecord, _ options: FormatOptions = FormatOptions()) -> TaskRecord? {
        var writer = makeWriter(options)
        var reader = makeReader(options)
        let bytes = writer.write(record) + writer.finish()
        for event in reader.read(bytes[...]) + reader.finish() {
            if case .record(let echo) = event { return echo }
        }
        return nil
    }

    /// A writer for one file.
    public func makeWriter(_ options: FormatOptions = FormatOptions()) -> any FormatWriter { writer(options) }
}
