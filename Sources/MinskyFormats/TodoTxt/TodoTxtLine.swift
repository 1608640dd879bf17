import MinskyModel

/// One task of todo.txt.
///
/// Source: the rules of the todo.txt project; `due:`, `t:`, `rec:`, `h:`, `pri:`, `id:` and `p:` as the tools around it use
/// them.
struct TodoTxtLine {
    static let source = "todotxt"

    let utcOffset: @Sendable (Timestamp) -> Int

    // MARK: Reading

    /// The task of a line, or nil when it says nothing.
    /// - Parameter naming: Names a task without an id after what it says.
    func record(of text: String, line: Int, naming: (String) -> String) -> (record: TaskRecord?, findings: [Finding]) {
        var words = TodoTxtWord.words(TodoTxtWord.trimmed(text))[...]
        let isClosed = words.count > 1 && words.first == "x"
        if isClosed { words = words.dropFirst() }
        var letter: String?
        var days: [CalendarDay] = []
        while let word = words.first, words.count > 1 {
            if letter == nil, let found = TodoTxtWord.priorityLetter(word) {
                letter = found
            } else if days.count < (isClosed ? 2 : 1), let day = ForeignDate.day(word) {
                days.append(day)
            } else {
                break
            }
            words = words.dropFirst()
        }
        var labels = Labels(utcOffset: utcOffset, line: line)
        let title = labels.read(words)
        if title.isEmpty { return (nil, []) }
        var record = labels.record
        record.reference = labels.reference ?? Reference(source: Self.source, id: naming(title))
        record.title = title
        record.line = line
        if isClosed, record.status.isOpen { record.status = .done }
        if !isClosed, !record.status.isOpen { record.status = .todo }
        if let letter = letter ?? labels.letter { Self.setPriority(letter, &record) }
        record.completedAt = isClosed ? days.first?.firstSecond(utcOffset) : nil
        record.createdAt = (isClosed ? days.dropFirst().first : days.first)?.firstSecond(utcOffset)
        record.settleTimes()
        return (
            record,
            labels.findings.map { finding in
                var finding = finding
                finding.reference = record.reference.id
                return finding
            }
        )
    }

    private static func setPriority(_ letter: String, _ record: inout TaskRecord) {
        record.priority = priority(letter)
        if letter > "D" { record[metadata: ObjectReader.originalKey("priority")] = .string(letter) }
    }

    private static func priority(_ letter: String) -> TaskPriority? {
        switch letter {
        case "A": .critical
        case "B": .high
        case "C": .medium
        case "D"..."Z": .low
        default: nil
        }
    }

    /// What the words of a line say besides its text.
    private struct Labels {
        let utcOffset: @Sendable (Timestamp) -> Int
        let line: Int
        var record = TaskRecord(reference: Reference(source: source, id: ""), title: "")
        var reference: Reference?
        var letter: String?
        var findings: [Finding] = []

        init(utcOffset: @escaping @Sendable (Timestamp) -> Int, line: Int) {
            self.utcOffset = utcOffset
            self.line = line
        }

        /// Takes in all labels and gives back the text without them. Projects and contexts within the text stay a word of it.
        mutating func read(_ words: ArraySlice<String>) -> String {
            let all = words.map(TodoTxtWord.init)
            let end = (all.lastIndex { !$0.isLabel }).map { $0 + 1 } ?? 0
            var title: [String] = []
            for (index, word) in all.enumerated() {
                switch word {
                case .plain(let text, _): title.append(text)
                case .project(let word):
                    let name = TodoTxtWord.decoded(word)
                    add(project: name)
                    if index < end { title.append(name) }
                case .context(let word):
                    let name = TodoTxtWord.decoded(word)
                    if !record.tags.contains(where: { $0.utf8.elementsEqual(name.utf8) }) { record.tags.append(name) }
                    if index < end { title.append(name) }
                case .pair(let key, let value):
                    if TodoTxtWord.knownKeys.contains(key) {
                        if !set(key, value) { keep(key, value) }
                    } else if index < end {
                        title.append("\(key):\(value)")
                    } else {
                        record[metadata: key] = .string(TodoTxtWord.decoded(value))
                    }
                }
            }
            let text = title.joined(separator: " ").trimmingSpace
            // A line of nothing but labels is what the task is called.
            return text.isEmpty ? words.joined(separator: " ").trimmingSpace : text
        }

        private mutating func add(project name: String) {
            if record.project == nil {
                record.project = name
            } else if record.project != name, !record.tags.contains("+" + name) {
                record.tags.append("+" + name)
            }
        }

        /// Sets what a known key says; false when it says nothing that can be understood.
        private mutating func set(_ key: String, _ value: String) -> Bool {
            func link() -> Reference? { Reference(TodoTxtWord.decoded(value), defaultSource: source) }
            func day() -> CalendarDay? { ForeignDate.day(value) }
            switch key {
            case "id": return assign(link(), to: \.reference)
            case "p": return assign(link(), to: \.record.parent)
            case "dep": record.dependsOn = (record.dependsOn + (link().map { [$0] } ?? [])).unrepeated()
            case "due": return assign(day()?.lastSecond(utcOffset), to: \.record.dueAt)
            case "t": return assign(day()?.firstSecond(utcOffset), to: \.record.waitUntil)
            case "scheduled": return assign(day()?.firstSecond(utcOffset), to: \.record.scheduledAt)
            case "until": return assign(day()?.lastSecond(utcOffset), to: \.record.untilAt)
            case "rec": return assign(TodoTxtWord.decoded(value), to: \.record.recurrence)
            case "pri":
                guard value.utf8.count == 1, value.utf8.allSatisfy(TodoTxtWord.isLetter) else { return false }
                return assign(value, to: \.letter)
            case "est": return assign(DurationPhrase.minutes(value), to: \.record.estimateMinutes)
            case "cx": return assign(Int(value).flatMap { (1...10).contains($0) ? $0 : nil }, to: \.record.complexity)
            case "assignee": return assign(TodoTxtWord.decoded(value), to: \.record.assignee)
            case "status":
                guard let status = TaskStatus(rawValue: value) else { return false }
                record.status = status
            default: record[metadata: key] = .string(value)
            }
            return true
        }

        private mutating func assign<Value>(_ value: Value?, to path: WritableKeyPath<Labels, Value?>) -> Bool {
            guard let value, self[keyPath: path] == nil else { return false }
            self[keyPath: path] = value
            return true
        }

        private mutating func keep(_ key: String, _ value: String) {
            let reason = "\(value.quoted) is not understood, or comes twice; kept in the metadata"
            findings.append(Finding(line: line, field: key, reason: reason))
            record[metadata: ObjectReader.originalKey(key)] = .string(value)
        }
    }

    // MARK: Writing

    /// The line of a task, without its end.
    func text(_ record: TaskRecord, withName: Bool) -> String {
        var words: [String] = []
        if !record.status.isOpen {
            words.append("x")
            if let day = day(record.completedAt) { words.append(day) }
        }
        let letter = Self.letter(record)
        // Without the day of its end, a day would be taken for it.
        let created = record.status.isOpen || record.completedAt != nil ? day(record.createdAt) : nil
        if !record.status.isOpen, let created { words.append(created) }
        if let letter { words.append("(\(letter))") }
        if record.status.isOpen, let created { words.append(created) }
        words += Self.titleWords(record.title)
        if let project = record.project, !project.isEmpty { words.append("+" + TodoTxtWord.encoded(project)) }
        for tag in record.tags where !tag.isEmpty {
            // A further project, but only behind the first one.
            let isProject = tag.utf8.first == UInt8(ascii: "+") && tag.utf8.count > 1
            let isFurther = isProject && record.project.map { !$0.isEmpty && "+" + $0 != tag } == true
            words.append((isFurther ? "" : "@") + TodoTxtWord.encoded(tag))
        }
        func add(_ key: String, _ value: String?) {
            if let value, !value.isEmpty { words.append("\(key):\(value)") }
        }
        add("due", day(record.dueAt))
        add("t", day(record.waitUntil))
        add("scheduled", day(record.scheduledAt))
        add("until", day(record.untilAt))
        add("rec", record.recurrence.map(TodoTxtWord.encoded))
        add("est", record.estimateMinutes.map { "\($0)m" })
        add("cx", record.complexity.map(String.init))
        add("assignee", record.assignee.map(TodoTxtWord.encoded))
        if record.status == .doing || record.status == .dropped { add("status", record.status.rawValue) }
        for member in record.metadata where member.key != ObjectReader.originalKey("priority") {
            guard let value = member.value.string, !value.isEmpty else { continue }
            let word = TodoTxtWord(member.key + ":" + TodoTxtWord.encoded(value))
            guard case .pair(let key, let text) = word, key == member.key else { continue }
            if key == "h" || !TodoTxtWord.knownKeys.contains(key) { add(key, text) }
        }
        if withName { add("id", TodoTxtWord.encoded(name(record.reference))) }
        add("p", record.parent.map { TodoTxtWord.encoded(name($0)) })
        for link in record.dependsOn { add("dep", TodoTxtWord.encoded(name(link))) }
        return words.joined(separator: " ")
    }

    private func name(_ reference: Reference) -> String {
        reference.source == Self.source ? reference.id : reference.description
    }

    private func day(_ moment: Timestamp?) -> String? {
        moment.map { ForeignDate.text($0.adding(seconds: utcOffset($0)).day) }
    }

    private static func letter(_ record: TaskRecord) -> String? {
        if let kept = record[metadata: ObjectReader.originalKey("priority")]?.string, kept.utf8.count == 1,
            record.priority != nil, priority(kept) == record.priority
        {
            return kept
        }
        switch record.priority {
        case .critical: return "A"
        case .high: return "B"
        case .medium: return "C"
        case .low: return "D"
        case nil: return nil
        }
    }

    /// The words of a title, with a backslash before those that would be taken for something else.
    private static func titleWords(_ title: String) -> [String] {
        let line = title.unicodeScalars.map { $0 == "\n" || $0 == "\r" ? " " : $0 }
        var words = TodoTxtWord.words(String(String.UnicodeScalarView(line)).trimmingSpace)
        var isAtEnd = true
        for index in words.indices.reversed() {
            let word = TodoTxtWord(words[index])
            if word.isAlwaysLabel || isAtEnd && word.isLabel || index == 0 && TodoTxtWord.isHeader(words[index]) {
                words[index] = "\\" + words[index]
                isAtEnd = false
            } else if !word.isLabel {
                isAtEnd = false
            }
        }
        return words
    }
}
