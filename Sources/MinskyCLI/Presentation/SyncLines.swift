import MinskyApp
import MinskyModel
import MinskyStore

extension Console {
    /// Tells what of an upstream no store can hold.
    func noteLeftOut(_ values: [String]) {
        guard !values.isEmpty else { return }
        let more = values.count > 5 ? ", and \(values.count - 5) more" : ""
        note("Left out, as it cannot be read: \(values.prefix(5).joined(separator: ", "))\(more)")
    }
}

/// What a person is told of syncs and conflicts.
enum SyncLines {
    static func of(_ done: SyncOnce.Result) -> [String] {
        var lines: [String] = []
        switch (done.pushed, done.pulled) {
        case (0, 0): lines.append("In step with \(done.upstream).")
        case (let pushed, 0): lines.append("Pushed \(operations(pushed)).")
        case (0, let pulled): lines.append("Pulled \(operations(pulled)).")
        case (let pushed, let pulled): lines.append("Pushed \(operations(pushed)), pulled \(operations(pulled)).")
        }
        if done.conflicts > 0 {
            let what = done.conflicts == 1 ? "One value met another" : "\(done.conflicts) values met others"
            lines.append("\(what); minsky sync conflicts --all shows what was kept.")
        }
        if done.replaced > 0 {
            let what = done.replaced == 1 ? "One value of yours was" : "\(done.replaced) values of yours were"
            lines.append("\(what) not kept; minsky sync conflicts --all shows what was.")
        }
        if done.openConflicts > 0 {
            lines.append("\(done.openConflicts) to be decided about: minsky sync conflicts")
        }
        return lines.map { $0.terminalSafe() }
    }

    private static func operations(_ count: Int) -> String { count == 1 ? "1 operation" : "\(count) operations" }
}
