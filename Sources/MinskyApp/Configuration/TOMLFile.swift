import MinskyModel
import TOMLKit

/// A configuration file: its values by dotted name, and edits that leave everything else in it as it is.
struct TOMLFile {
    let path: String
    private(set) var text: String
    /// The values as text, by dotted name.
    private(set) var values: [String: String]

    /// Reads a file; one that is not there is empty.
    /// - Throws: `AppError` with code `.configuration` that names line and column.
    init(path: String) throws {
        try self.init(path: path, text: try FileAccess.text(at: path) ?? "")
    }

    init(path: String, text: String) throws {
        self.path = path
        self.text = text
        do {
            values = Self.flatten(try TOMLTable(string: text), prefix: "")
        } catch let error as TOMLParseError {
            let place = error.source.begin
            throw AppError(
                .configuration, "\(path), line \(place.line), column \(place.column): \(error.description)",
                hint: "Correct the file, or move it away and run minsky init again.")
        }
    }

    private static func flatten(_ table: TOMLTable, prefix: String) -> [String: String] {
        var values: [String: String] = [:]
        for (key, value) in table {
            let name = prefix + key
            if let table = value.table {
                values.merge(flatten(table, prefix: name + ".")) { first, _ in first }
            } else {
                values[name] =
                    value.string ?? value.int.map { "\($0)" } ?? value.bool.map { "\($0)" } ?? value.debugDescription
            }
        }
        return values
    }

    /// Sets a value, in its place when the file has it, else at the end of its section; comments and order stay.
    /// - Throws: `AppError` with code `.configuration` when the file is written in a way that cannot be edited safely.
    mutating func set(_ name: String, to value: String, isNumber: Bool) throws {
        let literal = isNumber ? value : JSON.string(value).text()
        var lines = self.lines
        if let found = assignment(of: name, in: lines) {
            lines[found.line] = found.before + literal + found.after
        } else {
            let (section, key) = Self.split(name)
            if let end = endOfSection(section, in: lines) {
                lines.insert("\(key) = \(literal)", at: end)
            } else {
                if let last = lines.last, !last.isEmpty { lines.append("") }
                lines += ["[\(section)]", "\(key) = \(literal)"]
            }
        }
        var expected = values
        expected[name] = value
        try replace(lines, expecting: expected)
    }

    /// Removes a value; does nothing when the file does not have it.
    mutating func unset(_ name: String) throws {
        guard values[name] != nil else { return }
        var lines = self.lines
        if let found = assignment(of: name, in: lines) { lines.remove(at: found.line) }
        var expected = values
        expected[name] = nil
        try replace(lines, expecting: expected)
    }

    func save(mode: UInt32 = 0o644) throws {
        try FileAccess.write(text, to: path, mode: mode)
    }

    private var lines: [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    /// Takes edited lines, if they say what they should and nothing else has changed.
    private mutating func replace(_ lines: [String], expecting expected: [String: String]) throws {
        let edited = lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
        guard let result = try? TOMLFile(path: path, text: edited), result.values == expected else {
            throw AppError(
                .configuration, "\(path) is written in a way that cannot be edited without risk",
                hint: "Edit it by hand.")
        }
        self = result
    }

    /// Where a value stands: the line, and what comes before and after the value on it.
    private func assignment(of name: String, in lines: [String]) -> (line: Int, before: String, after: String)? {
        var section = ""
        for (index, line) in lines.enumerated() {
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            if let header = Self.header(trimmed) {
                section = header
                continue
            }
            guard let equals = line.firstIndex(of: "="), !trimmed.hasPrefix("#") else { continue }
            let key = line[..<equals].filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
            guard (section.isEmpty ? key : section + "." + key) == name else { continue }
            let start = line[line.index(after: equals)...].firstIndex { $0 != " " && $0 != "\t" } ?? line.endIndex
            return (index, String(line[..<start]), String(line[Self.endOfValue(line, from: start)...]))
        }
        return nil
    }

    private func endOfSection(_ section: String, in lines: [String]) -> Int? {
        var end: Int? = section.isEmpty ? 0 : nil
        var current = ""
        for (index, line) in lines.enumerated() {
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            if let header = Self.header(trimmed) {
                current = header
                if current == section { end = index + 1 }
            } else if current == section, !trimmed.isEmpty {
                end = index + 1
            }
        }
        return end
    }

    private static func header(_ line: Substring) -> String? {
        guard line.hasPrefix("["), !line.hasPrefix("[["), let close = line.firstIndex(of: "]") else { return nil }
        return line[line.index(after: line.startIndex)..<close].filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
    }

    private static func endOfValue(_ line: String, from start: String.Index) -> String.Index {
        guard start < line.endIndex else { return start }
        let quote = line[start]
        guard quote == "\"" || quote == "'" else {
            let end = line[start...].firstIndex(of: "#") ?? line.endIndex
            let value = line[start..<end]
            let trailing = value.reversed().prefix { $0 == " " || $0 == "\t" }.count
            return line.index(end, offsetBy: -trailing)
        }
        var index = line.index(after: start)
        while index < line.endIndex, line[index] != quote {
            if quote == "\"", line[index] == "\\" { index = line.index(after: index) }
            if index < line.endIndex { index = line.index(after: index) }
        }
        return index < line.endIndex ? line.index(after: index) : index
    }

    private static func split(_ name: String) -> (section: String, key: String) {
        guard let dot = name.lastIndex(of: ".") else { return ("", name) }
        return (String(name[..<dot]), String(name[name.index(after: dot)...]))
    }
}
