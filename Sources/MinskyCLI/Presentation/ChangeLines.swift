import MinskyApp
import MinskyModel

/// Changes as lines for people: when, who, and what became of which field.
struct ChangeLines {
    let console: Console

    func lines(_ operations: [LoggedOperation]) -> [String] {
        let dates = DatePresentation(console.environment)
        let style = console.style
        var lines: [String] = []
        for operation in operations {
            let heading = "\(dates.minute(operation.hlc.timestamp))  \(operation.actor)".terminalSafe()
            let reverts = operation.reverts.map { ", takes back \($0)" } ?? ""
            let name = "operation \(operation.id)\(reverts)".terminalSafe()
            if TextWidth.of(heading) + 2 + TextWidth.of(name) <= console.width {
                lines.append(style.bold(heading) + style.dim("  " + name))
            } else {
                lines.append(style.bold(TextWidth.truncate(heading, to: max(20, console.width))))
                lines += TextWidth.wrap(name, to: max(20, console.width - 2)).map { style.dim("  " + $0) }
            }
            lines += operation.changes.flatMap(describe)
                .map { TextWidth.truncate("  " + $0.terminalSafe(), to: max(20, console.width)) }
        }
        return lines
    }

    private func describe(_ change: Change) -> [String] {
        switch (change.table, change.kind) {
        case ("task_tags", let kind):
            let tag = change.rowID.unicodeScalars.drop { $0 != "/" }.dropFirst()
            return ["tag \(tag) " + (kind == .delete ? "removed" : "added")]
        case ("task_dependencies", let kind):
            let other = change.rowID.unicodeScalars.drop { $0 != "/" }.dropFirst()
            return ["dependency on \(other) " + (kind == .delete ? "removed" : "added")]
        case (_, .delete): return ["removed from \(change.table)"]
        case (_, .insert):
            let title = (change.after?["title"] ?? change.after?["body"])?.string
            return ["created" + (title.map { ": \($0)" } ?? "")]
        case (_, .update):
            let fields = (change.after?.members ?? []).filter { $0.key != "updated_at" && $0.key != "rank" }
            if fields.isEmpty { return change.after?["rank"] == nil ? ["touched"] : ["moved"] }
            return fields.map { member in
                if member.key == "deleted_at" { return member.value == .null ? "brought back" : "deleted" }
                return "\(member.key): \(text(change.before?[member.key])) → \(text(member.value))"
            }
        }
    }

    private func text(_ value: JSON?) -> String {
        switch value {
        case nil, .null: "nothing"
        case .string(let text): text
        case .some(let other): other.text()
        }
    }
}
