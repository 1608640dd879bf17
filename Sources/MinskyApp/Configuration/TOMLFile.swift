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

    /// Sets a value, in its place when the file has it, else after the last value of its section; everything else stays
    /// as it is, byte for byte.
    /// - Throws: `AppError` with code `.configuration` when the file is written in a way that cannot be edited safely.
    mutating func set(_ name: String, to value: String, isNumber: Bool) throws {
        let literal = isNumber ? value : JSON.string(value).text()
        var expected = values
        expected[name] = value
        let lines = self.lines
        if let found = assignment(of: name, in: lines) {
            var edited = lines
            edited[found.line] = found.before + literal + found.after
            return try replace(with: [edited], expecting: expected)
        }
        // In its own section, in a new one, or as a dotted name further up, where the section is written that way.
        var edits: [[String]] = []
        let words = name.split(separator: ".")
        for count in words.indices.reversed() {
            let (section, key) = (words[..<count].joined(separator: "."), words[count...].joined(separator: "."))
            edits += placesInSection(section, in: lines).map {
                inserting(["\(key) = \(literal)"], at: $0, in: lines)
            }
            if edits.isEmpty {
                let end = lines.last == "" ? lines.count - 1 : lines.count
                let isSeparate = end == 0 || Self.content(lines[end - 1]).isEmpty
                let added = (isSeparate ? [] : [""]) + ["[\(section)]", "\(key) = \(literal)"]
                edits.append(inserting(added, at: end, in: lines))
            }
        }
        try replace(with: edits, expecting: expected)
    }

    /// Removes a value; does nothing when the file does not have it.
    mutating func unset(_ name: String) throws {
        guard values[name] != nil else { return }
        var lines = self.lines
        if let found = assignment(of: name, in: lines) { lines.remove(at: found.line) }
        var expected = values
        expected[name] = nil
        try replace(with: [lines], expecting: expected)
    }

    func save(mode: UInt32 = 0o644) throws {
        try FileAccess.write(text, to: path, mode: mode)
    }

    /// The lines without their line feeds; a carriage return stays with its line. When the file ends with a line feed, the
    /// last one is empty.
    private var lines: [String] {
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { String(Substring($0)) }
    }

    /// Lines with others added to them, which end as the first one does.
    private func inserting(_ added: [String], at place: Int, in lines: [String]) -> [String] {
        let end = lines.first?.utf8.last == UInt8(ascii: "\r") ? "\r" : ""
        var lines = lines
        if place == lines.count {
            // The last line has no end yet.
            if let last = lines.last, !last.isEmpty { lines[lines.count - 1] = last + end }
            lines.append("")
        }
        lines.insert(contentsOf: added.map { $0 + end }, at: place)
        return lines
    }

    /// Takes the first of some edits that says what it should and changes no other value.
    private mutating func replace(with edits: [[String]], expecting expected: [String: String]) throws {
        for lines in edits {
            let result = try? TOMLFile(path: path, text: lines.joined(separator: "\n"))
            guard let result, result.values == expected else { continue }
            self = result
            return
        }
        throw AppError(
            .configuration, "\(path) is written in a way that cannot be edited without risk", hint: "Edit it by hand.")
    }

    /// Where a value stands: the line, and what comes before and after the value on it.
    private func assignment(of name: String, in lines: [String]) -> (line: Int, before: String, after: String)? {
        var section = ""
        for (index, line) in lines.enumerated() {
            let content = Self.content(line)
            if let header = Self.header(content) {
                section = header
                continue
            }
            guard let equals = line.firstIndex(of: "="), !content.hasPrefix("#") else { continue }
            let key = line[..<equals].filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
            guard (section.isEmpty ? key : section + "." + key) == name else { continue }
            let start = line[line.index(after: equals)...].firstIndex { $0 != " " && $0 != "\t" } ?? line.endIndex
            return (index, String(line[..<start]), String(line[Self.endOfValue(line, from: start)...]))
        }
        return nil
    }

    /// Where a new value of a section may stand, the best place first: after its last value, else after its heading (or
    /// the comment at the top of the file), else after its last line. Empty when there is no such section.
    private func placesInSection(_ section: String, in lines: [String]) -> [Int] {
        var places: (heading: Int, value: Int?, end: Int)? = section.isEmpty ? (0, nil, 0) : nil
        var current = ""
        var isTop = section.isEmpty
        for (index, line) in lines.enumerated() {
            let content = Self.content(line)
            if let header = Self.header(content) {
                current = header
                isTop = false
                if current == section { places = (index + 1, nil, index + 1) }
            } else if current == section, !content.isEmpty {
                if isTop { places?.heading = index + 1 }
                places?.end = index + 1
                if !content.hasPrefix("#"), content.contains("=") { places?.value = index + 1 }
            } else if content.isEmpty {
                isTop = false
            }
        }
        return places.map { [$0.value ?? $0.heading, $0.end] } ?? []
    }

    /// A line without the white space around it.
    private static func content(_ line: String) -> Substring {
        let start = line.drop { " \t\r".contains($0) }
        return start.dropLast(start.reversed().prefix { " \t\r".contains($0) }.count)
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
            let trailing = value.reversed().prefix { " \t\r".contains($0) }.count
            return line.index(end, offsetBy: -trailing)
        }
        var index = line.index(after: start)
        while index < line.endIndex, line[index] != quote {
            if quote == "\"", line[index] == "\\" { index = line.index(after: index) }
            if index < line.endIndex { index = line.index(after: index) }
        }
        return index < line.endIndex ? line.index(after: index) : index
    }
}
