import MinskyModel

/// The form in which a model must answer, and its strict reading.
enum BreakdownAnswer {
    /// The JSON schema of an answer. Every key is required and no other is allowed, as strict servers ask.
    ///
    /// - Parameters:
    ///   - count: How many subtasks there have to be, or nil for 2 to 12.
    ///   - isTight: Whether texts have a greatest length and, with a count, each place its own schema, in which nothing
    ///     but earlier subtasks can be depended on. A small model needs such rails; of the large services, some refuse a
    ///     schema that has them.
    static func schema(count: Int?, isTight: Bool) -> JSON {
        let range: [JSON.Member] = [
            .init("type", "array"), .init("minItems", .integer(Int64(count ?? 2))),
            .init("maxItems", .integer(Int64(count ?? 12))),
        ]
        let items: JSON.Member =
            if let count, isTight {
                .init("prefixItems", .array((0..<count).map { subtask(earlier: $0, isTight: true) }))
            } else {
                .init("items", subtask(earlier: count ?? 12, isTight: isTight))
            }
        return [
            "type": "object", "properties": ["subtasks": .object(range + [items])], "required": ["subtasks"],
            "additionalProperties": false,
        ]
    }

    /// The schema of one subtask that may depend on so many others.
    private static func subtask(earlier: Int, isTight: Bool) -> JSON {
        func text(_ description: JSON, maximum: Int64) -> JSON {
            var members: [JSON.Member] = [.init("type", "string"), .init("description", description)]
            if isTight { members.append(.init("maxLength", .integer(maximum))) }
            return .object(members)
        }
        return [
            "type": "object",
            "properties": [
                "title": text("imperative, at most 80 characters", maximum: 120),
                "description": text("what is produced, and how one knows it is done", maximum: 600),
                "estimate_minutes": ["type": "integer", "minimum": 5, "maximum": 2400],
                "complexity": ["type": "integer", "minimum": 1, "maximum": 10],
                "depends_on": [
                    "type": "array", "description": "numbers of earlier subtasks that must be done first",
                    "maxItems": .integer(Int64(earlier)),
                    "items": ["type": "integer", "minimum": 1, "maximum": .integer(Int64(max(1, earlier)))],
                ],
            ],
            "required": .array(keys.map(JSON.string)),
            "additionalProperties": false,
        ]
    }

    /// Reads an answer; nothing is guessed or repaired, but for a code fence around the JSON, which models without JSON
    /// mode like to add.
    /// - Parameter quoting: Makes a piece of the answer fit to be shown in an error.
    /// - Throws: `AIError` with code `.malformed` that names the first thing wrong.
    static func decode(_ text: String, quoting: (String) -> String) throws -> [PlannedSubtask] {
        let json: JSON
        do {
            json = try JSON(parsing: withoutFence(text))
        } catch {
            throw malformed("it is not valid JSON: \(error)")
        }
        try requireKeys(json, ["subtasks"], "the answer", quoting)
        guard let items = json["subtasks"]?.array else { throw malformed("'subtasks' is not a list") }
        guard !items.isEmpty else { throw malformed("'subtasks' is empty") }
        guard items.count <= BreakdownRequest.maximumCount else {
            throw malformed("it has \(items.count) subtasks; at most \(BreakdownRequest.maximumCount) make sense")
        }
        var subtasks: [PlannedSubtask] = []
        for (index, item) in items.enumerated() {
            subtasks.append(try decode(item, number: index + 1, count: items.count, quoting))
        }
        return try inOrderOfWork(subtasks)
    }

    /// How many subtasks there are where another number is wanted, in words; nil when it is that number.
    ///
    /// A fifth more or less is what somebody who asks for ten is content with.
    /// - Throws: `AIError` with code `.malformed` when it is further off.
    static func deviation(of count: Int, from wanted: Int?) throws -> String? {
        guard let wanted, count != wanted else { return nil }
        let words = "\(count) subtask\(count == 1 ? "" : "s") where \(wanted) were asked for"
        guard abs(count - wanted) * 5 <= wanted else { throw malformed("it has \(words)") }
        return words
    }

    /// The subtasks in an order in which each comes after those it depends on; as they are when that is so already.
    /// - Throws: `AIError` when they depend on each other in a circle.
    private static func inOrderOfWork(_ subtasks: [PlannedSubtask]) throws -> [PlannedSubtask] {
        var places: [Int?] = subtasks.map { _ in nil }
        var ordered: [PlannedSubtask] = []
        while ordered.count < subtasks.count {
            let next = subtasks.indices.first { index in
                places[index] == nil && subtasks[index].dependsOn.allSatisfy { places[$0] != nil }
            }
            guard let next else {
                let stuck = subtasks.indices.filter { places[$0] == nil }.map { "\($0 + 1)" }
                throw malformed("subtasks \(stuck.joined(separator: ", ")) depend on each other in a circle")
            }
            places[next] = ordered.count
            var subtask = subtasks[next]
            subtask.dependsOn = subtask.dependsOn.compactMap { places[$0] }.sorted()
            ordered.append(subtask)
        }
        return ordered
    }

    private static let keys = ["title", "description", "estimate_minutes", "complexity", "depends_on"]

    private static func decode(
        _ item: JSON, number: Int, count: Int, _ quoting: (String) -> String
    ) throws -> PlannedSubtask {
        let place = "subtask \(number)"
        try requireKeys(item, keys, place, quoting)
        let title = try text(item, "title", place).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard !title.isEmpty else { throw malformed("\(place) has an empty title") }
        guard title.unicodeScalars.count <= 500 else {
            throw malformed("the title of \(place) has more than 500 characters")
        }
        let description = try text(item, "description", place)
        guard description.unicodeScalars.count <= 20_000 else {
            throw malformed("the description of \(place) is too long")
        }
        let estimate = try integer(item, "estimate_minutes", 1...600_000, place)
        let complexity = try integer(item, "complexity", 1...10, place)
        guard let list = item["depends_on"]?.array else { throw malformed("'depends_on' of \(place) is not a list") }
        var dependencies: Set<Int> = []
        for element in list {
            guard let other = element.integer, (1...Int64(count)).contains(other) else {
                throw malformed("\(place) depends on \(quoting(element.text())), which is not the number of a subtask")
            }
            // That a subtask comes after itself says nothing; small models like to say it of the first one.
            if other != number { dependencies.insert(Int(other) - 1) }
        }
        let isBlank = !description.contains { !$0.isWhitespace }
        return PlannedSubtask(
            title: title, description: isBlank ? nil : description, estimateMinutes: estimate, complexity: complexity,
            dependsOn: dependencies.sorted())
    }

    private static func requireKeys(
        _ json: JSON, _ keys: [String], _ place: String, _ quoting: (String) -> String
    ) throws {
        guard let members = json.members else { throw malformed("\(place) is \(json.kindName), not an object") }
        for key in keys where !members.contains(where: { $0.key == key }) {
            throw malformed("\(place) has no '\(key)'")
        }
        if let other = members.first(where: { !keys.contains($0.key) }) {
            throw malformed("\(place) has the unknown key '\(quoting(other.key))'")
        }
    }

    private static func text(_ json: JSON, _ key: String, _ place: String) throws -> String {
        guard let text = json[key]?.string else { throw malformed("'\(key)' of \(place) is not text") }
        guard !text.utf8.contains(0) else { throw malformed("'\(key)' of \(place) holds a NUL character") }
        return text
    }

    private static func integer(_ json: JSON, _ key: String, _ range: ClosedRange<Int64>, _ place: String) throws -> Int
    {
        guard let value = json[key]?.integer, range.contains(value) else {
            throw malformed(
                "'\(key)' of \(place) is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return Int(value)
    }

    private static func malformed(_ what: String) -> AIError {
        AIError(.malformed, "the model's answer cannot be used: \(what)")
    }

    private static func withoutFence(_ text: String) -> String {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard let first = lines.firstIndex(where: { $0.contains { !$0.isWhitespace } }),
            let last = lines.lastIndex(where: { $0.contains { !$0.isWhitespace } }),
            first < last, lines[first].hasPrefix("```"), lines[last].hasPrefix("```")
        else { return text }
        return lines[(first + 1)..<last].joined(separator: "\n")
    }
}

/// Finds the titles of subtasks in an answer that is still arriving.
///
/// It only announces; what counts is the strict reading of the whole.
struct SubtaskScanner {
    private var element: [UInt8] = []
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    /// Takes the next piece of text and returns the titles of the subtasks it completes.
    mutating func take(_ text: String) -> [String] {
        var titles: [String] = []
        for byte in text.utf8 {
            // { "subtasks": [ { … } ] }: a subtask is what stands at the third level.
            if depth >= 3 || (depth == 2 && byte == UInt8(ascii: "{") && !isInString) { element.append(byte) }
            step(byte)
            if depth == 2, !element.isEmpty {
                if let title = (try? JSON(parsing: element))?["title"]?.string { titles.append(title) }
                element = []
            }
        }
        return titles
    }

    private mutating func step(_ byte: UInt8) {
        if isEscaped {
            isEscaped = false
        } else if isInString {
            if byte == UInt8(ascii: "\\") { isEscaped = true }
            if byte == UInt8(ascii: "\"") { isInString = false }
        } else {
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
        }
    }
}
