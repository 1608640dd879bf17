import MinskyFormats
import MinskyModel
import MinskyStore

/// What becomes of notes.
struct NoteChanges {
    var created: [Note] = []
    var rewritten: [Note] = []
}

extension ImportPlan {
    /// Finds the notes that are not there yet, and those with another text. A note that is gone in the file stays, and one
    /// that was deleted here does not come back.
    mutating func planNotes(of incoming: [Incoming], in session: some StoreSession) throws {
        let annotated = incoming.filter { !$0.record.notes.isEmpty }
        guard !annotated.isEmpty else { return }
        let stored = try session.allNotes(of: annotated.filter { $0.old != nil }.map(\.task.id))
        let touched = Set(changed.map(\.new.id))
        var ids: Set<String> = []
        for one in annotated {
            let count = (notes.created.count, notes.rewritten.count)
            plan(one, stored[one.task.id] ?? [], &ids)
            if one.old != nil, count != (notes.created.count, notes.rewritten.count), !touched.contains(one.task.id) {
                self.annotated.append(one.task.id)
            }
        }
        // An id that another task's note has is not this one's.
        let taken = try session.takenNoteIDs(notes.created.map(\.id))
        for index in notes.created.indices where taken.contains(notes.created[index].id) {
            let note = notes.created[index]
            notes.created[index] = Note(
                id: DerivedIdentifier.of(
                    workspace: workspaceID, source: "note", reference: "\(note.taskID ?? "")/\(note.id)"),
                taskID: note.taskID, body: note.body, author: note.author, createdAt: note.createdAt)
        }
    }

    private mutating func plan(
        _ one: Incoming, _ stored: [(note: Note, isDeleted: Bool)], _ ids: inout Set<String>
    ) {
        let (record, task) = (one.record, one.task)
        var rest = stored
        func takeStored(where isMeant: (Note) -> Bool) -> (note: Note, isDeleted: Bool)? {
            rest.firstIndex { isMeant($0.note) }.map { rest.remove(at: $0) }
        }
        let moment = record.updatedAt ?? record.createdAt ?? now
        for (index, note) in record.notes.enumerated() {
            guard !note.text.trimmingSpace.isEmpty else { continue }
            let key = note.id ?? "\(note.createdAt?.iso8601 ?? "")/\(note.text)"
            var id = noteID(note.id, key, of: record.reference)
            var number = 1
            while !ids.insert(id).inserted {
                number += 1
                id = noteID(nil, "\(key)#\(number)", of: record.reference)
            }
            let meant =
                takeStored { $0.id == id }
                ?? takeStored { other in
                    other.body.utf8.elementsEqual(note.text.utf8)
                        && note.createdAt.map { abs($0.microseconds - other.createdAt.microseconds) < 1_000_000 }
                            ?? true
                }
            if let meant {
                guard !meant.isDeleted, !meant.note.body.utf8.elementsEqual(note.text.utf8) else { continue }
                var rewritten = meant.note
                rewritten.body = note.text
                notes.rewritten.append(rewritten)
            } else {
                notes.created.append(
                    Note(
                        id: id, taskID: task.id, body: note.text,
                        author: note.author.flatMap { $0.isEmpty ? nil : $0 } ?? caller.name,
                        // Without a time of their own they stay in the order of the file.
                        createdAt: note.createdAt.flatMap { try? $0.storable() }
                            ?? Timestamp(microseconds: moment.microseconds + Int64(index))))
            }
        }
    }

    private func noteID(_ id: String?, _ key: String, of task: Reference) -> String {
        if let id, Identifier.bits(of: id) != nil { return id }
        return DerivedIdentifier.of(
            workspace: workspaceID, source: "\(task.source)/note", reference: "\(task.id)/\(key)")
    }

    /// Writes what was worked out, in a handful of statements.
    func write(in session: WriteSession) throws {
        // New tasks may become part of them.
        try session.revive(changed.filter { $0.old.deletedAt != nil }.map(\.old.id))
        try session.insert(parentsFirst(created))
        let overwritten = changed.map { pair in
            var task = pair.new
            task.updatedAt = now
            return task
        }
        try session.overwrite(overwritten)
        func differences(_ list: (TaskItem) -> [String]) -> (added: [(String, String)], removed: [(String, String)]) {
            var (added, removed): ([(String, String)], [(String, String)]) = ([], [])
            for (old, new) in changed {
                let (before, after) = (Set(list(old).map(JSON.string)), Set(list(new).map(JSON.string)))
                added += list(new).filter { !before.contains(.string($0)) }.map { (new.id, $0) }
                removed += list(old).filter { !after.contains(.string($0)) }.map { (new.id, $0) }
            }
            return (added, removed)
        }
        let tags = differences(\.tags)
        try session.deleteTags(tags.removed.map { (task: $0.0, tag: $0.1) })
        try session.addTags(tags.added.map { (task: $0.0, tag: $0.1) })
        let dependencies = differences(\.dependsOn)
        try session.deleteDependencies(dependencies.removed.map { (task: $0.0, on: $0.1) })
        try session.addDependencies(dependencies.added.map { (task: $0.0, on: $0.1) })
        try session.insert(notes.created)
        try session.rewrite(notes.rewritten)
    }

    /// The tasks in an order in which every parent stands before what is part of it.
    private func parentsFirst(_ tasks: [TaskItem]) -> [TaskItem] {
        let new = Set(tasks.map(\.id))
        var children: [String: [TaskItem]] = [:]
        var stack: [TaskItem] = []
        for task in tasks.reversed() {
            if let parent = task.parentID, new.contains(parent) {
                children[parent, default: []].append(task)
            } else {
                stack.append(task)
            }
        }
        var ordered: [TaskItem] = []
        ordered.reserveCapacity(tasks.count)
        while let task = stack.popLast() {
            ordered.append(task)
            stack += children[task.id] ?? []
        }
        return ordered
    }
}
