import MinskyModel

/// A whole workspace in one JSON document: every row of every table, by the names of the tables and columns.
///
/// The document is `{"minsky": {"format": 1, "schema": N}, "tables": {"tasks": [{…}], …}}`, one row a line. The head comes
/// first, so that a reader knows what it has before it.
public enum WorkspaceDocument {
    /// The version of the document's own form.
    public static let format = 1

    /// What a reader found.
    public enum Event: Sendable {
        /// The version of the schema that the rows are of. Comes before all rows.
        case head(schema: Int)
        /// A row, its values by column.
        case row(table: String, columns: [JSON.Member], line: Int)
        /// What could not be read. A copy that has one is not complete.
        case fault(Finding)
    }

    /// Whether a file begins like such a document.
    public static func begins(_ bytes: some Sequence<UInt8>) -> Bool {
        let start = bytes.lazy.filter { $0 > 0x20 && $0 < 0x7F }.prefix(9)
        return start.elementsEqual("{\"minsky\"".utf8)
    }
}

/// Writes a whole workspace, row by row; the rows of one table one after the other.
public struct WorkspaceWriter: Sendable {
    private let schema: Int
    private var table: String?

    /// Creates a writer for rows of a version of the schema.
    public init(schema: Int) { self.schema = schema }

    /// The bytes of the next row.
    public mutating func write(table: String, columns: [JSON.Member]) -> [UInt8] {
        var bytes = self.table == nil ? head() : []
        if self.table != table {
            if self.table != nil { bytes += Array("\n],\n".utf8) }
            JSON.string(table).write(to: &bytes)
            bytes += Array(": [\n".utf8)
            self.table = table
        } else {
            bytes += Array(",\n".utf8)
        }
        JSON.object(columns).write(to: &bytes)
        return bytes
    }

    /// The end of the document.
    public mutating func finish() -> [UInt8] {
        defer { table = "" }
        return table == nil ? head() + Array("}\n}\n".utf8) : Array("\n]\n}\n}\n".utf8)
    }

    private func head() -> [UInt8] {
        let head: JSON = ["format": .integer(Int64(WorkspaceDocument.format)), "schema": .integer(Int64(schema))]
        return Array("{\n\"minsky\": \(head.text()),\n\"tables\": {\n".utf8)
    }
}

/// Reads a whole workspace in pieces of any size. Rows are exact: nothing is mended.
public struct WorkspaceReader: Sendable {
    private var cutter = JSONCutter { path, isList in
        switch path.count {
        case 0: !isList
        case 1: path[0] == "tables" && !isList
        case 2: path[0] == "tables" && isList
        default: false
        }
    }
    private var hasHead = false
    private var isRefused = false

    /// Creates a reader for one document.
    public init() {}

    /// Reads the next bytes.
    public mutating func read(_ bytes: ArraySlice<UInt8>) -> [WorkspaceDocument.Event] {
        cutter.read(bytes).compactMap { event(of: $0) }
    }

    /// Reads what is left once all bytes have been given.
    public mutating func finish() -> [WorkspaceDocument.Event] {
        let events = cutter.finish().compactMap { event(of: $0) }
        if hasHead || isRefused { return events }
        return events + [.fault(Finding(line: 1, reason: "not a workspace that minsky wrote: it has no head"))]
    }

    private mutating func event(of cut: JSONCutter.Cut) -> WorkspaceDocument.Event? {
        if isRefused { return nil }
        func fault(_ reason: String) -> WorkspaceDocument.Event { .fault(Finding(line: cut.line, reason: reason)) }
        let value: JSON
        switch cut.content {
        case .failure(let broken): return fault(broken.reason)
        case .success(let bytes):
            do { value = try JSON(parsing: bytes) } catch { return fault(error.description) }
        }
        if cut.path == ["minsky"] {
            guard let format = value["format"]?.integer,
                let schema = value["schema"]?.integer.flatMap({ Int(exactly: $0) })
            else {
                isRefused = true
                return fault("the head names no version")
            }
            guard format == WorkspaceDocument.format else {
                isRefused = true
                return fault(
                    "written by a newer minsky, in form \(format); this one reads form \(WorkspaceDocument.format)")
            }
            hasHead = true
            return .head(schema: schema)
        }
        guard cut.path.count == 3, cut.path[0] == "tables", let table = cut.path[1], let columns = value.members else {
            return fault("neither the head nor a row")
        }
        guard hasHead else {
            isRefused = true
            return fault("not a workspace that minsky wrote: its head does not come first")
        }
        return .row(table: table, columns: columns, line: cut.line)
    }
}
