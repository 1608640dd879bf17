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
            checks.append(Check(name, remedy: remedy(), body))
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
        if let store, !store.installed.phase.isOpen {
            check(
                "place", remedy: "Let database.url and database.schema lead to where the tasks are (minsky config set)."
            ) {
                try StoppedMove(store, workspace).finding()
            }
        }
        if let store { checks += storeChecks(store, workspace, environment) }
        if let store, store.installed.phase.isOpen, configuration.upstreamPlace != nil {
            checks += syncChecks(OpenWorkspace(workspace, configuration, store))
        }
        checks += modelChecks(configuration, workspace)
        return checks
    }

    private func unknownNames(_ workspace: Workspace?, _ environment: Environment) throws -> [String] {
        let known = Set(ConfigurationKey.all.map(\.name) + [Configuration.workspaceIDName])
        let paths = [workspace?.configurationPath, environment.configurationDirectory + "/config.toml"].compactMap {
            $0
        }
        return try paths.flatMap {
            try TOMLFile(path: $0).values.keys.filter { !known.contains($0) && ConfigurationKey.inFamily($0) == nil }
        }.sorted().map {
            name in
            NearestMatch.of(name, among: Array(known)).map { "\(name) (\($0)?)" } ?? name
        }
    }
}
