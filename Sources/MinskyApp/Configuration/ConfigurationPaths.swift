import MinskyModel

/// Where settings are kept.
public struct ConfigurationPaths: Sendable {
    /// The workspace's file, or nil outside of a workspace.
    public let workspace: String?
    public let user: String
    /// The file for keys.
    public let secrets: String

    /// Finds the files; none of them need exist.
    /// - Throws: `AppError` when a workspace was named that is not there.
    public init(directory: String?, environment: Environment) throws {
        do {
            workspace = try Workspace.find(directory, in: environment).configurationPath
        } catch let error as AppError where error.code == .noWorkspace && directory == nil {
            workspace = nil
        }
        user = environment.configurationDirectory + "/config.toml"
        secrets = UserSecrets(environment: environment).path
    }

    /// The paths as the documented JSON object.
    public var json: JSON {
        ["workspace": .optional(workspace), "user": .string(user), "secrets": .string(secrets)]
    }
}
