import MinskyAI
import MinskyModel
import MinskySQL
import MinskyStore

/// Examines a workspace and says what is wrong and how to put it right. Changes nothing.
public struct CheckHealth: Sendable {
    /// One thing that was looked at.
    public struct Check: Sendable {
        /// How it stands.
        public enum Status: String, Sendable { case ok, warning, failed }

        public let name: String
        public let status: Status
        public let detail: String
        /// What to do about it, or nil when nothing needs doing.
        public let remedy: String?

        /// The check as the documented JSON object.
        public var json: JSON {
            [
                "check": .string(name), "status": .string(status.rawValue), "detail": .string(detail),
                "remedy": .optional(remedy),
            ]
        }
    }

    /// Creates the request.
    public init() {}

    /// Looks at everything; a failed check does not keep the others from being made.
    public func run(directory: String?, in environment: Environment) -> [Check] {
        var checks: [Check] = []
        func check(_ name: String, remedy: @autoclosure () -> String, _ body: () throws -> (Check.Status, String)) {
            do {
                let (status, detail) = try body()
                checks.append(Check(name: name, status: status, detail: detail, remedy: status == .ok ? nil : remedy()))
            } catch {
                let isMissing = (error as? AppError)?.code == .notFound
                let hint = isMissing ? nil : (error as? AppError)?.hint ?? Self.remedy(for: error)
                checks.append(Check(name: name, status: .failed, detail: "\(error)", remedy: hint ?? remedy()))
            }
        }
        var workspace: Workspace?
        check("workspace", remedy: "minsky init makes one here.") {
            let found = try Workspace.find(directory, in: environment)
            workspace = found
            return (.ok, found.path)
        }
        var configuration: Configuration?
        check("configuration", remedy: "minsky config list shows every setting and where it comes from.") {
            configuration = try Configuration(workspace: workspace, environment: environment)
            let unknown = try unknownNames(workspace, environment)
            return unknown.isEmpty
                ? (.ok, "every setting is known") : (.warning, "unknown settings: \(unknown.joined(separator: ", "))")
        }
        check("secrets", remedy: "minsky config path shows where your files are.") {
            try UserSecrets(environment: environment).check()
            return (.ok, "no key can be read by others")
        }
        if let zone = environment.unknownZone {
            checks.append(
                Check(
                    name: "zone", status: .warning, detail: "TZ names '\(zone)', which is not known; times are in UTC",
                    remedy: "Set TZ to a zone such as Europe/Berlin or UTC, or unset it."))
        }
        guard let configuration, let workspace else { return checks }
        var store: Store?
        let url = configuration.databaseURL
        check("database", remedy: wayBack(workspace, environment)) {
            let opened = try configuration.openStore()
            store = opened
            let (found, ours) = (opened.installed.version, opened.schema.version)
            let note = found < ours ? "; the next command that writes makes it \(ours)" : ""
            return (.ok, "\(ConnectionAddress(url).shown), schema version \(found)\(note)")
        }
        if let store {
            check("integrity", remedy: wayBack(workspace, environment)) {
                let problems = try store.integrityProblems()
                return problems.isEmpty
                    ? (.ok, "the database is sound") : (.failed, problems.prefix(5).joined(separator: "; "))
            }
            check("values", remedy: "Write these values anew: minsky tasks edit, or a database shell.") {
                let problems = try store.unreadableValues()
                return problems.isEmpty
                    ? (.ok, "every value can be read") : (.failed, problems.prefix(5).joined(separator: "; "))
            }
            check(
                "change log",
                remedy: "minsky init puts the log's triggers back; what was edited meanwhile is not in the log."
            ) {
                let problems = try store.captureProblems()
                return problems.isEmpty
                    ? (.ok, "every table is logged") : (.failed, problems.prefix(5).joined(separator: "; "))
            }
        }
        checks += modelChecks(configuration, workspace)
        return checks
    }

    /// How to get the tasks back when the database cannot be read.
    private func wayBack(_ workspace: Workspace, _ environment: Environment) -> String {
        guard let backup = try? BackupFolder(workspace).newestSound() else {
            return
                "There is no backup in \(workspace.backupsPath). Put the file back, or a copy of it; minsky init makes a "
                + "new, empty one where there is none."
        }
        let moment = DatePresentation(environment).minute(backup.manifest.createdAt)
        return
            "minsky backup restore \(backup.path.shellQuoted) brings back the tasks of \(moment); what is there now is kept."
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

    private func modelChecks(_ configuration: Configuration, _ workspace: Workspace?) -> [Check] {
        var checks: [Check] = []
        do {
            let library = try PlaybookLibrary(own: try workspace?.playbooks() ?? [])
            checks.append(
                Check(name: "playbooks", status: .ok, detail: "\(library.playbooks.count) playbooks", remedy: nil))
        } catch {
            let remedy = "Correct that file, or move it away."
            checks.append(Check(name: "playbooks", status: .failed, detail: "\(error)", remedy: remedy))
            if !configuration.usesModelServer {
                let detail = "the built-in planner refuses to work until its playbooks can be read"
                return checks + [Check(name: "model", status: .failed, detail: detail, remedy: remedy)]
            }
        }
        do {
            if configuration.usesModelServer {
                _ = try configuration.chatModel()
                _ = try configuration.chatServer()
            }
            if configuration.usesEmbeddingServer {
                _ = try configuration.embeddingModel()
                _ = try configuration.embeddingServer()
            }
            let detail =
                configuration.usesModelServer ? "a model server is configured" : "offline: the built-in planner"
            checks.append(Check(name: "model", status: .ok, detail: detail, remedy: nil))
        } catch {
            checks.append(
                Check(
                    name: "model", status: .failed, detail: "\(error)",
                    remedy: (error as? AppError)?.hint
                        ?? "minsky config set ai.provider builtin works without a server."))
        }
        return checks
    }

    private func unknownNames(_ workspace: Workspace?, _ environment: Environment) throws -> [String] {
        let known = Set(ConfigurationKey.all.map(\.name) + [Configuration.workspaceIDName])
        let paths = [workspace?.configurationPath, environment.configurationDirectory + "/config.toml"].compactMap {
            $0
        }
        return try paths.flatMap { try TOMLFile(path: $0).values.keys.filter { !known.contains($0) } }.sorted().map {
            name in
            NearestMatch.of(name, among: Array(known)).map { "\(name) (\($0)?)" } ?? name
        }
    }
}
