import MinskyModel
import TestSupport

@testable import MinskyStore

/// What happens in a simulation, in an order. Numbers mean whatever there is at that place, modulo how many there are, so
/// that a schedule still makes sense when some of its steps are left out.
struct Schedule: CustomStringConvertible {
    enum Step {
        /// A person changes something at a replica, whose clock is off by some seconds.
        case edit(replica: Int, Edit, task: Int, other: Int, clock: Int)
        /// A push or a pull, of a few changes at once, stopped before some statement.
        case push(replica: Int, batch: Int, crash: Int?)
        case pull(replica: Int, batch: Int, crash: Int?)
        /// A whole sync, after which the upstream knows how far the replica has come.
        case sync(replica: Int)
        /// A push that was sent before arrives again.
        case repeatPush(Int)
        /// Somebody changes something at the upstream itself.
        case editUpstream(Edit, task: Int, other: Int)
        /// Somebody begins a transaction in a shell, or goes on with it, at the upstream (0) or a replica; in SQLite it ends at
        /// once.
        case hand(site: Int, writer: Int, Edit, task: Int, other: Int)
        /// The transaction of such a writer ends.
        case end(site: Int, writer: Int, commits: Bool)
        case policy(replica: Int, table: String, SyncPolicy)
        /// Part of the log is removed at the upstream (0) or a replica; those who were not there lately are not waited for.
        case compact(site: Int, percent: Int, isLate: Bool)
        case snapshot(replica: Int, crash: Int?)
        /// A new replica.
        case join
        /// A replica forgets its upstream, and follows it again.
        case leave(replica: Int)
        case rejoin(replica: Int)
        /// A copy is put aside, and put back over what came after it.
        case save(replica: Int)
        case restore(replica: Int)
    }

    enum Edit: CaseIterable {
        case add, title, description, titleAndDescription, status, start, complexity, metadata, move, root, delete,
            restore
        case tag, untag, depend, release, reference, note, rank, undo
        /// What no command writes and the upstream refuses.
        case unfit
    }

    /// The tables of which a replica may decide which way they go.
    static let policyTables = ["notes", "task_tags", "task_dependencies"]

    var replicas: Int
    var strategies: [(table: String, strategy: String)]
    var steps: [Step]

    static func random(seed: UInt64) -> Schedule {
        var random = SeededGenerator(seed: seed)
        func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }
        let replicas = number(2..<6)
        var strategies: [(table: String, strategy: String)] = []
        let names = ["merge_fields", "last_write_wins", "local_wins", "remote_wins", "manual"]
        if number(0..<3) > 0 { strategies.append(("*", names[number(0..<names.count)])) }
        if number(0..<4) == 0 { strategies.append(("tasks", names[number(0..<names.count)])) }
        // Some schedules are about edits alone, so that the others do not take their place.
        let isPlain = number(0..<3) == 0
        let steps = (0..<number(10..<61)).map { _ -> Step in
            let (replica, task, other) = (number(0..<replicas), number(0..<6), number(0..<6))
            let site = number(0..<2) == 0 ? 0 : number(0..<(replicas + 1))
            let crash = number(0..<3) == 0 ? number(0..<25) : nil
            var edit: Edit { Edit.allCases[number(0..<Edit.allCases.count)] }
            switch number(0..<(isPlain ? 80 : 100)) {
            case 0..<44:
                return .edit(
                    replica: replica, edit, task: task, other: other,
                    clock: [0, 0, 0, 0, 3600, -3600, 5][number(0..<7)]
                )
            case 44..<56: return .push(replica: replica, batch: number(1..<5), crash: crash)
            case 56..<70: return .pull(replica: replica, batch: number(1..<5), crash: crash)
            case 70..<73: return .sync(replica: replica)
            case 73..<76: return .repeatPush(number(0..<20))
            case 76..<80: return .editUpstream(edit, task: task, other: other)
            case 80..<86: return .hand(site: site, writer: number(0..<2), edit, task: task, other: other)
            case 86..<89: return .end(site: site, writer: number(0..<2), commits: number(0..<4) > 0)
            case 89..<92:
                return .policy(
                    replica: replica, table: policyTables[number(0..<policyTables.count)],
                    SyncPolicy.allCases[number(0..<SyncPolicy.allCases.count)])
            case 92..<94: return .compact(site: site, percent: number(10..<100), isLate: number(0..<2) == 0)
            case 94: return .snapshot(replica: replica, crash: crash)
            case 95: return .join
            case 96: return number(0..<3) == 0 ? .leave(replica: replica) : .rejoin(replica: replica)
            case 97: return .rejoin(replica: replica)
            case 98: return .save(replica: replica)
            default: return .restore(replica: replica)
            }
        }
        return Schedule(replicas: replicas, strategies: strategies, steps: steps)
    }

    /// A smaller schedule that fails as well.
    func shrunk(_ fails: (Schedule) -> Bool) -> Schedule {
        var small = self
        var size = max(small.steps.count / 2, 1)
        while size > 0 {
            var start = 0
            while start < small.steps.count {
                var tried = small
                tried.steps.removeSubrange(start..<min(start + size, small.steps.count))
                if fails(tried) { small = tried } else { start += size }
            }
            size /= 2
        }
        for index in small.steps.indices {
            guard let plain = small.steps[index].plain else { continue }
            var tried = small
            tried.steps[index] = plain
            if fails(tried) { small = tried }
        }
        for index in small.strategies.indices.reversed() {
            var tried = small
            tried.strategies.remove(at: index)
            if fails(tried) { small = tried }
        }
        return small
    }

    var description: String {
        "Schedule(\n    replicas: \(replicas), strategies: \(strategies.map { "(\"\($0.table)\", \"\($0.strategy)\")" }),\n"
            + "    steps: [\n" + steps.map { "        \($0),\n" }.joined() + "    ])"
    }
}

extension Schedule.Step {
    /// The step without a fault, where it has one.
    fileprivate var plain: Schedule.Step? {
        switch self {
        case .edit(let replica, let edit, let task, let other, let clock) where clock != 0:
            .edit(replica: replica, edit, task: task, other: other, clock: 0)
        case .push(let replica, _, .some): .push(replica: replica, batch: 100, crash: nil)
        case .pull(let replica, _, .some): .pull(replica: replica, batch: 100, crash: nil)
        case .snapshot(let replica, .some): .snapshot(replica: replica, crash: nil)
        default: nil
        }
    }
}

extension Schedule.Step: CustomStringConvertible {
    var description: String {
        func optional(_ number: Int?) -> String { number.map { "\($0)" } ?? "nil" }
        return switch self {
        case .edit(let replica, let edit, let task, let other, let clock):
            ".edit(replica: \(replica), .\(edit), task: \(task), other: \(other), clock: \(clock))"
        case .push(let replica, let batch, let crash):
            ".push(replica: \(replica), batch: \(batch), crash: \(optional(crash)))"
        case .pull(let replica, let batch, let crash):
            ".pull(replica: \(replica), batch: \(batch), crash: \(optional(crash)))"
        case .sync(let replica): ".sync(replica: \(replica))"
        case .repeatPush(let number): ".repeatPush(\(number))"
        case .editUpstream(let edit, let task, let other): ".editUpstream(.\(edit), task: \(task), other: \(other))"
        case .hand(let site, let writer, let edit, let task, let other):
            ".hand(site: \(site), writer: \(writer), .\(edit), task: \(task), other: \(other))"
        case .end(let site, let writer, let commits): ".end(site: \(site), writer: \(writer), commits: \(commits))"
        case .policy(let replica, let table, let policy):
            ".policy(replica: \(replica), table: \"\(table)\", .\(policy))"
        case .compact(let site, let percent, let isLate):
            ".compact(site: \(site), percent: \(percent), isLate: \(isLate))"
        case .snapshot(let replica, let crash): ".snapshot(replica: \(replica), crash: \(optional(crash)))"
        case .join: ".join"
        case .leave(let replica): ".leave(replica: \(replica))"
        case .rejoin(let replica): ".rejoin(replica: \(replica))"
        case .save(let replica): ".save(replica: \(replica))"
        case .restore(let replica): ".restore(replica: \(replica))"
        }
    }
}
