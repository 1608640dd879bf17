import MinskyModel

/// Reads task lists. Indentation is hierarchy, what is indented under a task describes it, and a heading with tasks below it
/// is a task itself.
struct MarkdownReader: FormatReader {
    /// A task whose description may go on.
    private struct Open {
        var record: TaskRecord
        var carried: JSON?
        var item: MarkdownLine.Item
        var depth: Int
        var description: [String] = []
        var isHeading: Bool
        /// Whether the task has been given out. A heading is, once there is a task below it.
        var isDone = false
    }

    private var splitter = LineSplitter()
    private var names = TextReferences()
    private var headings: [Open] = []
    private var items: [Open] = []
    private var isCode = false
    private var strayLines = 0

    mutating func read(_ bytes: ArraySlice<UInt8>) -> [ReadingEvent] {
        splitter.lines(bytes).flatMap { events(of: $0) }
    }

    mutating func finish() -> [ReadingEvent] {
        var events = splitter.finish().flatMap { self.events(of: $0) }
        events += give(&items) + dropHeadings(from: 1)
        if strayLines > 0 {
            events.append(.warning(Finding(line: 0, reason: "\(strayLines) lines are not part of a task; left out")))
        }
        return events
    }

    private mutating func events(of line: LineSplitter.Line) -> [ReadingEvent] {
        guard let text = line.text else { return [line.tooLong] }
        return line.warnings(text) + events(of: text.text, line.number)
    }

    private mutating func events(of text: String, _ number: Int) -> [ReadingEvent] {
        let isBlank = text.trimmingSpace.isEmpty
        let column = MarkdownLine.indent(Array(text.utf8)).column
        if isCode, !isBlank, let item = items.last, column < item.item.contentIndent { isCode = false }
        let line = MarkdownLine(text)
        if isCode {
            if case .fence = line { isCode = false }
            describe(text, isRaw: true)
            return []
        }
        switch line {
        case .heading(let heading): return begin(heading: heading, number)
        case .item(let item): return begin(item: item, number)
        case .fence:
            isCode = true
            let events = isBlank ? [] : endItems(column)
            describe(text, isRaw: true)
            return events
        case .text:
            let events = isBlank ? [] : endItems(column)
            describe(text, isRaw: false)
            return events
        }
    }

    /// Ends the list when a line is not indented under it.
    private mutating func endItems(_ column: Int) -> [ReadingEvent] {
        guard let item = items.last, column <= item.item.indent else { return [] }
        return give(&items)
    }

    /// Adds a line to the description of the task at hand.
    private mutating func describe(_ text: String, isRaw: Bool) {
        if let last = items.indices.last {
            let line = Self.dedented(text, items[last].item.contentIndent)
            items[last].description.append(isRaw ? line : MarkdownTask.unescaped(line))
        } else if let last = headings.indices.last, !headings[last].isDone {
            headings[last].description.append(isRaw ? text : MarkdownTask.unescaped(text))
        } else if !text.trimmingSpace.isEmpty {
            strayLines += 1
        }
    }

    /// A line without so many columns of space; what is beyond them stays as it is.
    private static func dedented(_ text: String, _ columns: Int) -> String {
        var rest = Array(text.utf8)[...]
        var column = 0
        while column < columns, let byte = rest.first, byte == 0x20 || byte == 0x09 {
            column = byte == 0x20 ? column + 1 : (column / 4 + 1) * 4
            rest = rest.dropFirst()
        }
        return String(repeating: " ", count: max(0, column - columns)) + String(decoding: rest, as: UTF8.self)
    }

    private mutating func begin(heading: MarkdownLine.Item, _ number: Int) -> [ReadingEvent] {
        var events = give(&items) + dropHeadings(from: heading.indent)
        guard !MarkdownTask.split(heading.text).text.isEmpty else { return events }
        var (open, findings) = task(heading, number, parent: headings.last, isHeading: true)
        if open.record[metadata: "heading"] == nil { open.record[metadata: "heading"] = true }
        headings.append(open)
        events += findings
        // One with a box is a task whether there are others below it or not.
        if heading.mark != nil { events += giveHeadings(before: nil) }
        return events
    }

    private mutating func begin(item: MarkdownLine.Item, _ number: Int) -> [ReadingEvent] {
        guard !MarkdownTask.split(item.text).text.isEmpty else {
            return [.skipped(Finding(line: number, field: "title", reason: "the task has none"))]
        }
        var events = giveHeadings(before: item)
        var done: [Open] = []
        while let last = items.last, last.item.indent >= item.indent { done.append(items.removeLast()) }
        for open in done where !open.isDone { events += finished(open) }
        if let last = items.indices.last, !items[last].isDone {
            events += finished(items[last])
            items[last].isDone = true
        }
        let (open, findings) = task(item, number, parent: items.last ?? headings.last, isHeading: false)
        items.append(open)
        return events + findings
    }

    private mutating func task(
        _ item: MarkdownLine.Item, _ number: Int, parent: Open?, isHeading: Bool
    ) -> (Open, [ReadingEvent]) {
        var (title, carried) = MarkdownTask.split(item.text)
        let path = (parent.map { $0.record.reference.id + " / " } ?? "") + title
        var record = TaskRecord(reference: Reference(source: MarkdownTask.source, id: ""), title: title)
        record.line = number
        record.parent = parent?.record.reference
        if let id = carried?["id"]?.string, let reference = Reference(id, defaultSource: MarkdownTask.source) {
            record.reference = reference
        } else {
            record.reference.id = names.next(path)
        }
        var findings: [ReadingEvent] = []
        let mark = item.mark ?? " "
        record.status = MarkdownTask.status(mark) ?? .todo
        if MarkdownTask.status(mark) == nil {
            record[metadata: ObjectReader.originalKey("status")] = .string(mark)
            let reason = "\("[\(mark)]".quoted) is read as to do and kept in the metadata"
            findings.append(
                .warning(Finding(line: number, reference: record.reference.id, field: "status", reason: reason)))
        }
        let depth = isHeading || parent?.isHeading != false ? 0 : (parent?.depth ?? 0) + 1
        if case .object(var members)? = carried {
            members.removeAll { member in
                member.key == "id" || member.key == "parentId" && depth < MarkdownTask.maximumDepth && parent != nil
            }
            carried = .object(members)
        }
        return (Open(record: record, carried: carried, item: item, depth: depth, isHeading: isHeading), findings)
    }

    /// Gives out all tasks that have not been, outermost first.
    private func give(_ open: inout [Open]) -> [ReadingEvent] {
        defer { open = [] }
        return open.filter { !$0.isDone }.flatMap { finished($0) }
    }

    private mutating func giveHeadings(before item: MarkdownLine.Item?) -> [ReadingEvent] {
        var events: [ReadingEvent] = []
        for index in headings.indices where !headings[index].isDone {
            if item == nil, index == headings.indices.last { break }
            events += finished(headings[index])
            headings[index].isDone = true
        }
        return events
    }

    /// Leaves the sections from a level on. A heading with a box that nothing is below is given out now.
    private mutating func dropHeadings(from level: Int) -> [ReadingEvent] {
        var events: [ReadingEvent] = []
        var left: [Open] = []
        while let last = headings.last, last.item.indent >= level { left.append(headings.removeLast()) }
        for open in left.reversed() where !open.isDone {
            if open.item.mark != nil {
                events += finished(open)
            } else {
                strayLines += 1 + MarkdownTask.lines(open.description.joined(separator: "\n")).count
            }
        }
        return events
    }

    private func finished(_ open: Open) -> [ReadingEvent] {
        var record = open.record
        let text = MarkdownTask.lines(open.description.joined(separator: "\n")).joined(separator: "\n")
        record.description = text.isEmpty ? nil : text
        if let carried = open.carried {
            Carried.apply(carried, to: &record) { record in
                [MarkdownTask.title(record), record.status.rawValue] + MarkdownTask.lines(record.description)
            }
        }
        record.settleTimes()
        return [.record(record)]
    }
}
