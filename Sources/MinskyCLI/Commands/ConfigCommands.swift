import ArgumentParser
import MinskyApp
import MinskyModel

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Read and change settings.",
        discussion: """
            An option goes before an environment variable (ai.model is MINSKY_AI_MODEL), that before the workspace's \
            config.toml, that before your own, that before the default.
            """,
        subcommands: [
            ConfigGetCommand.self, ConfigSetCommand.self, ConfigUnsetCommand.self, ConfigListCommand.self,
            ConfigPathCommand.self,
        ])

    @OptionGroup var global: GlobalOptions
}

extension Console {
    /// The settings in force, in a workspace or outside of one.
    fileprivate func settings() throws -> Configuration {
        let workspace: Workspace?
        do {
            workspace = try Workspace.find(directory, in: environment)
        } catch let error as AppError where error.code == .noWorkspace && directory == nil {
            workspace = nil
        }
        return try Configuration(workspace: workspace, environment: environment)
    }
}

struct ConfigGetCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Print a setting's value; of a key, only whether there is one.")
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The setting\'s name.", completion: .settings) var name: String

    func run(on console: Console) async throws {
        let setting = try console.settings().setting(name)
        guard let value = setting.shown else {
            throw AppError(
                .notSet, "\(setting.key.name) is not set",
                hint: "minsky config set \(setting.key.name)\(setting.key.isSecret ? "" : " VALUE") sets it.")
        }
        console.show(json: setting.json, ids: [value]) { [value.terminalSafe()] }
    }
}

struct ConfigSetCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set a setting, in this workspace or for you everywhere.",
        discussion: """
            Keys go to a file that only you can read, never to the workspace. Without a value, a key is read from standard \
            input, and a terminal does not show it; in the command, it would stay in the history of the shell.
            """)
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The setting\'s name.", completion: .settings) var name: String
    @Argument(help: "Its value; without it, or with -, a key is read from standard input.") var value: String?
    @Flag(name: .customLong("global"), help: "Set it for you in every workspace.") var isGlobal = false

    func run(on console: Console) async throws {
        let key = try ConfigurationKey.named(name)
        guard value != nil || key.isSecret else {
            throw CommandFailure(
                .usage, "\(key.name) needs a value", hint: "minsky config set \(key.name) VALUE sets it.")
        }
        let isPiped = value == nil || key.isSecret && value == "-"
        try console.update(name, try isPiped ? HiddenInput.read(key.name) : value, isGlobal)
    }
}

struct ConfigUnsetCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(commandName: "unset", abstract: "Remove a setting.")
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The setting\'s name.", completion: .settings) var name: String
    @Flag(name: .customLong("global"), help: "Remove it from your own settings.") var isGlobal = false

    func run(on console: Console) async throws {
        try console.update(name, nil, isGlobal)
    }
}

extension Console {
    fileprivate func update(_ name: String, _ value: String?, _ isGlobal: Bool) throws {
        let result = try UpdateConfiguration(name: name, value: value, isGlobal: isGlobal)
            .run(directory: directory, in: environment)
        let name = result.key.name
        show(json: result.setting.json, ids: []) {
            guard result.hasChanged else { return [] }
            return ["\(value == nil ? "Removed \(name) from" : "Set \(name) in") \(result.path.terminalSafe())"]
        }
        if !result.hasChanged {
            note("Nothing changed: \(name) is \(value == nil ? "not set" : "that already") in \(result.path).")
        }
        if case .variable(let variable) = result.setting.source {
            note("\(variable) is set and goes before it.")
        }
    }
}

struct ConfigListCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show every setting, its value and where that comes from.")
    @OptionGroup var global: GlobalOptions

    func run(on console: Console) async throws {
        let settings = try console.settings().all
        console.show(json: .array(settings.map(\.json)), ids: settings.map(\.key.name)) {
            let names = settings.map(\.key.name.count).max() ?? 0
            let values = settings.map { min(40, ($0.shown ?? "").count) }.max() ?? 0
            return settings.flatMap { setting -> [String] in
                let head = TextWidth.pad(setting.key.name, to: names) + "  "
                let value = (setting.shown ?? "").terminalSafe()
                let source = setting.value == nil ? "not set" : setting.source.text.terminalSafe()
                let start = head + TextWidth.pad(value, to: values) + "  "
                if TextWidth.of(start) + TextWidth.of(source) <= console.width {
                    return [start + console.style.dim(source)]
                }
                var lines = value.isEmpty ? [] : HangingLines.of(value, after: head, width: console.width)
                let place = lines.isEmpty ? head : TextWidth.pad("", to: head.count)
                lines += HangingLines.of(source, after: place, width: console.width, console.style.dim)
                return lines
            }
        }
    }
}

struct ConfigPathCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(commandName: "path", abstract: "Show where settings are kept.")
    @OptionGroup var global: GlobalOptions

    func run(on console: Console) async throws {
        let paths = try ConfigurationPaths(directory: console.directory, environment: console.environment)
        console.show(
            json: paths.json,
            ids: [paths.workspace, paths.user, paths.secrets].compactMap { $0 }
        ) {
            [("workspace", paths.workspace ?? "no workspace here"), ("user", paths.user), ("secrets", paths.secrets)]
                .flatMap { console.labelled($0, $1, columns: 11) }
        }
    }
}
