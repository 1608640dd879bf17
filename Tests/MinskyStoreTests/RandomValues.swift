import MinskyModel
import MinskySQL
import MinskyStore

/// Values of every kind a store takes, the awkward ones more often than chance would have it.
struct RandomValues {
    var generator: SplitMix

    init(seed: UInt64) { generator = SplitMix(state: seed) }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }
    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[number(0...choices.count - 1)] }
    mutating func id() -> String { Identifier.random(using: &generator) }

    /// Pieces that have broken programs: quotes, escapes, controls, directions, joined and composed characters.
    private static let pieces = [
        "a", "Z", "0", " ", "'", "\"", "\\", "\\u0000", "%s", "$1", "?1", "{", "}", "[", ";--", "/", "//", "\n", "\r\n",
        "\t", "\u{1}", "\u{8}", "\u{C}", "\u{1B}[31m", "\u{1F}", "\u{7F}", "\u{80}", "\u{9F}", "é", "e\u{301}", "ß",
        "ı", "İ",
        "\u{202E}", "\u{2066}", "مرحبا", "שלום", "한국어", "日本", "𝒳", "🦊", "👩‍👩‍👧‍👦", "🇵🇱", "\u{FEFF}", "\u{FFFD}", "\u{FFFE}",
        "\u{FFFF}", "\u{10FFFF}", "\u{200D}", "\u{0300}", "\u{2028}", "null", "NaN", "-0",
    ]

    /// A text with at least one character.
    mutating func text(upTo count: Int = 12) -> String {
        (0..<number(1...count)).map { _ in pick(Self.pieces) }.joined()
    }

    mutating func longText() -> String { String(repeating: text(), count: number(1000...5000)) }

    mutating func timestamp() -> Timestamp {
        let edges: [Int64] = [
            -62_135_596_800_000_000, 253_402_300_799_999_999, -1, 0, 1, 946_684_799_999_999, 946_684_800_000_000,
            951_782_400_000_000,
        ]
        return Timestamp(
            microseconds: chance(30) ? pick(edges) : .random(in: edges[0]...edges[1], using: &generator))
    }

    /// A number of `Double`.
    private mutating func double() -> Double {
        let edges = [
            0.1, -0.0, 1e-7, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude,
            .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1e22, 1.5e300, .pi, 9_007_199_254_740_991,
            9_223_372_036_854_775_808, 1e16,
        ]
        if chance(50) { return pick(edges) }
        let value = Double(bitPattern: generator.next())
        return value.isFinite ? value : 0.5
    }

    mutating func json(depth: Int = 3) -> JSON {
        switch number(0...(depth > 0 ? 8 : 6)) {
        case 0: return .null
        case 1: return .bool(chance(50))
        case 2: return .integer(pick([.min, .max, 0, -1, 9_007_199_254_740_993]))
        case 3: return .integer(Int64(truncatingIfNeeded: generator.next()))
        case 4: return JSON(floatLiteral: double())
        case 5, 6: return .string(chance(90) ? text() : "")
        case 7: return .array((0..<number(0...4)).map { _ in json(depth: depth - 1) })
        default: return object(depth: depth - 1)
        }
    }

    /// An object whose keys differ.
    mutating func object(depth: Int = 3) -> JSON {
        var keys: Set<ExactText> = []
        return .object(
            (0..<number(0...5)).compactMap { _ in
                let key = chance(95) ? text(upTo: 4) : ""
                return keys.insert(ExactText(key)).inserted ? .init(key, json(depth: depth)) : nil
            })
    }

    /// An object that is nested as deeply as one may be.
    mutating func deepObject() -> JSON {
        (0..<99).reduce(object(depth: 0)) { inner, _ in ["k": [inner]] }
    }

    /// A task with values in most fields; `parents` are the tasks it may stand under or depend on.
    mutating func task(parents: [String]) -> TaskItem {
        let created = timestamp()
        var task = TaskItem(
            id: id(), title: chance(5) ? longText() : text(), rank: Rank.between(nil, nil), createdAt: created,
            createdBy: text())
        if chance(70) { task.description = chance(90) ? text(upTo: 60) : "" }
        task.status = pick(TaskStatus.allCases)
        task.priority = pick(TaskPriority.allCases + [nil])
        if chance(50), !parents.isEmpty { task.parentID = pick(parents) }
        if chance(50) { task.assignee = text() }
        if chance(50) { task.dueAt = timestamp() }
        if chance(50) { task.waitUntil = timestamp() }
        if chance(50) { task.scheduledAt = timestamp() }
        if chance(50) { task.estimateMinutes = pick([1, 90, .max]) }
        if chance(50) { task.complexity = number(1...10) }
        if chance(50) { task.complexityReason = text() }
        if chance(50) { task.recurrence = text() }
        if chance(50) { task.externalRef = task.id + text() }
        task.metadata = chance(5) ? deepObject() : object()
        if chance(50) { task.startedAt = timestamp() }
        if chance(50) { task.completedAt = timestamp() }
        task.tags = distinct((0..<number(0...3)).map { _ in text() })
        if chance(30), !parents.isEmpty { task.dependsOn = [pick(parents)] }
        return task
    }

    /// Texts sorted as both databases sort them, each once.
    func distinct(_ texts: [String]) -> [String] {
        Set(texts.map(ExactText.init)).sorted().map(\.description)
    }
}
