import MinskyModel

/// A way in which a kind of work is usually done, written as Markdown.
public struct Playbook: Sendable, Hashable {
    /// One step of it.
    public struct Step: Sendable, Hashable {
        public var title: String
        public var description: String
        /// Nil where it cannot be told beforehand.
        public var estimateMinutes: Int?
        public var complexity: Int
        /// Positions, from 0, of the steps that come first.
        public var after: [Int]
        /// Words of which one must occur in the task, or none for a step that is always there.
        public var when: [String]
        /// Whether the step is repeated for every list item of the task's description.
        public var isEachItem: Bool
        /// Whether this is a step that does the work, which stays when only a few are wanted.
        public var isCore: Bool
    }

    /// The file's name without its ending.
    public var name: String
    public var title: String
    /// Words and phrases of which one is enough to tell such a task; none when the playbook is only taken by name.
    public var keywords: [String]
    /// Words, phrases and classes of words (`<software>`) that speak for such a task, but not alone.
    public var hints: [String]
    /// Words and phrases that tell that a task is not of this kind.
    public var exclusions: [String]
    /// The kinds of work it is for, or none when it is for any.
    public var work: [String]
    public var summary: String
    public var steps: [Step]
}

extension Playbook {
    /// Reads a playbook's Markdown.
    /// - Parameters:
    ///   - name: The file's name without its ending.
    ///   - markdown: The text.
    /// - Throws: `AIError` with code `.badPlaybook` that names the line.
    public init(name: String, markdown: String) throws {
        var reader = PlaybookReader(name: name)
        for (index, line) in markdown.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
        {
            reader.lineNumber = index + 1
            try reader.take(String(line))
        }
        self = try reader.finish()
    }
}

private struct PlaybookReader {
    let name: String
    var lineNumber = 0
    /// The last line with a text.
    private var lastLine = 1
    private var title: String?
    /// The lines above the steps that say when the playbook fits, by name.
    private var fields: [String: [String]] = [:]
    private var summary: [String] = []
    private var steps: [Draft] = []

    struct Field {
        let value: String
        let line: Int
    }

    struct Draft {
        var title: String
        var fields: [String: Field] = [:]
        var text: [String] = []
        let line: Int
    }

    init(name: String) { self.name = name }

    func failure(_ what: String, line: Int? = nil) -> AIError {
        AIError(.badPlaybook, "playbook \(name).md, line \(line ?? lineNumber): \(what)")
    }

    mutating func take(_ line: String) throws {
        let text = line.trimmed
        if !text.isEmpty { lastLine = lineNumber }
        if text.hasPrefix("## ") {
            let heading = text.dropFirst(3).trimmed
            let number = heading.prefix { $0.isNumber }
            guard Int(number) == steps.count + 1, heading.dropFirst(number.count).hasPrefix(".") else {
                throw failure("expected the heading '## \(steps.count + 1). …'")
            }
            let title = heading.dropFirst(number.count + 1).trimmed
            guard !title.isEmpty else { throw failure("the step has no title") }
            steps.append(Draft(title: title, line: lineNumber))
        } else if text.hasPrefix("# ") {
            guard title == nil else { throw failure("a playbook has one title") }
            title = text.dropFirst(2).trimmed
        } else if text.isEmpty {
            return
        } else if !steps.isEmpty {
            let index = steps.count - 1
            if steps[index].text.isEmpty, let (key, value) = Self.field(text) {
                let field = Field(value: value, line: lineNumber)
                guard steps[index].fields.updateValue(field, forKey: key) == nil else {
                    throw failure("'\(key)' appears twice")
                }
            } else {
                steps[index].text.append(text)
            }
        } else if title == nil {
            throw failure("a playbook begins with '# Title'")
        } else if let (key, value) = Self.field(text), Self.headFields.contains(key) {
            guard fields.updateValue(Self.list(value), forKey: key) == nil else {
                throw failure("'\(key)' appears twice")
            }
            try check(key)
        } else {
            summary.append(text)
        }
    }

    /// Whether the names in a line are known ones.
    private func check(_ key: String) throws {
        for name in fields[key] ?? [] {
            if key == "work", KindOfWork(rawValue: name) == nil {
                let known = KindOfWork.allCases.map(\.rawValue).joined(separator: ", ")
                throw failure("'\(name)' is no kind of work; there are \(known)")
            }
            if name.hasPrefix("<"), name.hasSuffix(">"), WordClass(rawValue: String(name.dropFirst().dropLast())) == nil
            {
                let known = WordClass.allCases.map { "<\($0.rawValue)>" }.joined(separator: ", ")
                throw failure("\(name) is no class of words; there are \(known)")
            }
        }
    }

    func finish() throws -> Playbook {
        guard let title, !title.isEmpty else { throw failure("there is no '# Title'", line: 1) }
        guard let keywords = fields["for"] else {
            throw failure("there is no 'For:' line with words that tell when it fits", line: 1)
        }
        guard !steps.isEmpty else { throw failure("there are no steps ('## 1. …')", line: lastLine) }
        guard steps.count <= BreakdownRequest.maximumCount else {
            throw failure("there are more than 50 steps", line: steps[BreakdownRequest.maximumCount].line)
        }
        return Playbook(
            name: name, title: title, keywords: keywords, hints: fields["also"] ?? [], exclusions: fields["not"] ?? [],
            work: fields["work"] ?? [], summary: summary.joined(separator: " "),
            steps: try steps.enumerated().map { try step($1, position: $0) })
    }

    private func step(_ draft: Draft, position: Int) throws -> Playbook.Step {
        func value(_ key: String) -> String? { draft.fields[key]?.value }
        // At the line that is wrong; where one is missing, at the step's heading.
        func fail(_ what: String, _ key: String) -> AIError {
            failure("step \(position + 1): \(what)", line: draft.fields[key]?.line ?? draft.line)
        }
        let unknown = draft.fields.filter { !Self.stepFields.contains($0.key) }
        if let unknown = unknown.min(by: { $0.value.line < $1.value.line }) {
            throw fail("'\(unknown.key)' is not known", unknown.key)
        }
        let minutes = value("estimate").flatMap(DurationPhrase.minutes)
        guard minutes != nil || value("estimate")?.lowercased() == "unknown" else {
            throw fail("it needs 'Estimate:' with a duration such as 30m, 2h or 1d, or 'unknown'", "estimate")
        }
        guard let complexity = value("complexity").flatMap({ Int($0) }), (1...10).contains(complexity) else {
            throw fail("it needs 'Complexity:' with a number from 1 to 10", "complexity")
        }
        let after = try Self.list(value("after") ?? "").map { text in
            guard let number = Int(text), (1...max(1, position)).contains(number), position > 0 else {
                throw fail("'After: \(text)' is not the number of an earlier step", "after")
            }
            return number - 1
        }
        if let each = value("each"), each.lowercased() != "item" { throw fail("'Each:' can only be 'item'", "each") }
        if let core = value("core"), core.lowercased() != "yes" { throw fail("'Core:' can only be 'yes'", "core") }
        return Playbook.Step(
            title: draft.title, description: draft.text.joined(separator: " "), estimateMinutes: minutes,
            complexity: complexity, after: after, when: Self.list(value("when") ?? ""),
            isEachItem: draft.fields["each"] != nil, isCore: draft.fields["core"] != nil)
    }

    private static let headFields = ["for", "also", "not", "work"]
    private static let stepFields = ["estimate", "complexity", "after", "when", "each", "core"]

    private static func field(_ line: String) -> (key: String, value: String)? {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let key = line[..<colon].lowercased()
        guard headFields.contains(key) || stepFields.contains(key) else { return nil }
        return (key, line[line.index(after: colon)...].trimmed)
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map(\.trimmed).filter { !$0.isEmpty }
    }
}

extension StringProtocol {
    /// The text without white space around it.
    var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(start.prefix(start.count - start.reversed().prefix(while: \.isWhitespace).count))
    }
}
