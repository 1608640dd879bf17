import MinskyModel
import MinskySQL
import MinskyStore

extension CheckHealth {
    /// Looks at the store: its pages, its values, its log, and what others have added.
    func storeChecks(_ store: Store, _ workspace: Workspace, _ environment: Environment) -> [Check] {
        func found(_ problems: [String], orElse fine: String) -> (Check.Status, String) {
            problems.isEmpty ? (.ok, fine) : (.failed, Self.some(problems))
        }
        var checks = [
            Check("integrity", remedy: wayBack(workspace, environment)) {
                found(try store.integrityProblems(), orElse: "the database is sound")
            },
            Check(
                "values",
                remedy:
                    "Write these values anew: minsky tasks edit, or a database shell, which alone can write the log."
            ) {
                found(try store.unreadableValues(), orElse: "every value can be read")
            },
            Check(
                "change log",
                remedy: "minsky init puts the log's triggers back; what was edited meanwhile is not in the log."
            ) {
                found(try store.captureProblems(), orElse: "every table is logged")
            },
        ]
        let log = Check("history", remedy: wayBack(workspace, environment)) {
            found(try store.logProblems(), orElse: "the log is whole")
        }
        checks.append(log.status == .ok ? rowsCheck(store) : log)
        if let added = try? store.additions(), !added.isEmpty {
            checks.append(
                Check("additions", remedy: "") { (.ok, "not minsky's, and left alone: " + Self.some(added)) })
        }
        return checks
    }

    /// Whether the rows are what a log that is whole leads to.
    private func rowsCheck(_ store: Store) -> Check {
        Check(
            "history",
            remedy:
                "What was edited without the log cannot be undone, and is not in the history. Editing it anew notes it."
        ) {
            let rows = try store.rowsAgainstLog()
            return rows.isEmpty
                ? (.ok, "the log tells all that is there") : (.warning, "not as the log has it: " + Self.some(rows))
        }
    }

    private static func some(_ problems: [String]) -> String {
        problems.prefix(5).joined(separator: "; ") + (problems.count > 5 ? "; and more" : "")
    }

    /// How to get the tasks back when the database cannot be read.
    func wayBack(_ workspace: Workspace, _ environment: Environment) -> String {
        guard let backup = try? BackupFolder(workspace).newestSound() else {
            return
                "There is no backup in \(workspace.backupsPath). Put the file back, or a copy of it; minsky init makes a "
                + "new, empty one where there is none."
        }
        let moment = DatePresentation(environment).minute(backup.manifest.createdAt)
        return
            "minsky backup restore \(backup.path.shellQuoted) brings back the tasks of \(moment); what is there now is kept."
    }
}

extension CheckHealth.Check {
    /// Makes a check; what its body throws is what is wrong.
    init(_ name: String, remedy: @autoclosure () -> String, _ body: () throws -> (Status, String)) {
        do {
            let (status, detail) = try body()
            self.init(name: name, status: status, detail: detail, remedy: status == .ok ? nil : remedy())
        } catch {
            let isMissing = (error as? AppError)?.code == .notFound
            let hint = isMissing ? nil : (error as? AppError)?.hint ?? Self.remedy(for: error)
            self.init(name: name, status: .failed, detail: "\(error)", remedy: hint ?? remedy())
        }
    }

    /// What helps against errors that say enough themselves.
    private static func remedy(for error: any Error) -> String? {
        if let error = error as? StoreError, error.code == .newerSchema { return "Install the newer minsky." }
        switch (error as? SQLError)?.kind {
        case .connection:
            return "See that the database server is up and its address right (database.url), then try again."
        case .permission: return "See that you may read and write the database and its folder, or that your role may."
        case .busy: return "Another command is writing; try again."
        default: return nil
        }
    }
}
