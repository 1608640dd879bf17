import MinskyModel
import MinskyStore

/// A workspace with its configuration read and its store open: what use cases work in.
public struct OpenWorkspace: Sendable {
    public let environment: Environment
    public let workspace: Workspace
    public let configuration: Configuration
    public let store: Store

    /// Finds and opens a workspace.
    /// - Parameters:
    ///   - directory: What stands after `-C`, if anything.
    ///   - overrides: Settings given as options, by key; they go before all others.
    /// - Throws: `AppError`, `StoreError`, `SQLError`.
    public init(_ directory: String?, overrides: [String: String] = [:], in environment: Environment) throws {
        let workspace = try Workspace.find(directory, in: environment)
        let configuration = try Configuration(workspace: workspace, overrides: overrides, environment: environment)
        self.init(workspace, configuration, try configuration.openStore())
    }

    /// Puts together what has been opened. A migration of the store is preceded by a backup.
    init(_ workspace: Workspace, _ configuration: Configuration, _ store: Store) {
        environment = configuration.environment
        self.workspace = workspace
        self.configuration = configuration
        var migrating = store
        migrating.beforeMigrating = {
            _ = try BackUpWorkspace(reason: .migration).run(in: OpenWorkspace(workspace, configuration, $0))
        }
        self.store = migrating
    }

    /// A new operation of a caller.
    /// - Parameter command: What was typed, in a word or two.
    public func operation(_ command: String, of caller: Caller) -> OperationContext {
        OperationContext(
            id: environment.newID(), actor: caller.name, isAgent: caller.isAgent, command: command,
            now: environment.now())
    }
}
