import MinskyModel

/// Gathers what a reader found, joins what was said twice about one task, and settles which links hold.
public struct RecordCollector: Sendable {
    /// The tasks, in the order of the file.
    public private(set) var records: [TaskRecord] = []
    /// What could not be read.
    public private(set) var skipped: [Finding] = []
    public private(set) var warnings: [Finding] = []
    /// What is said about tasks that are not in the file.
    public private(set) var amendments: [(task: Reference, fields: [JSON.Member], line: Int)] = []

    private var places: [Reference: Int] = [:]

    /// Creates a collector that holds nothing.
    public init() {}

    /// Reads a whole file.
    public init(
        reading bytes: [UInt8], as format: Format, options: FormatOptions = FormatOptions(),
        isKnown: (Reference) -> Bool = { _ in false }
    ) {
        var reader = format.makeReader(options)
        for event in reader.read(bytes[...]) { add(event) }
        for event in reader.finish() { add(event) }
        settle(isKnown: isKnown)
    }

    /// Takes in one event.
    public mutating func add(_ event: ReadingEvent) {
        switch event {
        case .skipped(let finding): skipped.append(finding)
        case .warning(let finding): warnings.append(finding)
        case .amendment(let task, let fields, let line): amendments.append((task, fields, line))
        case .record(let record):
            guard let place = places[record.reference] ?? record.alias.flatMap({ places[$0] }) else {
                places[record.reference] = records.count
                if let alias = record.alias { places[alias] = records.count }
                records.append(record)
                return
            }
            warnings.append(
                Finding(
                    line: record.line, reference: record.reference.id,
                    reason: "the same task as on line \(records[place].line); joined with it"))
            records[place].join(record)
        }
    }

    /// Applies amendments and drops the links that lead nowhere or in circles, each with a warning. Takes time and memory in
    /// proportion to the number of records and links. To be called once, at the end.
    /// - Parameter isKnown: Whether a task that the file does not describe exists where the records go.
    public mutating func settle(isKnown: (Reference) -> Bool = { _ in false }) {
        var others: [(task: Reference, fields: [JSON.Member], line: Int)] = []
        for amendment in amendments {
            guard let place = places[amendment.task] else {
                others.append(amendment)
                continue
            }
            for member in amendment.fields { records[place].amend(member) }
        }
        amendments = others
        for place in records.indices { resolve(place, isKnown) }
        breakCircles("parent") {
            $0.parent.map { [$0] } ?? []
        } remove: { record, _ in
            record.parent = nil
        }
        breakCircles("dependency", \.dependsOn) { record, link in record.dependsOn.removeAll { $0 == link } }
    }

    private mutating func resolve(_ place: Int, _ isKnown: (Reference) -> Bool) {
        let record = records[place]
        func resolved(_ link: Reference, _ field: String) -> Reference? {
            if let target = places[link] {
                if target != place { return records[target].reference }
                warn(record, field, "the task itself; left out")
                return nil
            }
            if isKnown(link) { return link }
            warn(record, field, "\(link.id.quoted) is not there; left out")
            return nil
        }
        if let parent = record.parent { records[place].parent = resolved(parent, "parent") }
        if !record.dependsOn.isEmpty {
            records[place].dependsOn = record.dependsOn.compactMap { resolved($0, "dependency") }.unrepeated()
        }
    }

    private mutating func warn(_ record: TaskRecord, _ field: String, _ reason: String) {
        warnings.append(Finding(line: record.line, reference: record.reference.id, field: field, reason: reason))
    }

    /// Removes every link that closes a circle, found by a walk in depth that holds its path in a list.
    private mutating func breakCircles(
        _ field: String, _ links: (TaskRecord) -> [Reference], remove: (inout TaskRecord, Reference) -> Void
    ) {
        var isFinished = [Bool](repeating: false, count: records.count)
        var isOnPath = isFinished
        var broken: [(place: Int, link: Reference)] = []
        for start in records.indices where !isFinished[start] {
            var path = [(place: start, links: links(records[start])[...])]
            isOnPath[start] = true
            while let top = path.last {
                guard let link = top.links.first else {
                    isFinished[top.place] = true
                    isOnPath[top.place] = false
                    path.removeLast()
                    continue
                }
                path[path.count - 1].links.removeFirst()
                guard let target = places[link], !isFinished[target] else { continue }
                if isOnPath[target] {
                    broken.append((top.place, link))
                } else {
                    isOnPath[target] = true
                    path.append((target, links(records[target])[...]))
                }
            }
        }
        for (place, link) in broken {
            warn(records[place], field, "\(link.id.quoted) would close a circle; left out")
            remove(&records[place], link)
        }
    }
}

extension TaskRecord {
    /// Takes in what is said about the same task once more: the newer of both decides, lists and metadata are joined.
    mutating func join(_ other: TaskRecord) {
        let otherIsNewer = (other.updatedAt ?? updatedAt).map { newer in updatedAt.map { newer >= $0 } ?? true } ?? true
        let (old, new) = otherIsNewer ? (self, other) : (other, self)
        var joined = new
        for field in RecordField.all where field.value(new) == .null { _ = field.set(&joined, field.value(old)) }
        joined.tags = (tags + other.tags).unrepeatedTexts()
        joined.dependsOn = (dependsOn + other.dependsOn).unrepeated()
        var seen: Set<JSON> = []
        joined.notes = (notes + other.notes).filter { seen.insert($0.json).inserted }
        joined.metadata = old.metadata
        for member in new.metadata { joined[metadata: member.key] = member.value }
        joined.reference = reference
        joined.alias = alias
        joined.line = line
        // What only the older one says about its end or start does not hold for the status of the newer one.
        if joined.status.isOpen { joined.completedAt = nil }
        if joined.status == .todo { joined.startedAt = nil }
        self = joined
    }

    /// Sets a field by its key, or the metadata of that name where there is no such field.
    public mutating func amend(_ member: JSON.Member) {
        if RecordField.named(member.key)?.set(&self, member.value) != true { self[metadata: member.key] = member.value }
    }
}
