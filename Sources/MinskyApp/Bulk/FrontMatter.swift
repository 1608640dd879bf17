import MinskyModel

/// What stands between two lines of three dashes at the beginning of a text: fields, one a line, and the text below.
struct FrontMatter {
    struct Field {
        let key: String
        let value: String
        /// The number of its line.
        let line: Int
    }

    let fields: [Field]
    let body: String
    /// The number of the body's first line.
    let bodyLine: Int

    /// Takes a text apart; one that does not begin with dashes is all body.
    /// - Throws: `TextProblem`.
    init(_ text: String, firstLine first: Int = 1) throws {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        let start = lines.firstIndex { !$0.trimmingSpace.isEmpty } ?? 0
        guard lines.indices.contains(start), lines[start].trimmingSpace == Self.dashes else {
            (fields, body, bodyLine) = ([], text, first)
            return
        }
        guard let end = lines[(start + 1)...].firstIndex(where: { $0.trimmingSpace == Self.dashes }) else {
            throw TextProblem(line: first + start, "these dashes are not closed by a line of three more")
        }
        var fields: [Field] = []
        for index in (start + 1)..<end {
            let line = lines[index].trimmingSpace
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard let colon = line.firstIndex(of: ":") else {
                throw TextProblem(
                    line: first + index, "a field is written with a colon behind its name", hint: "due: friday")
            }
            let key = String(line[..<colon]).trimmingSpace
            guard !fields.contains(where: { $0.key.lowercased() == key.lowercased() }) else {
                throw TextProblem(line: first + index, "\(key) stands there twice")
            }
            let value = Self.unquoted(String(line[line.index(after: colon)...]).trimmingSpace)
            fields.append(Field(key: key, value: value, line: first + index))
        }
        self.fields = fields
        body = lines[(end + 1)...].joined(separator: "\n")
        bodyLine = first + end + 1
    }

    /// The line above and below the fields.
    static let dashes = "---"

    /// A field on a line, which is read as it was.
    static func line(_ key: String, _ value: String) -> String {
        let isPlain = unquoted(value) == value
        return (isPlain ? "\(key): \(value)" : "\(key): \"\(value)\"").trimmingSpace
    }

    /// A value without quotes around all of it, or the brackets of a list.
    private static func unquoted(_ value: String) -> String {
        guard let first = value.first, let last = value.last, value.count > 1 else { return value }
        let isWrapped = first == last && (first == "\"" || first == "'") || first == "[" && last == "]"
        return isWrapped ? String(value.dropFirst().dropLast()) : value
    }
}

/// What is wrong with a text, and on which of its lines.
public struct TextProblem: Error {
    /// From 1 on.
    public let line: Int
    public let message: String
    public let hint: String?

    init(line: Int, _ message: String, hint: String? = nil) {
        self.line = line
        self.message = message
        self.hint = hint
    }

    /// The same as an error about a file or a text of a name.
    func error(in name: String) -> AppError {
        AppError(.invalidArgument, "\(name), line \(line): \(message)", hint: hint)
    }
}
