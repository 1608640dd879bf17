import MinskyModel

/// Writes nested task lists, with what Markdown has no words for in a comment behind each task.
///
/// A task that was a heading is one again. Holds all records until the end, since a task is written above what is below it.
struct MarkdownWriter: FormatWriter {
    let losses: [Finding] = []
    private var records: [TaskRecord] = []
    private var names = TextReferences()

    mutating func write(_ record: TaskRecord) -> [UInt8] {
        records.append(record)
        return []
    }

    /// A task with its place in the tree.
    private struct Step {
        var index: Int
        var parent: TaskRecord?
        /// The level below the list's first, or nil below headings only.
        var depth: Int
        /// The level of the heading it stands below, 0 for none.
        var level: Int
    }

    mutating func finish() -> [UInt8] {
        var places: [Reference: Int] = [:]
        for (index, record) in records.enumerated() { places[record.reference] = index }
        var children = [[Int]](repeating: [], count: records.count)
        var roots: [Int] = []
        for (index, record) in records.enumerated() {
            if let parent = record.parent.flatMap({ places[$0] }) {
                children[parent].append(index)
            } else {
                roots.append(index)
            }
        }
        var isWritten = [Bool](repeating: false, count: records.count)
        var bytes: [UInt8] = []
        // In a circle of parents nothing is at the top: its first task then is.
        for root in sorted(roots) + Array(records.indices) where !isWritten[root] {
            var stack = [Step(index: root, parent: nil, depth: 0, level: 0)]
            while let step = stack.popLast() {
                if isWritten[step.index] { continue }
                isWritten[step.index] = true
                let below = children[step.index]
                let isHeading = isHeading(step)
                write(step, isHeading: isHeading, hasItems: below.contains { !isMarkedHeading($0) }, &bytes)
                let record = records[step.index]
                for child in sorted(below).reversed() {
                    stack.append(
                        Step(
                            index: child, parent: record, depth: isHeading ? 0 : step.depth + 1,
                            level: isHeading ? step.level + 1 : 7))
                }
            }
        }
        return bytes
    }

    private func isMarkedHeading(_ index: Int) -> Bool { records[index][metadata: "heading"] == true }

    /// Headings last: what comes after one is below it.
    private func sorted(_ indices: [Int]) -> [Int] {
        indices.filter { !isMarkedHeading($0) } + indices.filter(isMarkedHeading)
    }

    private func isHeading(_ step: Step) -> Bool { isMarkedHeading(step.index) && step.level < 6 }

    private mutating func write(_ step: Step, isHeading: Bool, hasItems: Bool, _ bytes: inout [UInt8]) {
        let record = records[step.index]
        let title = MarkdownTask.title(record)
        let mark = mark(record)
        let path = (step.parent.map { $0.reference.id + " / " } ?? "") + title
        var readBack = TaskRecord(reference: Reference(source: MarkdownTask.source, id: names.peek(path)), title: title)
        readBack.status = record.status
        readBack.parent = step.depth > MarkdownTask.maximumDepth ? nil : step.parent?.reference
        let lines = MarkdownTask.lines(record.description)
        readBack.description = lines.isEmpty ? nil : lines.joined(separator: "\n")
        if isHeading { readBack[metadata: "heading"] = true }
        if MarkdownTask.status(mark) == nil { readBack[metadata: ObjectReader.originalKey("status")] = .string(mark) }
        readBack.settleTimes()

        var text = title
        let carried = Carried.object(of: record, readBack: readBack)
        if let carried { text += MarkdownTask.comment(carried) }
        // Only tasks that are named after their path use up a name.
        if carried?["id"] == nil { _ = names.next(path) }
        if isHeading {
            if !bytes.isEmpty { bytes.append(0x0A) }
            let box = record.status == .todo && hasItems ? "" : "[\(mark)] "
            bytes += Array((String(repeating: "#", count: step.level + 1) + " " + box + text + "\n\n").utf8)
            for line in MarkdownTask.escaped(lines) { bytes += Array((line + "\n").utf8) }
            if !lines.isEmpty { bytes.append(0x0A) }
        } else {
            let indent = String(repeating: "  ", count: min(step.depth, MarkdownTask.maximumDepth))
            bytes += Array((indent + "- [\(mark)] " + text + "\n").utf8)
            for line in MarkdownTask.escaped(lines) {
                bytes += Array((line.isEmpty ? "\n" : indent + "  " + line + "\n").utf8)
            }
        }
    }

    private func mark(_ record: TaskRecord) -> String {
        if let kept = record[metadata: ObjectReader.originalKey("status")]?.string, kept.unicodeScalars.count == 1,
            MarkdownTask.status(kept) == nil, record.status == .todo, kept != "]", kept != "\n", kept != "\r"
        {
            return kept
        }
        return MarkdownTask.mark(record.status)
    }
}
