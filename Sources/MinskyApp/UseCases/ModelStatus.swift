import MinskyAI
import MinskyModel

/// Tells which models are configured, without asking them.
public struct ModelStatus: Sendable {
    /// One of the two uses a model is put to.
    public struct Service: Sendable {
        public let provider: String
        /// Nil for the built-in provider, or when none is set.
        public let baseURL: String?
        public let model: String?
        /// Where the key comes from, or nil when none is sent.
        public let keySource: String?
        /// What is missing or refused, or nil when the service can be used.
        public let problem: String?

        fileprivate var json: JSON {
            [
                "provider": .string(provider), "baseUrl": .optional(baseURL), "model": .optional(model),
                "keySource": .optional(keySource), "problem": .optional(problem),
            ]
        }
    }

    /// Both services.
    public struct Result: Sendable {
        public let chat: Service
        public let embedding: Service
        /// The names of the playbooks the built-in planner knows.
        public let playbooks: [String]

        /// The services as the documented JSON object.
        public var json: JSON {
            ["chat": chat.json, "embedding": embedding.json, "playbooks": .array(playbooks.map(JSON.string))]
        }
    }

    /// Creates the request.
    public init() {}

    /// Reads the configuration.
    /// - Throws: `AIError` with code `.badPlaybook`; `AppError`.
    public func run(in workspace: OpenWorkspace) throws -> Result {
        let configuration = workspace.configuration
        let library = try PlaybookLibrary(own: try workspace.workspace.playbooks())
        return Result(
            chat: service(
                configuration.chatProvider, server: configuration.chatServer,
                model: configuration.chatModel,
                builtin: "playbooks"),
            embedding: service(
                configuration.embeddingProvider, server: configuration.embeddingServer,
                model: configuration.embeddingModel, builtin: BuiltinEmbedder().model),
            playbooks: library.playbooks.map(\.name).sorted())
    }

    private func service(
        _ provider: Provider, server: () throws -> ModelServer, model: () throws -> String, builtin: String
    ) -> Service {
        guard provider.isServer else {
            return Service(
                provider: provider.name, baseURL: nil, model: builtin, keySource: nil, problem: nil)
        }
        var problem: String?
        func attempt<Value>(_ body: () throws -> Value) -> Value? {
            do { return try body() } catch {
                problem = problem ?? "\(error)"
                return nil
            }
        }
        let found = attempt(server)
        let name = attempt(model)
        return Service(
            provider: provider.name, baseURL: found?.baseURL, model: name, keySource: found?.keySource?.text,
            problem: problem)
    }
}
