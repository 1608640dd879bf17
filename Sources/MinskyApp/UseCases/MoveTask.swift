import MinskyModel
import MinskyStore

/// Moves a task to another parent or another place among its siblings.
public struct MoveTask: Sendable {
    /// Where a task goes; ids are as typed.
    public enum Destination: Sendable {
        /// The end of a task's subtasks.
        case under(String)
        /// The end of the tasks at the top.
        case top
        case before(String)
        case after(String)
        /// The beginning of its siblings.
        case first
        /// The end of its siblings.
        case last
    }

    /// The task's id as typed.
    public var id: String
    public var destination: Destination

    /// Creates the request.
    public init(id: String, to destination: Destination) {
        self.id = id
        self.destination = destination
    }

    /// Moves the task; one that stands there already stays as it is.
    /// - Throws: `StoreError` with code `.conflict` when the task would become part of itself; `AppError` with the same code
    ///   when it waits for what it would become part of; `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> WrittenTask {
        try workspace.perform(workspace.operation("move", of: caller)) { session in
            try session.lockGraph()
            let old = try session.task(try session.resolveTask(id))
            var new = old
            switch destination {
            case .under(let parent): new.parentID = try session.resolveTask(parent)
            case .top: new.parentID = nil
            case .before(let other), .after(let other):
                new.parentID = try session.task(try session.resolveTask(other)).parentID
            case .first, .last: break
            }
            new.rank = try rank(of: old, under: new.parentID, in: session)
            let hasChanged = try session.update(old, to: new)
            try session.requireApart(new, movedFrom: old)
            return try WrittenTask(try session.task(old.id), was: old, hasChanged: hasChanged, in: session)
        }
    }

    /// The rank that puts the task in its place. Where there is no room, between siblings that share a rank, as tasks added
    /// by hand do, or only at a rank that has become long, all siblings get new, short ones.
    private func rank(of task: TaskItem, under parentID: String?, in session: WriteSession) throws -> String {
        // The order in which rows were found may be older than the ranks they have now that they are locked.
        let present = try session.siblings(under: parentID).sorted {
            $0.rank == $1.rank ? $0.id < $1.id : $0.rank.utf8.lexicographicallyPrecedes($1.rank.utf8)
        }
        let siblings = present.filter { $0.id != task.id }
        let position: Int
        switch destination {
        case .under, .top, .last: position = siblings.count
        case .first: position = 0
        case .before(let other), .after(let other):
            let id = try session.resolveTask(other)
            guard let index = siblings.firstIndex(where: { $0.id == id }) else {
                throw StoreError(.conflict, "a task cannot be moved next to itself")
            }
            if case .before = destination { position = index } else { position = index + 1 }
        }
        if task.parentID == parentID, present.firstIndex(where: { $0.id == task.id }) == position { return task.rank }
        let lower = position > 0 ? siblings[position - 1].rank : nil
        let upper = position < siblings.count ? siblings[position].rank : nil
        let rank = Rank.between(lower, upper)
        func precedes(_ left: String?, _ right: String?) -> Bool {
            guard let left, let right else { return true }
            return left.utf8.lexicographicallyPrecedes(right.utf8)
        }
        if rank.utf8.count <= Self.longestRank, precedes(lower, rank), precedes(rank, upper) { return rank }
        var ranks = Rank.spread(count: siblings.count + 1, between: nil, and: nil)
        let own = ranks.remove(at: position)
        for (sibling, rank) in zip(siblings, ranks) where sibling.rank != rank {
            var moved = sibling
            moved.rank = rank
            try session.update(sibling, to: moved)
        }
        return own
    }

    /// The longest rank that a move gives: with every move to one place ranks grow, and the schema has a limit.
    private static let longestRank = 60
}
