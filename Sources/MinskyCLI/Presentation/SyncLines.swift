import MinskyApp
import MinskyModel
import MinskyStore

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

    /// A conflict on three lines: what it is about, what was kept and what was not.
    static func of(
        _ conflict: Conflict, titled titles: [String: String], replica: String, _ console: Console
    ) -> [String] {
        let dates = DatePresentation(console.environment)
        let task = String(conflict.rowID.unicodeScalars.prefix { $0 != "/" })
        let rest = conflict.rowID.unicodeScalars.drop { $0 != "/" }.dropFirst()
        let name = titles[task].map { "'\($0.prefix(60))'" } ?? conflict.rowID
        let what =
            [conflict.table == "tasks" ? nil : conflict.table, conflict.field].compactMap { $0 }.joined(separator: " ")
            + (rest.isEmpty ? "" : " " + String(String.UnicodeScalarView(rest)))
        func side(_ label: String, _ side: Conflict.Side) -> String {
            let value =
                switch side.value {
                case .null: "nothing"
                case .string(let text): text
                default: side.value.text()
                }
            let here = side.replicaID == replica ? ", here" : ""
            return "  \(label)  \(value.prefix(200))  (\(side.actor)\(here), \(dates.minute(side.at)))"
        }
        let state = conflict.isOpen ? "open" : "resolved"
        return [
            "\(console.style.bold(conflict.shortID))  \(what.terminalSafe()) of \(name.terminalSafe())  \(console.style.dim(state))",
            side("kept", conflict.kept).terminalSafe(), side("lost", conflict.lost).terminalSafe(),
        ]
    }

    private static func operations(_ count: Int) -> String { count == 1 ? "1 operation" : "\(count) operations" }
}
