import MinskyModel
import TestSupport

/// What happens in a simulation, in an order. Numbers mean whatever there is at that place, modulo how many there are, so
/// that a schedule still makes sense when some of its steps are left out.
struct Schedule: CustomStringConvertible {
    enum Step: CustomStringConvertible {
        /// A person changes something at a replica, whose clock is off by some seconds.
        case edit(replica: Int, Edit, task: Int, other: Int, clock: Int)
        /// A push or a pull, of a few changes at once, stopped before some statement.
        case push(replica: Int, batch: Int, crash: Int?)
        case pull(replica: Int, batch: Int, crash: Int?)
        /// A push that was sent before arrives again.
        case repeatPush(Int)
        /// Somebody changes something at the upstream itself.
        case editUpstream(Edit, task: Int, other: Int)

        var description: String {
            switch self {
            case .edit(let replica, let edit, let task, let other, let clock):
                ".edit(replica: \(replica), .\(edit), task: \(task), other: \(other), clock: \(clock))"
            case .push(let replica, let batch, let crash):
                ".push(replica: \(replica), batch: \(batch), crash: \(crash.map { "\($0)" } ?? "nil"))"
            case .pull(let replica, let batch, let crash):
                ".pull(replica: \(replica), batch: \(batch), crash: \(crash.map { "\($0)" } ?? "nil"))"
            case .repeatPush(let number): ".repeatPush(\(number))"
            case .editUpstream(let edit, let task, let other):
                ".editUpstream(.\(edit), task: \(task), other: \(other))"
            }
        }
    }

    enum Edit: CaseIterable {
        case add, title, description, titleAndDescription, status, start, complexity, metadata, move, root, delete,
            restore
        case tag, untag, depend, release, reference, note, rank, undo
    }

    var replicas: Int
    var strategies: [(table: String, strategy: String)]
    var steps: [Step]

    static func random(seed: UInt64) -> Schedule {
        var random = SeededGenerator(seed: seed)
        let replicas = Int.random(in: 2...5, using: &random)
        var strategies: [(table: String, strategy: String)] = []
        let names = ["merge_fields", "last_write_wins", "local_wins", "remote_wins", "manual"]
        if Int.random(in: 0...2, using: &random) > 0 {
            strategies.append(("*", names.randomElement(using: &random) ?? ""))
        }
        if Int.random(in: 0...3, using: &random) == 0 {
            strategies.append(("tasks", names.randomElement(using: &random) ?? ""))
        }
        let steps = (0..<Int.random(in: 10...60, using: &random)).map { _ -> Step in
            let replica = Int.random(in: 0..<replicas, using: &random)
            let number = { (range: Range<Int>) in Int.random(in: range, using: &random) }
            let crash = number(0..<3) == 0 ? number(0..<25) : nil
            switch number(0..<20) {
            case 0..<11:
                return .edit(
                    replica: replica, Edit.allCases[number(0..<Edit.allCases.count)], task: number(0..<6),
                    other: number(0..<6),
                    clock: [0, 0, 0, 0, 3600, -3600, 5][number(0..<7)])
            case 11..<14: return .push(replica: replica, batch: number(1..<5), crash: crash)
            case 14..<18: return .pull(replica: replica, batch: number(1..<5), crash: crash)
            case 18: return .repeatPush(number(0..<20))
            default:
                return .editUpstream(
                    Edit.allCases[number(0..<Edit.allCases.count)], task: number(0..<6), other: number(0..<6))
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
        for index in small.strategies.indices.reversed() {
            var tried = small
            tried.strategies.remove(at: index)
            if fails(tried) { small = tried }
        }
        return small
    }

    var description: String {
        "Schedule(replicas: \(replicas), strategies: \(strategies.map { "(\"\($0.table)\", \"\($0.strategy)\")" }), steps: [\n"
            + steps.map { "    \($0),\n" }.joined() + "])"
    }
}
