import MinskyModel

extension Format {
    /// How much of a file `detected(name:beginning:)` looks at, in bytes.
    public static let beginningLength = 1 << 16

    /// The format that a file has by its name and its beginning, or nil when neither tells.
    /// - Parameters:
    ///   - name: The last part of the path, if it is known.
    ///   - beginning: The first bytes.
    public static func detected(name: String?, beginning: some Collection<UInt8>) -> Format? {
        let name = (name ?? "").lowercased()
        let end = name.split(separator: ".").last.map(String.init) ?? ""
        let found: String? =
            switch end {
            case "md", "markdown": "markdown"
            case "csv", "tsv": "csv"
            case "data" where ["pending.data", "completed.data"].contains(name): "taskwarrior"
            default: byContent(Text(beginning), isPlain: end == "txt")
            }
        return found.flatMap(named)
    }

    /// The beginning of a file as lines without white space around them; empty ones are left out.
    private struct Text {
        let lines: [Substring]
        let text: String

        init(_ bytes: some Collection<UInt8>) {
            text = String(decoding: bytes.prefix(Format.beginningLength), as: UTF8.self)
            lines = text.split { $0.isNewline || $0 == "\u{FEFF}" }.map { $0.drop { $0 == " " || $0 == "\t" } }
                .filter { !$0.isEmpty }
        }

        /// Whether JSON objects have some keys, anywhere.
        func has(_ keys: String...) -> Bool {
            keys.allSatisfy { key in
                text.ranges(of: "\"\(key)\"").contains { range in
                    text[range.upperBound...].first { !$0.isWhitespace } == ":"
                }
            }
        }
    }

    private static func byContent(_ text: Text, isPlain: Bool) -> String? {
        guard let first = text.lines.first else { return nil }
        if isTaskwarriorData(first) { return "taskwarrior" }
        if first.hasPrefix("{") || first.hasPrefix("[") && !first.hasPrefix("[ ") && !first.hasPrefix("[x") {
            return ofJSON(text)
        }
        // What stands in a cell may look like a list.
        if isHeader(first), !isBox(first), !first.hasPrefix("#"), !isPlain { return "csv" }
        if text.lines.contains(where: isBox) { return "markdown" }
        if isPlain { return "todotxt" }
        let marked = text.lines.prefix(20).filter { $0.contains(/^(x \d{4}-\d\d-\d\d |\([A-Z]\) |\d{4}-\d\d-\d\d )/) }
        return marked.isEmpty ? nil : "todotxt"
    }

    private static func ofJSON(_ text: Text) -> String? {
        if text.has("complexityAnalysis") || text.has("tasks", "title") {
            return "taskmaster"
        }
        // The metadata may hold the words of another program.
        if text.has("title", "createdAt"), !text.has("created_at") { return "json" }
        if text.has("issue_type") || text.has("title", "created_at") || text.has("_type") { return "beads" }
        if text.has("description") && (text.has("uuid") || text.has("entry") || !text.has("title")) {
            return "taskwarrior"
        }
        return text.has("title") ? "json" : nil
    }

    /// `[description:"…" …]`
    private static func isTaskwarriorData(_ line: Substring) -> Bool {
        line.contains(/^\[[a-z_]+:"/)
    }

    private static func isBox(_ line: Substring) -> Bool { line.contains(/^([-*+]|\d+[.)]) \[.\]/) }

    /// The names of columns, one of which is a title.
    private static func isHeader(_ line: Substring) -> Bool {
        let names = line.split { ",;\t".contains($0) }.map { String($0.filter { $0 != "\"" }) }
        return names.count > 1 && names.contains { CSVColumn.key(of: $0) == "title" }
    }
}
