import MinskyAI
import MinskyModel

/// A model server as configured: the address, and the key that goes to it.
public struct ModelServer: Sendable {
    public var baseURL: String
    public var apiKey: String?
    /// Where the key comes from, or nil without one.
    public var keySource: Configuration.Source?
}

extension Configuration {
    /// Whether tasks are broken down by a model server rather than by the built-in planner.
    public var usesModelServer: Bool { value("ai.provider") == Endpoint.providerName }

    /// Whether embeddings come from a server.
    public var usesEmbeddingServer: Bool {
        value("ai.embedding.provider").map { $0 == Endpoint.providerName }
            ?? (usesModelServer && value("ai.embedding.model") != nil)
    }

    /// The chat model's name.
    /// - Throws: `AIError` with code `.notConfigured`.
    public func chatModel() throws -> String {
        try required("ai.model", example: "gpt-5-mini")
    }

    /// The embedding model's name.
    /// - Throws: `AIError` with code `.notConfigured`.
    public func embeddingModel() throws -> String {
        try required("ai.embedding.model", example: "text-embedding-3-small")
    }

    /// The server that breaks tasks down.
    /// - Throws: `AIError` with code `.notConfigured`; `AppError` with code `.refused` when the key may not go there.
    public func chatServer() throws -> ModelServer {
        let baseURL = try required("ai.baseUrl", example: "http://localhost:8080/v1")
        return try server(baseURL, addressKey: "ai.baseUrl", secretKeys: ["ai.apiKey"])
    }

    /// The server that makes embeddings: that of the chat model unless another is set.
    public func embeddingServer() throws -> ModelServer {
        guard let own = value("ai.embedding.baseUrl") else {
            let baseURL = try required("ai.baseUrl", example: "http://localhost:8080/v1")
            return try server(baseURL, addressKey: "ai.baseUrl", secretKeys: ["ai.embedding.apiKey", "ai.apiKey"])
        }
        let sharesHost = value("ai.baseUrl").flatMap(Address.host) == Address.host(of: own)
        return try server(
            own, addressKey: "ai.embedding.baseUrl",
            secretKeys: ["ai.embedding.apiKey"] + (sharesHost ? ["ai.apiKey"] : []))
    }

    private func required(_ name: String, example: String) throws -> String {
        guard let value = value(name) else {
            throw AIError(
                .notConfigured, "\(name) is not set; for example: minsky config set \(name) \(example)")
        }
        return value
    }

    /// Finds the key for an address and makes sure that it may go there.
    ///
    /// A workspace's file can come from anybody who shares the workspace. A key of the user's goes to an address from
    /// there only when it is this machine, or when the user has named its origin with `config set`.
    private func server(_ baseURL: String, addressKey: String, secretKeys: [String]) throws -> ModelServer {
        guard let host = Address.host(of: baseURL), let origin = Address.origin(of: baseURL) else {
            throw AIError(.notConfigured, "\(addressKey) is not an address")
        }
        var found: (key: String, source: Source)?
        for name in secretKeys where found == nil {
            if let setting = try? setting(name), let key = setting.value { found = (key, setting.source) }
        }
        if found == nil, let key = environment.variables["OPENAI_API_KEY"], !key.isEmpty {
            found = (key, .variable("OPENAI_API_KEY"))
        }
        guard let found else {
            if let secretsProblem { throw secretsProblem }
            return ModelServer(baseURL: baseURL, apiKey: nil, keySource: nil)
        }
        if let workspace, try setting(addressKey).source == .file(workspace.configurationPath),
            !Address.isLoopback(host),
            origin != "https://api.openai.com",
            try !UserSecrets(environment: environment).trustedOrigins().contains(origin)
        {
            throw AppError(
                .refused,
                "the workspace's config.toml asks to send your key (\(found.source.text)) to \(origin), which you have not approved",
                hint: "If you trust that server: minsky config set \(addressKey) '\(baseURL)'")
        }
        return ModelServer(baseURL: baseURL, apiKey: found.key, keySource: found.source)
    }

    /// Whether a text holds a key of the user's. What local servers are content with, such as `none`, is no secret: a key
    /// has at least 16 characters.
    func holdsKey(_ text: String) -> Bool {
        let keys = all.filter(\.key.isSecret).map(\.value) + [environment.variables["OPENAI_API_KEY"]]
        return keys.contains { key in key.map { $0.count >= 16 && text.contains($0) } ?? false }
    }

    /// The endpoint for a server, with the configured limits.
    func endpoint(_ server: ModelServer, onCall: @escaping @Sendable (CallReport) -> Void) -> Endpoint {
        Endpoint(
            baseURL: server.baseURL, apiKey: server.apiKey, idleTimeout: .seconds(number("ai.timeoutSeconds")),
            onCall: onCall)
    }

    /// The configured embedder.
    func embedder(onCall: @escaping @Sendable (CallReport) -> Void) throws -> any Embedder {
        guard usesEmbeddingServer else { return BuiltinEmbedder() }
        return EmbeddingClient(endpoint: endpoint(try embeddingServer(), onCall: onCall), model: try embeddingModel())
    }
}
