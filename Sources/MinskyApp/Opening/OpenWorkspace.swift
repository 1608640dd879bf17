import MinskyModel
import MinskyStore

/// A workspace with its configuration read and its store open: what use cases work in.
public struct OpenWorkspace: Sendable {
    public let environment: Environment
    public let workspace: Workspace
    public let configuration: Configuration
    public let store: Store
    private let overrides: [String: String]

    /// Finds and opens a workspace.
    /// - Parameters:
    ///   - directory: What stands after `-C`, if anything.
    ///   - overrides: Settings given as options, by key; they go before all others.
    /// - Throws: `AppError`, `StoreError`, `SQLError`.
    public init(_ directory: String?, overrides: [String: String] = [:], in environment: Environment) throws {
        try self.init(Workspace.find(directory, in: environment), overrides: overrides, in: environment)
    }

    private init(_ workspace: Workspace, overrides: [String: String], in environment: Environment) throws {
        var configuration = try Configuration(workspace: workspace, overrides: overrides, environment: environment)
        var store = try configuration.openStore()
        if !store.installed.phase.isOpen {
            configuration = try Self.settle(store, configuration, overrides, in: workspace)
            store = try configuration.openStore()
            guard store.installed.phase.isOpen else {
                throw AppError(
                    .unavailable, "the workspace is being moved to another database", hint: "Try again in a moment.")
            }
        }
        self.init(workspace, configuration, store, overrides: overrides)
    }

    /// Puts together what has been opened. A migration of the store is preceded by a backup.
    init(_ workspace: Workspace, _ configuration: Configuration, _ store: Store, overrides: [String: String] = [:]) {
        environment = configuration.environment
        self.workspace = workspace
        self.configuration = configuration
        self.overrides = overrides
        var migrating = store
        migrating.beforeMigrating = {
            try BackUpWorkspace(reason: .migration).run(in: OpenWorkspace(workspace, configuration, $0))
        }
        self.store = migrating
    }

    /// The same workspace as it is now: its settings are read again, and its store is opened again.
    func reopened() throws -> OpenWorkspace {
        try OpenWorkspace(workspace, overrides: overrides, in: environment)
    }

    /// Runs one operation in the store, which hooks may refuse or change (`TaskHooks`). When the workspace is moved to another
    /// database meanwhile, it is run there. The body may run more than once.
    /// - Throws: `SQLError`, or what the body throws.
    @discardableResult
    func perform<Result>(_ operation: OperationContext, _ body: (WriteSession) throws -> Result) throws -> Result {
        try followingMoves { try TaskHooks(of: $0).perform(operation, body) }
    }

    /// Runs a body that writes, once more when the workspace is moved to another database meanwhile.
    func followingMoves<Result>(_ body: (OpenWorkspace) throws -> Result) throws -> Result {
        let result: Result
        do {
            result = try body(self)
        } catch let error as StoreError where error.code == .moved {
            result = try body(try reopened())
        }
        BackgroundSync.start(after: self)
        return result
    }

    /// A new operation of a caller.
    /// - Parameter command: What was typed, in a word or two.
    public func operation(_ command: String, of caller: Caller) -> OperationContext {
        OperationContext(
            id: environment.newID(), actor: caller.name, isAgent: caller.isAgent, command: command,
            now: environment.now())
    }
}
